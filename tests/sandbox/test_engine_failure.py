"""A defect of the engine that a query meets: told apart from what the query does wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.households import sample_devices
from registry.access import DEVICES, placement
from registry.devices.documents import device_iri, to_triples
from registry.profile import Profile
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.query_engine import EngineFailure, Limits, Query, ResultKind
from sparql.sandbox import Sandbox, SandboxSettings

MANY_KINDS = "SELECT ?value WHERE { ?device ?predicate ?value } ORDER BY ?device ?value"
LIMITS = Limits(seconds=20, rows=10**6, size=10**8)
NOW = "2026-11-23T06:39:22.000000Z"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory, profile: Profile) -> Iterator[Sandbox]:
    """A sandbox over the sample devices."""
    folder = tmp_path_factory.mktemp("failure")
    store = EmbeddedStore(folder / "store")
    for document in sample_devices():
        iri = device_iri(document["device_id"])
        assert iri is not None
        dated = {**document, "_created": NOW, "_updated": NOW}
        store.apply(ChangeSet(added=placement(profile, to_triples(profile, dated, iri))))
    sandbox = Sandbox(store, folder / "sandbox", SandboxSettings(workers=1))
    yield sandbox
    sandbox.close()
    store.close()


def ask(sandbox: Sandbox, text: str) -> int:
    tsv = {ResultKind.BINDINGS: "text/tab-separated-values"}
    query = Query(text=text, dataset=DatasetDescription((DEVICES,)), media_types=tsv)
    result = sandbox.run(query, LIMITS, id=text, owner="tests", most_running=1)
    if result.file is not None:
        result.file.close()
    return result.rows


def test_a_panic_is_told_as_what_it_is_and_the_next_query_works(sandbox: Sandbox) -> None:
    with pytest.raises(EngineFailure, match=r"ORDER BY STR\(\?value\)"):
        ask(sandbox, MANY_KINDS)
    assert ask(sandbox, MANY_KINDS.replace("ORDER BY ?device ?value", "")) > 1000


def test_the_way_around_that_the_message_names_works(sandbox: Sandbox) -> None:
    assert ask(sandbox, MANY_KINDS.replace("BY ?device ?value", "BY ?device STR(?value)")) > 1000
