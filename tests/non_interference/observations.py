"""Makes the same requests before and after hidden data is added, and keeps what came back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import quote

from comparable_answers import REQUEST_HEADERS, ComparableAnswer, comparable, whole_text
from generated_listings import ListingGenerator
from generated_queries import QueryGenerator, Vocabulary
from hidden_world import UNSEEN_FIELD, HiddenWorld
from stand import B

from registry.access import MODEL
from registry.profile.codecs import DATE_FORMAT
from sparql.terms import TYPE, Iri, Literal

SEED = 20_240_601
_OTHERS = ("00000000-b000-4000-8000-2f6a1c9e4b7d", "00000000-a000-4000-8000-1c2d3e4f5a6b")
"""Devices that are hidden from one role at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request by GET or, when it has a text, by POST.

    Attributes:
        group: what it is about.
        path: where it goes.
        parameters: of the query string.
        text: a query that is its body.
        ordered: whether the lines of the answer have an order.
    """

    group: str
    path: str
    parameters: tuple[tuple[str, str], ...] = ()
    text: str | None = None
    ordered: bool = True

    def holds(self, text: str) -> bool:
        """Tell whether the request itself has `text` in it."""
        return any(text in part for part in (self.path, self.text or "", *map("=".join, self.parameters)))


@dataclass(frozen=True, slots=True)
class Observation:
    """A request with its answers: without and with the hidden data, and all of the latter's text."""

    asked: Asked
    before: ComparableAnswer
    after: ComparableAnswer
    shown: str

    @property
    def found(self) -> bool:
        """Whether the query found something: solutions that are not just a count of none, triples, or a yes."""
        if self.asked.text is None or self.after.status != 200:
            return False
        rows = [line for line in self.after.body if not line.startswith('{"boolean": false') and '{"head"' not in line]
        return any('"value": "0"' not in row for row in rows)


def observe(world: HiddenWorld, requests: Sequence[Asked]) -> tuple[list[Observation], list[str]]:
    """Make all requests twice, as the world's caller; return what was seen, and the texts that nobody may see."""
    before = [ask(world, asked)[0] for asked in requests]
    secrets = world.hide()
    after = [ask(world, asked) for asked in requests]
    return [Observation(*each) for each in zip(requests, before, *zip(*after, strict=True), strict=True)], secrets


def ask(world: HiddenWorld, asked: Asked) -> tuple[ComparableAnswer, str]:
    """Make one request; return its answer as it compares, and as it was."""
    query_string = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.parameters)
    if asked.text is None:
        response = world.stand.get(
            asked.path, world.caller, query_string=query_string, headers={**REQUEST_HEADERS, "Accept": "*/*"}
        )
    else:
        headers = {**REQUEST_HEADERS, "Content-Type": "application/sparql-query"}
        response = world.stand.call(
            "POST", asked.path, world.caller, query_string=query_string, data=asked.text.encode(), headers=headers
        )
    seen = comparable(response, ordered=asked.ordered), whole_text(response)
    response.close()  # this writes the request's line into the log
    return seen


def requests(world: HiddenWorld, queries: int, listings: int) -> list[Asked]:
    """Return what is asked: so many generated queries and listings, and everything else that there is to ask."""
    return [
        *_past(world),
        *_queries(world, queries),
        *_listings(world, listings),
        *_places(world),
        *_items(world),
        *_graphs(world),
    ]


def vocabulary(world: HiddenWorld) -> Vocabulary:
    """Return what queries of the world's caller are made of."""
    visible = world.visible()
    classes = sorted({triple.object for triple in visible if triple.predicate == TYPE}, key=str)
    nodes = sorted({node for triple in visible for node in (triple.subject, triple.object) if isinstance(node, Iri)})
    devices = [Iri(f"urn:uuid:{device_id}") for device_id in world.own]
    strangers = [Iri(f"urn:canary-{number}-node") for number in range(1, 4)]
    unseen = world.stand.components.profile.fields[UNSEEN_FIELD[world.caller.role]].predicate
    times = Counter(each.predicate for each in visible)
    common = [predicate for predicate, count in times.items() if count >= len(world.own)]
    return Vocabulary(
        predicates=[*common * 3, *sorted({triple.predicate for triple in visible}), unseen],
        classes=[each for each in classes if isinstance(each, Iri)],
        nodes=[*devices * 3, *nodes, *strangers, Iri("urn:uuid:00000000-b000-4000-8000-2f6a1c9e4b7d")],
        facts=sorted((each.predicate, each.object) for each in visible if isinstance(each.object, Literal)),
        rare=[*sorted(times.keys() - set(common)), unseen, unseen],
        graphs=[world.view] * 12 + [*MODEL, *world.hidden, *world.missing],
    )


def _queries(world: HiddenWorld, number: int) -> Iterator[Asked]:
    generator = QueryGenerator(vocabulary(world), Random(SEED))
    for _ in range(number):
        query = generator.draw()
        yield Asked(
            group="queries", path="/sparql", parameters=query.parameters, text=query.text, ordered=query.ordered
        )


def _listings(world: HiddenWorld, number: int) -> Iterator[Asked]:
    fields = [field.name for field in world.stand.components.profile.visible(world.caller.role)]
    documents = world.stand.get("/1/devices", world.caller).get_json()["_items"]
    values = [value for document in documents for value in document.values() if isinstance(value, str | int | float)]
    generator = ListingGenerator(fields, [*values, B], Random(SEED))
    yield Asked(group="listings", path="/1/devices", parameters=(("max_results", "300"),))
    for _ in range(number):
        yield Asked(group="listings", path="/1/devices", parameters=tuple(generator.draw().items()))


def _places(world: HiddenWorld) -> Iterator[Asked]:
    """Ask for the devices around those that the caller sees; hidden ones stand at the very same places."""
    documents = world.stand.get("/1/devices", world.caller).get_json()["_items"]
    points = {repr(each["location"]): each["location"] for each in documents if "location" in each}
    shapes: list[dict[str, Any]] = []
    for point in points.values():
        shapes += [
            {"$near": {"$geometry": point, "$maxDistance": metres, "$minDistance": least}}
            for metres, least in ((0, 0), (5_000, 0), (2e7, 0), (5_000, 1))
        ]
        shapes.append({"$geoWithin": {"$centerSphere": [point["coordinates"], 0.001]}})
    for shape in shapes:
        for conditions in ({}, {"availability": "yes"}, {"max_capacity": {"$gt": 1}}):
            where = json.dumps({"location": shape, **conditions})
            yield Asked(group="places", path="/1/devices", parameters=(("where", where), ("max_results", "2")))


def _items(world: HiddenWorld) -> Iterator[Asked]:
    for device_id in (*world.own, *_OTHERS):
        yield Asked(group="items", path=f"/1/devices/{device_id}")


def _graphs(world: HiddenWorld) -> Iterator[Asked]:
    yield Asked(group="graphs", path="/sparql", ordered=False)
    yield Asked(group="graphs", path="/rdf-graph-store", parameters=(("default", ""),), ordered=False)
    for graph in (world.view, *world.hidden, *world.missing):
        yield Asked(group="graphs", path="/rdf-graph-store", parameters=(("graph", graph),), ordered=False)


def _past(world: HiddenWorld) -> Iterator[Asked]:
    """Ask about the past of the caller's devices, after each was changed once, and about that of hidden ones."""
    moments = []
    for number, device_id in enumerate(world.own):
        moments.append(datetime.now(UTC).strftime(DATE_FORMAT))
        reply = world.stand.patch(device_id, {"device_name": f"name {number}", "availability": "no"}, world.caller)
        assert reply.status_code == 200, reply.get_data(as_text=True)
    span = (("from", moments[0]), ("to", datetime.now(UTC).strftime(DATE_FORMAT)))
    for device_id in (*world.own, *_OTHERS):
        path = f"/1/devices/{device_id}"
        for query in ((), (("max_results", "1"),), (("before", "3"),)):
            yield Asked(group="past", path=f"{path}/history", parameters=query)
        for points in ((), (("points", "3"),)):
            yield Asked(group="past", path=f"{path}/status/history", parameters=(*span, *points))
        for moment in (moments[0], moments[-1], "2001-01-01T00:00:00Z"):
            yield Asked(group="past", path=path, parameters=(("at", moment),))
    listings = ('{"availability": "no"}', '{"device_name": {"$regex": "name"}}', '{"max_capacity": {"$gt": 1}}')
    for moment in (moments[0], moments[len(moments) // 2], moments[-1]):
        yield Asked(group="past", path="/1/devices", parameters=(("at", moment),))
        for where in listings:
            parameters = (("at", moment), ("where", where), ("sort", "-device_name"), ("max_results", "2"))
            yield Asked(group="past", path="/1/devices", parameters=parameters)


def changed(observations: Iterable[Observation]) -> list[str]:
    """Return a line for each answer that changed."""
    return [_line(each) for each in observations if each.before != each.after]


def _line(observation: Observation) -> str:
    before, after = observation.before, observation.after
    lines = set(after.body).symmetric_difference(before.body), set(after.headers).symmetric_difference(before.headers)
    return f"{observation.asked}\n  {before.status} -> {after.status}: {[sorted(each)[:4] for each in lines]}"
