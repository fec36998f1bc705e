"""An attacker with the token of a household, or of an aggregator, tries every method of the facade.

It tries on its own devices, on those of others and on none, before and after others have devices: no answer tells.

Changes that succeed are made of nothing but what the devices have already, so that the two worlds stay the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any
from urllib.parse import quote

import pytest
from comparable_answers import REQUEST_HEADERS, ComparableAnswer, comparable, whole_text
from hidden_world import UNSEEN_FIELD, HiddenWorld, hidden_world
from stand import AGGREGATOR, BOB, PROSUMER, Caller, device

from registry.principal import Role

OTHERS = {
    Role.PROSUMER: ("00000000-a000-4000-8000-1c2d3e4f5a6b", "00000000-b000-4000-8000-2f6a1c9e4b7d"),
    Role.AGGREGATOR: ("00000000-b000-4000-8000-2f6a1c9e4b7d", "00000000-b000-4000-8000-1c2d3e4f5a6b"),
}
"""Devices of another household and of another aggregator, which there are only afterwards."""
MISSING = "00000000-c000-4000-8000-000000000000"
ACCEPTS = ("application/json", "application/xml", "text/turtle", "application/problem+json", "text/html")
LATER = "Fri, 01 Jan 2100 00:00:00 GMT"
OWN_TAG = "{own}"
_REPORT = re.compile(r"(urn:uuid:[0-9a-f-]{36})#result-")
"""The name of a validation report, another one each time."""
WHERES = (
    '{"%s": {"$exists": true}}', '{"%s": null}', '{"%s": {"$ne": "x"}}', '{"$nor": [{"%s": "x"}]}', '{"%s.x": 1}',
    '{"%s": {"$type": "string"}}', '{"%s": {"$size": 1}}', '{"%s": {"$gte": null}}', '{"%s": {"$regex": ""}}',
    '{"%s": {"$foo": 1}}',
    '%s!="x"', 'not %s=="x"', '%s==device_name', '"a"<%s<"z"', '%s', '%s in 1',
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """One request; in a header, OWN_TAG is the entity tag of the attacker's first device."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


def bodies(world: HiddenWorld, target: str) -> Iterator[bytes]:
    """Yield what to write: hidden fields in each form, what the role may not change, and what is no document."""
    unseen = UNSEEN_FIELD[world.caller.role]
    documents: list[Any] = [
        {}, {unseen: "x"}, {unseen: ["x"]}, {unseen: None}, {unseen: {"x": 1}}, {f"{unseen}.x": 1}, {unseen: "canary"},
        {"device_id": target}, {"account_id": BOB}, {"aggregator_id": "coop-b.example"}, {"device_class": "dhwDevice"},
        {unseen: "x", "availability": "maybe"}, {"_updated": "2020-01-01T00:00:00.000000Z"}, {"_etag": "x"},
        device(1, device_id=target), device(1, device_id=target, **{unseen: "x"}), [device(1, device_id=target)],
        [device(1, device_id=target), device(2, device_id=MISSING)], [], None, 5,
    ]  # fmt: skip
    yield from (json.dumps(each).encode() for each in documents)
    yield from (b"{", b"\xff", b"", f'{{"{unseen}": NaN}}'.encode())


def attempts(world: HiddenWorld) -> Iterator[Attempt]:
    for target in (world.own[0], *OTHERS[world.caller.role], MISSING):
        yield from _reads(target)
        yield from _writes(world, target)
    unseen = UNSEEN_FIELD[world.caller.role]
    for accept in ACCEPTS:
        for text in WHERES:
            yield Attempt("GET", f"/1/devices?where={quote(text.replace('%s', unseen))}", {"Accept": accept})
        for query in (
            f"sort={unseen}",
            f"sort=-{unseen}",
            f'projection={{"{unseen}":1}}',
            f"projection={{{unseen}:0}}",
        ):
            yield Attempt("GET", f"/1/devices?{quote(query, safe='=')}", {"Accept": accept})
            yield Attempt("HEAD", f"/1/devices?{quote(query, safe='=')}", {"Accept": accept})


def _reads(target: str) -> Iterator[Attempt]:
    path = f"/1/devices/{target}"
    for method in ("GET", "HEAD", "OPTIONS", "TRACE", "POST"):
        for accept in ACCEPTS:
            yield Attempt(method, path, {"Accept": accept})
    for condition in (
        {"If-None-Match": "*"},
        {"If-None-Match": OWN_TAG},
        {"If-Modified-Since": LATER},
        {"If-Match": "*"},
    ):
        yield Attempt("GET", path, condition)
    for odd in (path.upper().replace("DEVICES", "devices"), f"{path}/", f"{path}?projection=[1]", f"{path}/status"):
        yield Attempt("GET", odd)


def _writes(world: HiddenWorld, target: str) -> Iterator[Attempt]:
    item = f"/1/devices/{target}"
    kind = {"Content-Type": "application/json"}
    for body in bodies(world, target):
        for match in ({}, {"If-Match": OWN_TAG}, {"If-Match": "*"}, {"If-Match": '"x"'}):
            for method in ("PATCH", "PUT", "DELETE"):
                yield Attempt(method, item, {**kind, **match}, body)
            yield Attempt("POST", item, {**kind, **match, "X-HTTP-Method-Override": "PATCH"}, body)
        for accept in ACCEPTS:
            yield Attempt("POST", "/1/devices", {**kind, "Accept": accept}, body)
            yield Attempt("PATCH", item, {**kind, "Accept": accept, "If-Match": OWN_TAG}, body)


def make(world: HiddenWorld, attempt: Attempt, tag: str) -> tuple[ComparableAnswer, str]:
    headers = {name: value.replace(OWN_TAG, tag) for name, value in attempt.headers.items()}
    answer = world.stand.call(
        attempt.method,
        attempt.path,
        world.caller,
        headers={**REQUEST_HEADERS, "Accept": "*/*", **headers},
        data=attempt.body,
    )
    seen = comparable(answer, ordered=True)
    report = set(_REPORT.findall("".join(seen.body)))
    lines = (reduce(lambda text, name: text.replace(name, "report"), report, line) for line in seen.body)
    return replace(seen, body=tuple(lines)), whole_text(answer)


@pytest.mark.parametrize("caller", [AGGREGATOR, PROSUMER], ids=lambda caller: caller.role)
def test_no_attempt_tells_of_what_is_hidden(caller: Caller, tmp_path_factory: pytest.TempPathFactory) -> None:
    with hidden_world(tmp_path_factory.mktemp("world"), caller) as world:
        tried = list(attempts(world))
        tag = world.stand.etag(world.own[0], caller)
        before = [make(world, each, tag)[0] for each in tried]
        secrets = world.hide(tempting=False)
        assert world.stand.get(f"/1/devices/{OTHERS[caller.role][0]}").status_code == 200
        dump = world.stand.dump()
        after = [make(world, each, tag) for each in tried]
        assert world.stand.dump() == dump
    changed = [f"{each}\n{was}\n{now}" for each, was, (now, _) in zip(tried, before, after, strict=True) if was != now]
    assert not changed, f"{len(changed)} of {len(tried)}:\n" + "\n".join(changed[:5])
    shown = [
        (each, secret) for each, (_, text) in zip(tried, after, strict=True) for secret in secrets if secret in text
    ]
    assert not shown, shown[:3]
    assert all(was.status < 500 for was in before)
    assert {was.status for was in before} >= {200, 304, 400, 403, 404, 405, 412, 422, 428}
