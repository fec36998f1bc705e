"""`der-registry export`: what comes out goes in again, in every form that import takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph
from recorders import writer_of

from demo.households import devices
from registry.access import DEVICES, placement
from registry.cli.export import export
from registry.cli.import_ import import_
from registry.clock import Clock
from registry.devices.documents import device_iri, to_triples
from registry.devices.reading import DeviceReader
from registry.principal import Principal, Role
from registry.profile import Profile
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.terms import Iri, Literal, Quad, Term, Triple
from sparql.turtle_writing import turtle_prefixes, turtle_subjects

FIELDS = Path(__file__).parent / "data" / "every_field.ndjson"
SERVICE = Principal(role=Role.SERVICE, issuer="urn:tests", subject="tests")
PROGRAM = str(Path(sys.executable).with_name("der-registry"))
ENDINGS = {"ndjson": "ndjson", "csv": "csv", "turtle": "ttl"}


def load(file: Path, data: Path) -> None:
    result = CliRunner().invoke(import_, [str(file), "--data", str(data)])
    assert (result.exit_code, result.stderr) == (0, "")


def written(data: Path, *options: str) -> bytes:
    result = CliRunner().invoke(export, [*options, "--data", str(data)])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout_bytes


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with every field, and with some generated devices. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("export")
    file = folder / "generated.ndjson"
    file.write_text("".join(json.dumps(each) + "\n" for each in devices(90, 3, 4)), encoding="utf-8")
    load(FIELDS, folder / "data")
    load(file, folder / "data")
    return folder / "data"


@pytest.mark.parametrize("form", ENDINGS)
def test_export_import_export_changes_nothing(form: str, data: Path, tmp_path: Path) -> None:
    first = written(data, "--format", form)
    file = tmp_path / f"exported.{ENDINGS[form]}"
    file.write_bytes(first)
    load(file, tmp_path / "other")
    assert written(tmp_path / "other", "--format", form) == first
    assert written(tmp_path / "other", "--format", "nquads") == written(data, "--format", "nquads")


def test_turtle_keeps_when_a_device_changed_for_whom(tmp_path: Path, profile: Profile) -> None:
    load(FIELDS, tmp_path / "data")
    store = EmbeddedStore(tmp_path / "data" / "store")
    reader = DeviceReader(store, profile)
    device_id = json.loads(FIELDS.read_bytes().splitlines()[1])["device_id"]
    writer = writer_of(store, profile, reader, Clock(), tmp_path / "data")
    writer.change(SERVICE, device_id, {"serial_number": "2"}, lambda _: True)
    store.close()
    file = tmp_path / "exported.ttl"
    file.write_bytes(written(tmp_path / "data", "--format", "turtle"))
    assert b"flex:modifiedForAggregator" in file.read_bytes()
    load(file, tmp_path / "other")
    assert written(tmp_path / "other", "--format", "nquads") == written(tmp_path / "data", "--format", "nquads")


def test_documents_come_out_as_they_went_in_and_in_the_order_of_creation(data: Path) -> None:
    exported = written(data).splitlines(keepends=True)
    assert b"".join(exported[:2]) == FIELDS.read_bytes()
    assert len(exported) == 92
    times = [json.loads(line)["_created"] for line in exported]
    assert times == sorted(times)


def test_nquads_are_the_placements(data: Path, profile: Profile) -> None:
    store = EmbeddedStore()
    store.load_nquads(written(data, "--format", "nquads"))
    found = {
        Quad(*Triple(*row), graph)  # type: ignore[arg-type]  # the pattern binds all three
        for graph in store.graphs()
        for row in store.select("SELECT ?s ?p ?o WHERE { ?s ?p ?o }", DatasetDescription(default=(graph,)))
    }
    documents = [json.loads(line) for line in written(data).splitlines()]
    expected = {
        quad
        for document in documents
        for quad in placement(profile, to_triples(profile, document, device_iri(document["device_id"]) or Iri()))
    }
    assert found == expected
    assert {quad.graph for quad in found} > {DEVICES}


def test_turtle_says_what_the_first_graph_says(data: Path, profile: Profile) -> None:
    graph = Graph()
    graph.parse(data=written(data, "--format", "turtle"), format="turtle")
    documents = [json.loads(line) for line in written(data).splitlines()]
    expected = [to_triples(profile, document, device_iri(document["device_id"]) or Iri()) for document in documents]
    assert len(graph) == sum(map(len, expected))


def test_turtle_keeps_every_lexical_form_and_shortens_what_it_can() -> None:
    a, b = Iri("urn:x:a"), Iri("http://p.example/b")
    values: list[Term] = [
        Iri("http://p.example/b.c"),
        b,
        Literal('"\n\\ é'),
        Literal("01.50", Iri("http://p.example/t")),
        a,
    ]
    text = turtle_prefixes({"p": "http://p.example/"}) + turtle_subjects(
        [*(Triple(a, b, value) for value in values), Triple(b, b, a), Triple(b, b, Literal("x", language="en"))],
        {"p": "http://p.example/"},
    )
    assert "<urn:x:a> p:b " in text
    assert ", p:b, " in text
    assert '"01.50"^^p:t' in text
    assert "<http://p.example/b.c>" in text
    graph = Graph()
    graph.parse(data=text, format="turtle")
    assert len(graph) == 7
    assert {str(value) for _, _, value in graph} >= {'"\n\\ é', "http://p.example/b.c"}


@pytest.mark.parametrize("form", ["ndjson", "nquads", "csv", "turtle"])
def test_no_devices_are_no_more_than_a_head(form: str, tmp_path: Path, profile: Profile) -> None:
    EmbeddedStore(tmp_path / "store").close()
    lines = written(tmp_path, "--format", form).decode().splitlines()
    assert len(lines) == {"ndjson": 0, "nquads": 0, "csv": 1, "turtle": len(profile.prefixes)}[form]


def test_the_columns_are_the_fields(data: Path, profile: Profile) -> None:
    header = written(data, "--format", "csv").split(b"\r\n")[0].decode().split(",")
    points = {name for name in profile.fields if f"{name}.longitude" in header}
    assert points == {"location"}
    assert {name.removesuffix(".longitude").removesuffix(".latitude") for name in header} == profile.fields.keys()


def errors(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


def test_a_store_in_use_and_one_that_is_not_there_are_errors(data: Path, tmp_path: Path) -> None:
    store = EmbeddedStore(data / "store")
    try:
        assert "in use by another process" in errors(CliRunner().invoke(export, ["--data", str(data)]))
    finally:
        store.close()
    assert "there is no store in" in errors(CliRunner().invoke(export, ["--data", str(tmp_path / "none")]))
    assert not (tmp_path / "none").exists()


def test_a_reader_that_stops_early_ends_the_run_quietly(data: Path) -> None:
    with subprocess.Popen(
        [PROGRAM, "export", "--format", "nquads", "--data", str(data)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"<urn:uuid:")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0
