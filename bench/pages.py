"""pages: listings of an aggregator: repeated, after changes elsewhere, and after changes that the answer depends on.

Beside them Eve, the former registry, on an in-memory stand-in for MongoDB (`peers/eve.py`), with the same devices. Its
pages are compared with the registry's at first, before anything is changed; it is not asked where they differ.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle
from urllib.parse import urlencode

from bench.changes import Change, Changes
from bench.connection import Answer
from bench.contenders import Contender
from bench.peers import eve
from bench.result import Bench, Figures, Result
from bench.stand import Known, Stand
from bench.turns import WARM_UP, same_size

PAGE = 25
DEEP = 1_000
"""The page far back, or the last one where there are fewer."""
METRES = 5_000
FEW = 3
"""Rounds of Eve, which takes seconds for a request on the stand-in."""


@dataclass(frozen=True, slots=True)
class Case:
    """A row: which listing, and what happens before each request.

    Attributes:
        listing: its name among the listings.
        when: for the report.
        target: what its median should stay under, in ms.
        change: made before each request, not timed.
        elsewhere: whether each request is about another device's place.
    """

    listing: str
    when: str
    target: float | None
    change: Change | None = None
    elsewhere: bool = False

    @property
    def name(self) -> str:
        """The row's name without who is asked."""
        return f"{self.listing}, {self.when}"


CASES = (
    Case("first page", "repeated", 5),
    Case("first page", "after a change elsewhere", 5, Changes.elsewhere),
    Case("first page", "after a device came or went", None, Changes.in_number),
    Case("filtered and sorted", "repeated", 5),
    Case("filtered and sorted", "after a change elsewhere", 5, Changes.elsewhere),
    Case("filtered and sorted", "after a change in the order", 150, Changes.in_order),
    Case("filtered and sorted", "after a change in the filter", 150, Changes.in_filter),
    Case(f"page {DEEP:,}", "repeated", 5),
    Case(f"page {DEEP:,}", "after a device came or went", None, Changes.in_number),
    Case("within 5 km", "repeated", 5),
    Case("within 5 km", "after a device moved", 10, Changes.in_place),
    Case("within 5 km", "another place after a change elsewhere", 10, Changes.elsewhere, elsewhere=True),
    Case("within 5 km", "another place after a device moved", 10, Changes.in_place, elsewhere=True),
)


def paths(size: int) -> dict[str, Callable[[Known], str]]:
    """Give the listings by name: the path of each, seen from a device."""

    def path(_: Known | None = None, **parameters: object) -> str:
        return f"/1/devices?{urlencode({'max_results': PAGE, **parameters})}"

    def near(device: Known) -> str:
        point = {"type": "Point", "coordinates": [device.longitude, device.latitude]}
        return path(where=json.dumps({"location": {"$near": {"$geometry": point, "$maxDistance": METRES}}}))

    return {
        "first page": path,
        "filtered and sorted": lambda _: path(where='{"availability":"yes"}', sort="-max_capacity"),
        f"page {DEEP:,}": lambda _: path(page=min(DEEP, max(1, size // PAGE))),
        "within 5 km": near,
    }


def measure(stand: Stand) -> Iterator[Result]:
    """Ask as the aggregator of the first known device, in turn with the yardstick and Eve."""
    first = stand.known[0]
    devices = [device for device in stand.known if device.aggregator_id == first.aggregator_id]
    headers = stand.headers("aggregator", first)
    listings = paths(stand.options.devices // stand.options.aggregators)
    registry = Contender("registry", lambda path: stand.registry.ask("GET", path, headers=headers), 0)
    changes = Changes(stand, devices)
    with ExitStack() as parts:
        peers = [Contender(eve.NAME, ask, FEW, optional=True) for ask in _eve(stand, first, parts)]
        notes = {name: _differences(path(first), registry, peers) for name, path in listings.items()}
        for case in CASES:
            asked = [
                replace(peer, seconds=[], note=note) for peer, note in zip(peers, notes[case.listing], strict=True)
            ]
            places = cycle(devices if case.elsewhere else [first])
            yield from _rounds(stand, case, map(listings[case.listing], places), registry, asked, changes)
            changes.undo()


def _eve(stand: Stand, device: Known, parts: ExitStack) -> Iterator[Callable[[str], Answer]]:
    if eve.installed():
        stand.say(f"starting {eve.NAME}")
        yield parts.enter_context(eve.served(stand.documents, device.aggregator_id, stand.folder / "eve.log"))
    else:
        stand.say(f"no rows of {eve.NAME}: it is not installed; it comes with the dependencies for development")


def _differences(path: str, registry: Contender, peers: Sequence[Contender]) -> list[str]:
    """Let each peer answer once, and say why it is not measured; "" where it is."""
    expected = _shown(registry.ask(path))
    notes = []
    for peer in peers:
        answer = peer.take(path)
        notes.append(
            "gives no answer" if answer is None else "" if _shown(answer) == expected else "gives another page"
        )
        peer.note = ""
    return notes


def _shown(answer: Answer) -> tuple[int, list[str]]:
    page = json.loads(answer.body)
    return page["_meta"]["total"], [each["device_id"] for each in page["_items"]]


def _rounds(  # noqa: PLR0913, PLR0917  who is asked what, and what happens in between
    stand: Stand,
    case: Case,
    asked: Iterator[str],
    registry: Contender,
    peers: Sequence[Contender],
    changes: Changes,
) -> Iterator[Result]:
    """Change, ask the registry, the yardstick and the peers, again and again."""
    limits = stand.options.limits
    yardstick = same_size(stand.yardstick)
    theirs: list[float] = []
    subject = replace(registry, rounds=limits.requests, seconds=[])
    warm = min(WARM_UP, limits.requests)
    while warm or subject.goes_on(limits.seconds):
        path = next(asked)
        if case.change:
            case.change(changes)
        answer = subject.ask(path)
        if warm:
            warm -= 1
            yardstick(answer)
            continue
        subject.seconds.append(answer.seconds)
        theirs.append(yardstick(answer).seconds)
        for peer in [peer for peer in peers if peer.goes_on(limits.seconds)]:
            peer.take(path)
    figures = Figures.of(subject.seconds), Figures.of(theirs)
    yield Result(f"{case.name}, registry", "requests", *figures, _judged(case, figures[0].median))
    for peer in peers:
        figures = Figures.of(peer.seconds), Figures.of(theirs[: len(peer.seconds) or None])
        yield Result(f"{case.name}, {peer.name}", "requests", *figures, peer.note)


def _judged(case: Case, median: float | None) -> str:
    if case.target is None or median is None:
        return ""
    return f"target {case.target:.0f} ms: {'met' if median < case.target else 'missed'}"


BENCH = Bench("pages", "listings of an aggregator after changes, beside Eve", measure)
