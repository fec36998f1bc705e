"""Writers that change devices side by side until they are killed, and say of each change that it was acknowledged.

A line is in the pipe when `say` returns: whatever becomes of this process then, the one at the other end has it.
"""

from __future__ import annotations

import json
import os
import random
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from ledger import Ledger
from models import MODELS
from stand import ALICE, BOB, A, B, Stand, device

from registry.access import placement
from registry.clock import Clock
from registry.devices.documents import to_triples
from registry.journal import Entry, Kind
from registry.journal.entry import OPERATOR
from registry.journal.state import text_of, views
from sparql.nquads import to_nquads
from sparql.terms import Iri, Quad

WRITERS = 4
DEVICES = 6
"""Of each writer; the last three of them are created together."""


@dataclass(slots=True)
class Pipe:
    """Where to say what happens."""

    descriptor: int
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, said: str, **more: Any) -> None:
        """Say something in one line."""
        data = (json.dumps({"said": said, **more}) + "\n").encode()
        with self.lock:
            while data:
                data = data[os.write(self.descriptor, data) :]


class Writer:
    """Changes its own devices, one request after another.

    Args:
        name: what marks begin with, of this run alone.
        number: which devices it has.
        stand: the registry.
        ledger: the entity tags to begin with.
        pipe: where to say what happens.
    """

    def __init__(self, name: str, number: int, stand: Stand, ledger: Ledger, pipe: Pipe) -> None:
        self.name = f"{name}-{number}"
        self._ids = [device(100 * number + each)["device_id"] for each in range(1, DEVICES + 1)]
        self._tags = {each: ledger.tags.get(each) for each in self._ids}
        self._random = random.Random(self.name)
        self._stand = stand
        self._pipe = pipe
        self._marks = (f"{self.name}-{each}" for each in count())

    def write(self) -> None:
        """Write until killed."""
        try:
            while True:
                self._write_once()
        except Exception:  # noqa: BLE001  whatever it is, it is wrong
            self._pipe.say("wrong", what=traceback.format_exc())

    def _write_once(self) -> None:
        single, together = self._ids[:-3], self._ids[-3:]
        chosen = self._random.choice([*single, together])
        if isinstance(chosen, list):
            self._together(chosen)
        elif self._tags[chosen] is None:
            self._create([chosen])
        else:
            self._random.choices([self._patch, self._put, self._delete], (6, 2, 1))[0](chosen)

    def _together(self, ids: list[str]) -> None:
        gone = [each for each in ids if self._tags[each] is None]
        if len(gone) == len(ids):
            self._create(ids)
        else:
            self._delete(next(each for each in ids if each not in gone))

    def _create(self, ids: list[str]) -> None:
        documents = [self._document(each) for each in ids]
        body = documents if len(documents) > 1 else documents[0]
        self._ask({each["device_id"]: each["device_name"] for each in documents}, "POST", "/1/devices", json=body)

    def _patch(self, chosen: str) -> None:
        mark = next(self._marks)
        changes = {"device_name": mark, "max_capacity": self._random.randrange(10_000)}
        self._ask({chosen: mark}, "PATCH", f"/1/devices/{chosen}", json=changes, headers=self._match(chosen))

    def _put(self, chosen: str) -> None:
        document = self._document(chosen)
        self._ask(
            {chosen: document["device_name"]},
            *("PUT", f"/1/devices/{chosen}"),
            json=document,
            headers=self._match(chosen),
        )

    def _delete(self, chosen: str) -> None:
        self._ask({chosen: None}, "DELETE", f"/1/devices/{chosen}", headers=self._match(chosen))

    def _match(self, chosen: str) -> Mapping[str, str]:
        return {"If-Match": self._tags[chosen] or ""}

    def _document(self, chosen: str) -> dict[str, Any]:
        owner = self._random.choice(
            [{"aggregator_id": A, "account_id": ALICE}, {"aggregator_id": B, "account_id": BOB}]
        )
        kind = self._random.choice(["heatPump", "pvDevice"])
        return {**device(1, device_id=chosen, device_name=next(self._marks), device_class=kind), **owner}

    def _ask(self, wanted: Mapping[str, str | None], method: str, path: str, **request: Any) -> None:
        self._pipe.say("begin", writer=self.name, wanted=wanted, model=None)
        answer = self._stand.call(method, path, **request)
        if answer.status_code in {503, 507}:
            if "nothing was changed" not in answer.text:  # it stays in doubt, and so there is nothing more to do
                threading.Event().wait()
            self._pipe.say("refused", writer=self.name)
            return
        if answer.status_code not in {200, 201, 204}:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        items = [] if answer.status_code == 204 else (answer.json or {}).get("_items", [answer.json])
        tags = {**dict.fromkeys(wanted), **{item["device_id"]: f'"{item["_etag"]}"' for item in items}}
        self._tags.update(tags)
        self._pipe.say("acknowledged", writer=self.name, tags=tags)


def write(stand: Stand, ledger: Ledger, pipe: Pipe, name: str) -> None:
    """Write until killed."""
    writers = [Writer(name, number, stand, ledger, pipe) for number in range(WRITERS)]
    threads = [threading.Thread(target=each.write, daemon=True) for each in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def write_and_publish(stand: Stand, ledger: Ledger, pipe: Pipe, name: str) -> None:
    """Write, and put another model in force again and again, until killed."""
    threading.Thread(target=write, args=(stand, ledger, pipe, name), daemon=True).start()
    publisher, in_force = stand.components.publisher, stand.components.in_force
    while True:
        (files,) = (each for each in MODELS if each.digest != in_force.edition.name)
        pipe.say("begin", writer="publisher", wanted={}, model=files.digest)
        publisher.publish(files, "tests")
        pipe.say("acknowledged", writer="publisher", tags={})


def load(stand: Stand, ledger: Ledger, pipe: Pipe, name: str) -> None:
    """Load devices as an import does, some at a time, until there are no more; then wait to be killed."""
    profile, recorder = stand.components.profile, stand.components.recorder
    model, clock = stand.components.in_force.edition.name, Clock(last=recorder.journal.last_time())
    numbers = [each for each in range(1_000, 1_030) if ledger.tags.get(device(each)["device_id"]) is None]
    for some in (numbers[start : start + 3] for start in range(0, len(numbers), 3)):
        entries: list[Entry] = []
        quads: set[Quad] = set()
        wanted: dict[str, str | None] = {}
        for number in some:
            now = clock.text()
            document = {**device(number, device_name=f"{name}-{number}"), "_created": now, "_updated": now}
            triples = to_triples(profile, document, Iri(f"urn:uuid:{document['device_id']}"))
            placed = placement(profile, triples)
            quads |= placed
            wanted[document["device_id"]] = document["device_name"]
            entries.append(
                Entry(
                    kind=Kind.IMPORT,
                    time=now,
                    author=OPERATOR,
                    model=model,
                    device=document["device_id"],
                    after=text_of(profile, triples),
                    seen=views((), placed),
                )
            )
        pipe.say("begin", writer="loader", wanted=wanted, model=None)
        recorder.load(entries, to_nquads(quads))
        pipe.say("acknowledged", writer="loader", tags={each: stand.etag(each) for each in wanted})
    threading.Event().wait()
