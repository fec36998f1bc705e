"""docs/json-ld.md: its table is the profile's, and its Python does what it says, run as a reader would."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from json_ld_processing import by_value, with_ids
from pyld_reader import read_by_pyld
from stand import SERVICE, Stand, device

from registry.json_ld import Degree, device_context, limits_table
from registry.json_ld.limits import HEADING, limits
from registry.profile import load_profile

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "json-ld.md").read_text(encoding="utf-8")
PROFILE = load_profile()
ID = device()["device_id"]
SNIPPETS = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)


def test_the_table_is_that_of_the_profile() -> None:
    assert DOCUMENT[DOCUMENT.index(HEADING) :] == limits_table(PROFILE)


def test_the_table_has_each_field_that_is_limited_once_with_a_reason() -> None:
    rows = [row.strip("| ").split(" | ") for row in DOCUMENT[DOCUMENT.index(HEADING) :].splitlines() if "`" in row[:3]]
    named = [name.strip("`") for names, *_ in rows for name in names.split(", ")]
    assert sorted(named) == sorted(limits(PROFILE))
    assert all(Degree(degree) is not Degree.TERM and len(reason) > 20 for _, degree, reason in rows)


def test_no_field_is_limited_that_need_not_be() -> None:
    kinds = {PROFILE.fields[name].codec.kind for name in limits(PROFILE)}
    assert kinds == {"float", "datetime", "point", "string"}
    assert [name for name in limits(PROFILE) if PROFILE.fields[name].codec.kind == "string"] == ["aggregator_id"]


@pytest.fixture
def saved(stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the files that the document's curl commands save."""
    stand.add(device(max_capacity=2.5, status={"mode": "2", "setPoint": 21.5}, online=True))
    for name, path, accept in (
        ("device.json", f"/1/devices/{ID}", "*/*"),
        ("device.jsonld", f"/1/devices/{ID}", "application/ld+json"),
        ("context.jsonld", "/context.jsonld", "*/*"),
    ):
        (tmp_path / name).write_bytes(stand.get(path, SERVICE, headers={"Accept": accept}).data)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outcome(snippet: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(snippet, "docs/json-ld.md", "exec"), names)
    return names


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_rdflib_reads_all_triples(stand: Stand, saved: Path) -> None:
    graph = outcome(SNIPPETS[0])["graph"]
    data = stand.get(f"/1/devices/{ID}", headers={"Accept": "application/n-triples"}).data
    assert len(graph) == len(list(ox.parse(data, ox.RdfFormat.N_TRIPLES))) > 20


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_plain_json_is_read_with_the_context_by_both_libraries(saved: Path) -> None:
    found = outcome(SNIPPETS[1])
    plain = json.loads((saved / "device.json").read_text())
    expected = read_by_pyld(with_ids(PROFILE, plain), device_context(PROFILE))
    lines = list(ox.parse(found["n_quads"], ox.RdfFormat.N_QUADS))
    assert len(lines) == len(expected) == len(by_value(expected)) == len(found["graph"])
    assert {str(subject) for subject in found["graph"].subjects()} == {f"urn:uuid:{ID}", f"urn:uuid:{ID}#status"}
    status, point = rdflib.URIRef(f"urn:uuid:{ID}#status"), rdflib.URIRef(PROFILE.fields["status.setPoint"].predicate)
    assert found["graph"].value(status, point).toPython() == 21.5


def test_the_document_has_both_snippets() -> None:
    assert len(SNIPPETS) == 2
