"""The queries of the W3C's tests, on their own data: answers don't depend on what is hidden beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pytest
from hidden_world import HiddenWorld, hidden_world
from observations import Asked, ask
from stand import AGGREGATOR, PROSUMER
from temptation import canaries

from conformance import engine
from conformance.__main__ import find_tests
from conformance.evaluation import FOLDERS
from conformance.manifest import Case, read_cases
from sparql.terms import Iri

ROOT = find_tests()
pytestmark = pytest.mark.skipif(ROOT is None, reason="the W3C's tests are not here: see docs/conformance.md")
_VARYING = ("RAND", "UUID", "NOW(", "BNODE")


@pytest.fixture(scope="module", params=[AGGREGATOR, PROSUMER], ids=lambda caller: caller.role)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HiddenWorld]:
    with hidden_world(tmp_path_factory.mktemp("world"), request.param) as running:
        yield running


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_answer_changes(world: HiddenWorld, folder: str) -> None:
    assert ROOT is not None
    cases = [case for case in read_cases(ROOT, folder) if not any(word in case.query.upper() for word in _VARYING)]
    differing = []
    for _, alike in groupby(sorted(cases, key=_data), key=_data):
        differing += _differing(world, list(alike))
    assert not differing, "\n".join(differing[:5])


def _data(case: Case) -> tuple[list[str], list[str]]:
    return list(map(str, case.data)), sorted(case.graphs)


def _differing(world: HiddenWorld, cases: Sequence[Case]) -> list[str]:
    """Ask the queries of cases with the same data without and with hidden data; say what differs or shows."""
    requests = [asked for case in cases for asked in _requests(world, case)]
    world.show(_ntriples(cases[0].data), [Iri(name) for name in cases[0].graphs])
    before = [ask(world, asked)[0] for asked in requests]
    for name, path in cases[0].graphs.items():
        world.store.replace_graph(Iri(name), _ntriples([path]))
    world.tempt(world.visible())
    after = [ask(world, asked) for asked in requests]
    triples = zip(requests, before, after, strict=True)
    changed = [f"{asked}\n  {old}\n  {new}" for asked, old, (new, _) in triples if old != new]
    return [*changed, *_leaks(world, requests, [text for _, text in after])]


def _ntriples(files: Iterable[Path]) -> str:
    """Return the triples of files with IRIs in the place of blank nodes, which are others in each copy of a store."""
    return re.sub(r"(^|(?<= ))_:(\w+)", r"<urn:blank:\2>", engine.ntriples(files), flags=re.MULTILINE)


def _requests(world: HiddenWorld, case: Case) -> Iterator[Asked]:
    """Yield the query for several datasets: its role's own, hidden ones, and both."""
    ordered = "ORDER BY" in case.query.upper()
    text = f"BASE <{case.base}>\n{case.query}"
    own, *others = (str(world.view), *case.graphs, str(world.hidden[0]))
    named = tuple(("named-graph-uri", name) for name in others)
    for parameters in (
        (("default-graph-uri", own),),
        (("default-graph-uri", own), ("default-graph-uri", others[-1]), *named),
        (("default-graph-uri", others[-1]), ("named-graph-uri", own), *named),
    ):
        yield Asked(group=case.id, path="/sparql", parameters=parameters, text=text, ordered=ordered)


def _leaks(world: HiddenWorld, requests: Sequence[Asked], shown: Sequence[str]) -> list[str]:
    return [
        f"{secret} shows in {text}"
        for asked, text in zip(requests, shown, strict=True)
        for secret in canaries(world.hidden)
        if secret in text and not asked.holds(secret)
    ]
