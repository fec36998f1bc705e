"""What a restricted role is answered does not depend on data outside of its view, by whichever door it asks.

NON_INTERFERENCE_QUERIES and NON_INTERFERENCE_LISTINGS make more requests: `make test-long` sets them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO

import pytest
from hidden_world import hidden_world
from observations import Observation, changed, observe, requests
from stand import AGGREGATOR, PROSUMER, SERVICE, Caller

from registry.http.request_log import JsonFormatter

QUERIES, LISTINGS = 200, 80
COUNT_CANARIES = 'SELECT ?o { GRAPH ?g { ?s ?p ?o FILTER CONTAINS(STR(?o), "canary") } }'


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that one role was shown."""

    observations: list[Observation]
    secrets: list[str]
    log: str
    canaries: int


@contextmanager
def _logged() -> Iterator[StringIO]:
    """Collect what the registry logs while this lasts, at the level of production."""
    root, stream = logging.getLogger(), StringIO()
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@pytest.fixture(scope="module", params=[AGGREGATOR, PROSUMER], ids=lambda caller: caller.role)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    caller: Caller = request.param
    queries = int(os.environ.get("NON_INTERFERENCE_QUERIES", QUERIES))
    listings = int(os.environ.get("NON_INTERFERENCE_LISTINGS", LISTINGS))
    with hidden_world(tmp_path_factory.mktemp("world"), caller) as world:
        asked = requests(world, queries, listings)
        with _logged() as log:
            observations, secrets = observe(world, asked)
        headers = {"Accept": "text/csv", "Content-Type": "application/sparql-query"}
        found = world.stand.call("POST", "/sparql", SERVICE, data=COUNT_CANARIES.encode(), headers=headers)
        yield Seen(observations, secrets, log.getvalue(), found.get_data().count(b"canary"))


@pytest.mark.parametrize("group", ["queries", "listings", "places", "items", "graphs", "past"])
def test_no_answer_changes(seen: Seen, group: str) -> None:
    observations = [each for each in seen.observations if each.asked.group == group]
    assert observations
    differing = changed(observations)
    assert not differing, f"{len(differing)} of {len(observations)} answers changed:\n" + "\n".join(differing[:5])


def test_no_canary_shows_in_a_body_a_header_or_an_error(seen: Seen) -> None:
    shown = [
        (secret, each.asked)
        for each in seen.observations
        for secret in seen.secrets
        if secret in each.shown and not each.asked.holds(secret)
    ]
    assert not shown


def test_no_canary_shows_in_the_log(seen: Seen) -> None:
    assert seen.log.count('"path"') > len(seen.observations)
    assert not [secret for secret in seen.secrets if secret in seen.log]


def test_the_canaries_are_there_for_who_may_see_them(seen: Seen) -> None:
    """Guards the tests above: a world without hidden data would pass them too."""
    assert seen.canaries > 100


def test_the_questions_find_something(seen: Seen) -> None:
    """Guards the tests above: queries that find nothing in any world would pass them too."""
    queries = [each for each in seen.observations if each.asked.group == "queries"]
    assert sum(each.after.status == 200 for each in queries) > 0.9 * len(queries)
    assert sum(each.found for each in queries) > 0.2 * len(queries)
    places = [each for each in seen.observations if each.asked.group == "places"]
    assert len(places) > 10
    assert all('"total":' in "".join(each.after.body) for each in places)
    assert sum('"total":0' not in "".join(each.after.body).replace(" ", "") for each in places) > 0.5 * len(places)
    past = [each for each in seen.observations if each.asked.group == "past"]
    assert {each.after.status for each in past} == {200, 404, 410}
    assert sum(each.after.status == 200 for each in past) > 0.5 * len(past)
