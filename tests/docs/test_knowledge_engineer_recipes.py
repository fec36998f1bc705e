"""The recipes for knowledge engineers, followed as a reader would, and what each one brings about at every door.

The tests stand in the order of the recipes: each recipe goes on from the one before, on one registry.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rdflib import SH, Graph, Literal, URIRef
from recipes import ROOT, Step, follow, recipes
from stand import AGGREGATOR, ENGINEER, PROSUMER, SERVICE, Caller, Stand, device, running_stand
from werkzeug.serving import make_server

from registry.cli import main
from registry.vocabulary import FLEX
from sparql.embedded import EmbeddedStore

RECIPES = recipes()
FIRST, SECOND, THIRD = (str(device(number)["device_id"]) for number in (1, 2, 3))
NAMES = ["A field", "A code", "A class", "A rule", "A rule of visibility", "A migration"]
REFUSED = "would no longer conform"


class Walk:
    """A reader's way through the recipes, on a registry that serves.

    Attributes:
        stand: the registry.
        folder: where the reader works.
    """

    def __init__(self, stand: Stand, folder: Path, address: str) -> None:
        self.stand = stand
        self.folder = folder
        self._address = address
        self._todo = list(RECIPES)

    def to(self, name: str) -> None:
        """Follow all recipes that are still to do, to the end of this one."""
        while name in self._todo:
            for step in RECIPES[self._todo.pop(0)]:
                self._follow(step)

    def _follow(self, step: Step) -> None:
        for done in follow(step, self.folder, self._address):
            pattern = re.escape(done.expected.rstrip("\n")).replace("…", r"\w+")
            assert re.fullmatch(pattern, done.printed.rstrip("\n")), f"{done.text}\nprints\n{done.printed}"
            assert done.exit_code == (1 if REFUSED in done.expected else 0), done.text

    def issues(self, changes: dict[str, Any], **headers: str) -> Any:
        """Return what is wrong with a change of the first device; None if nothing is."""
        request = {"json": changes, "headers": {"If-Match": self.stand.etag(FIRST), **headers}}
        return self.stand.call("PATCH", f"/1/devices/{FIRST}", SERVICE, **request).get_json().get("_issues")

    def values(self, query: str, caller: Caller) -> list[str]:
        """Return the only column of what a SPARQL query finds."""
        request = {"query_string": {"query": query}, "headers": {"Accept": "text/csv"}}
        answer = self.stand.get("/sparql", caller, **request)
        assert answer.status_code == 200, answer.text
        return sorted(answer.text.split()[1:])

    def count(self, where: str, caller: Caller) -> int:
        """Return how many devices a filter finds."""
        return int(self.stand.get("/1/devices", caller, query_string={"where": where}).get_json()["_meta"]["total"])

    def document(self, device_id: str, caller: Caller = SERVICE) -> Any:
        """Return a device as a caller sees it."""
        return self.stand.get(f"/1/devices/{device_id}", caller).get_json()


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("reader")
    with running_stand(tmp_path_factory.mktemp("registry")) as stand, pytest.MonkeyPatch.context() as patch:
        stand.add(device(1, max_capacity=5.0, serial_number="S1"), device(2), device(3, device_class="heatPump"))
        server = make_server("127.0.0.1", 0, stand.app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        patch.chdir(folder)
        patch.setenv("REGISTRY_TOKEN", stand.token(ENGINEER))
        yield Walk(stand, folder, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        server.server_close()


def run(*arguments: object) -> bytes:
    ran = CliRunner().invoke(main, list(map(str, arguments)))
    assert ran.exit_code == 0, ran.output
    return ran.stdout_bytes


def test_each_recipe_checks_compares_and_publishes_and_the_check_is_clean() -> None:
    assert list(RECIPES) == ["Recipes", *NAMES]
    for name in NAMES:
        text = "".join(step.text for step in RECIPES[name] if step.language == "console")
        asked = re.findall(r"^\$ der-registry ontology (\w+) ", text, re.MULTILINE)
        assert asked[-3:] == ["check", "diff", "publish"], name
        assert len(re.findall(r"^\d+ files, .*: no errors, no warnings$", text, re.MULTILINE)) == 1, name
        assert len({step.language for step in RECIPES[name]}) > 1, name
    assert (ROOT / "docs" / "for-knowledge-engineers.md").read_text().count("\n## Recipes\n") == 1


def test_a_field_is_at_the_rest_door(walk: Walk) -> None:
    walk.to("Recipes")
    assert walk.issues({"standby_power": 12}) == {"standby_power": "unknown field"}
    walk.to("A field")
    stand = walk.stand
    assert walk.issues({"standby_power": 900}) == {"standby_power": "max value is 500.0"}
    assert walk.issues({"standby_power": "much"}) == {"standby_power": "must be of float type"}
    assert walk.issues({"standby_power": 12}) is None
    assert stand.patch(SECOND, {"standby_power": 3.5}, AGGREGATOR).status_code == 200
    assert stand.patch(SECOND, {"standby_power": 4}, PROSUMER).status_code == 403
    posted = stand.call("POST", "/1/devices", json=device(9, standby_power=7.5))
    assert posted.status_code == 201
    for caller in (SERVICE, AGGREGATOR, PROSUMER):
        assert walk.document(FIRST, caller)["standby_power"] == 12.0
        found = stand.get('/1/devices?where={"standby_power":{"$gt":4}}&sort=-standby_power', caller).get_json()
        assert [each["standby_power"] for each in found["_items"]] == [12.0, 7.5]
    shown = stand.get(f'/1/devices/{FIRST}?projection={{"standby_power":1}}').get_json()
    assert shown["standby_power"] == 12.0
    assert "device_name" not in shown


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's own, when it reads JSON-LD
def test_a_field_is_at_the_sparql_door_and_described(walk: Walk) -> None:
    walk.to("A field")
    for caller in (SERVICE, AGGREGATOR, PROSUMER):
        assert "12" in walk.values("SELECT ?w WHERE { ?d flex:standbyPower ?w }", caller)
    schemas = walk.stand.get("/openapi.json", None).get_json()["components"]["schemas"]
    described = [each["properties"]["standby_power"] for each in schemas.values() if "standby_power" in str(each)]
    assert described
    assert {each["maximum"] for each in described} == {500.0}
    context = walk.stand.get("/context.jsonld", None).get_json()["@context"]
    assert context["standby_power"]["@id"] in ("flex:standbyPower", "https://w3id.org/flexcoop/cim#standbyPower")
    linked = walk.stand.get(f"/1/devices/{FIRST}", headers={"Accept": "application/ld+json"}).get_data()
    graph = Graph().parse(data=linked, format="json-ld")
    assert graph.value(URIRef(f"urn:uuid:{FIRST}"), URIRef(f"{FLEX}standbyPower")) == Literal(12.0)


def test_a_field_is_a_column_of_csv_exported_and_imported(walk: Walk, tmp_path: Path) -> None:
    walk.to("A field")
    components = walk.stand.components
    assert isinstance(components.store, EmbeddedStore)
    components.store.checkpoint(tmp_path / "store")  # commands need a store that nobody else has
    data = components.settings.store.path
    shutil.copytree(data / "models", tmp_path / "models")
    journals = (sqlite3.connect(folder / "journal.sqlite") for folder in (data, tmp_path))
    with closing(next(journals)) as journal, closing(next(journals)) as copy:
        journal.backup(copy)
    rows = list(csv.DictReader(io.StringIO(run("export", "--format", "csv", "--data", tmp_path).decode())))
    (row,) = (each for each in rows if each["device_id"] == FIRST)
    assert row["standby_power"] == "12.0"
    other = str(device(77)["device_id"])
    with (tmp_path / "more.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ["standby_power", *(name for name in row if name != "standby_power")])
        writer.writeheader()
        writer.writerow({**row, "device_id": other, "standby_power": "33.25"})
    assert b"1 " in run("import", tmp_path / "more.csv", "--data", tmp_path)
    rows = list(csv.DictReader(io.StringIO(run("export", "--format", "csv", "--data", tmp_path).decode())))
    assert {each["device_id"]: each["standby_power"] for each in rows}[other] == "33.25"


def test_a_code_is_taken_and_found(walk: Walk) -> None:
    walk.to("A field")
    assert walk.issues({"status": {"mode": "6"}}) == {"status": {"mode": "unallowed value 6"}}
    walk.to("A code")
    assert walk.issues({"status": {"mode": "6"}}) is None
    assert walk.issues({"status": {"mode": "7"}}) == {"status": {"mode": "unallowed value 7"}}
    assert walk.document(FIRST, PROSUMER)["status"] == {"mode": "6"}
    assert walk.count('{"status.mode": "6"}', AGGREGATOR) == 1
    found = walk.values("SELECT ?d WHERE { ?d flex:status/flex:mode flex:Mode6 }", AGGREGATOR)
    assert found == [f"urn:uuid:{FIRST}"]
    schemas = walk.stand.get("/openapi.json", None).text
    assert '"6"' in schemas


def test_a_class_is_found_by_its_superclass(walk: Walk) -> None:
    walk.to("A code")
    pump, loads = device(10, device_class="poolPump"), "SELECT ?d WHERE { ?d a flex:FlexibleLoad }"
    assert walk.stand.call("POST", "/1/devices", json=pump).status_code == 422
    before = walk.values(loads, AGGREGATOR)
    walk.to("A class")
    assert walk.values(loads, AGGREGATOR) == before
    assert walk.stand.call("POST", "/1/devices", json=pump).status_code == 201
    for caller in (SERVICE, AGGREGATOR, PROSUMER):
        assert walk.values(loads, caller) == sorted([*before, f"urn:uuid:{pump['device_id']}"])
    assert walk.count('{"device_class": "poolPump"}', PROSUMER) == 1


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("de", "available_capacity darf max_capacity nicht übersteigen."),
        ("de-AT, en;q=0.5", "available_capacity darf max_capacity nicht übersteigen."),
        ("hr, es;q=0.8, en;q=0.7", "available_capacity no puede superar a max_capacity."),
        ("en", "available_capacity must not exceed max_capacity."),
        ("fr", "available_capacity must not exceed max_capacity."),
        ("", "available_capacity must not exceed max_capacity."),
        ("de;q=0, *", "available_capacity must not exceed max_capacity."),
        ("nonsense;;q=x", "available_capacity must not exceed max_capacity."),
    ],
)
def test_a_rule_is_told_in_the_language_that_is_asked_for(walk: Walk, asked: str, message: str) -> None:
    walk.to("A rule")
    headers = {"Accept-Language": asked} if asked else {}
    assert walk.issues({"available_capacity": 6}, **headers) == {"_rules": message}
    assert walk.issues({"available_capacity": 4}) is None
    document = device(11, max_capacity=1, available_capacity=2)
    listed = walk.stand.call("POST", "/1/devices", json=[document], headers=headers).get_json()
    assert listed["_issues"] == {"_rules": message}
    headers = {**headers, "Accept": "application/problem+json"}
    problem = walk.stand.call("POST", "/1/devices", json=document, headers=headers).get_json()
    assert problem["issues"] == {"_rules": message}


def test_a_report_has_the_message_in_all_languages(walk: Walk) -> None:
    walk.to("A rule")
    headers = {"Accept": "text/turtle", "Accept-Language": "de"}
    answer = walk.stand.call(
        "POST", "/1/devices", json=device(11, max_capacity=1, available_capacity=2), headers=headers
    )
    found = set(Graph().parse(data=answer.text, format="turtle").objects(None, SH.resultMessage))
    assert found == {
        Literal("available_capacity must not exceed max_capacity.", lang="en"),
        Literal("available_capacity darf max_capacity nicht übersteigen.", lang="de"),
        Literal("available_capacity no puede superar a max_capacity.", lang="es"),
    }


def test_a_rule_of_visibility_hides_and_shows_at_both_doors(walk: Walk) -> None:
    walk.to("A rule")

    def seen(name: str, term: str, caller: Caller) -> tuple[bool, bool, bool]:
        """Whether a field is in the document, in a filter, and in the graph."""
        return (
            name in walk.document(FIRST, caller),
            walk.count(f'{{"{name}": {{"$exists": true}}}}', caller) > 0,
            walk.values(f"SELECT ?v WHERE {{ ?d flex:{term} ?v }}", caller) != [],
        )

    hidden, shown = ("standby_power", "standbyPower"), ("serial_number", "serialNumber")
    assert [seen(*hidden, caller) for caller in (PROSUMER, AGGREGATOR)] == [(True,) * 3, (True,) * 3]
    assert [seen(*shown, caller) for caller in (PROSUMER, AGGREGATOR)] == [(True,) * 3, (False,) * 3]
    walk.to("A rule of visibility")
    assert [seen(*hidden, caller) for caller in (PROSUMER, AGGREGATOR)] == [(False,) * 3, (True,) * 3]
    assert [seen(*shown, caller) for caller in (PROSUMER, AGGREGATOR)] == [(True,) * 3, (True,) * 3]
    assert seen(*hidden, SERVICE) == (True,) * 3


def test_a_migration_makes_a_breaking_model_pass(walk: Walk) -> None:
    walk.to("A rule of visibility")
    assert [walk.document(each)["standby_power"] for each in (FIRST, SECOND)] == [12.0, 3.5]
    tags = {each: walk.stand.etag(each) for each in (FIRST, THIRD)}
    walk.to("A migration")
    assert [walk.document(each)["standby_power"] for each in (FIRST, SECOND)] == [0.012, 0.0035]
    assert walk.values("SELECT ?w WHERE { ?d flex:standbyPower ?w }", AGGREGATOR) == ["0.0035", "0.0075", "0.012"]
    assert walk.count('{"standby_power": {"$gt": 0.5}}', SERVICE) == 0
    assert walk.issues({"standby_power": 12}) == {"standby_power": "max value is 0.5"}
    assert walk.stand.etag(FIRST) != tags[FIRST]
    assert walk.stand.etag(THIRD) == tags[THIRD]
