"""Publishing on a registry: what follows from Turtle alone, what is refused, and what becomes of the devices."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from candidates import (
    ACROSS,
    COMFORT,
    GREATEST_POWER,
    NOISE,
    NOISE_SHAPE,
    SAUNA,
    SHIPPED_VERSION,
    candidate,
    next_version,
)
from stand import AGGREGATOR, BOB, PROSUMER, SERVICE, B, Stand, device, running_stand

from registry.devices.placement_audit import PlacementAudit
from registry.errors import BadRequest, Conflict, ModelRefused
from registry.publishing.founding import shipped_files
from registry.publishing.model_files import ModelFiles

MINOR, MAJOR = next_version("minor"), next_version("major")
ID = str(device(1)["device_id"])


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with running_stand(tmp_path / "data") as running:
        running.add(
            device(1, max_capacity=5.0, available_capacity=4.0, serial_number="S1", status={"setPoint": 20.0}),
            device(2, max_capacity=2.0, available_capacity=3.0, device_class="heatPump"),
            device(3, account_id=BOB, device_class="pvDevice", availability="no"),
            device(4, aggregator_id=B, max_capacity=5.0),
        )
        yield running


def publish(stand: Stand, files: ModelFiles, **options: Any) -> Any:
    return stand.components.publisher.publish(files, "tests", **options)


def differences(stand: Stand) -> list[Any]:
    audit = PlacementAudit(stand.components.store, stand.components.profile)
    return [found for block in audit.blocks() for found in block.differences]


def test_a_field_in_turtle_alone_is_there_at_every_door(stand: Stand) -> None:
    outcome = publish(stand, candidate(MINOR, ontology=NOISE, shapes=NOISE_SHAPE))
    assert (outcome.published, outcome.rewritten, outcome.impact.broken) == (True, 0, ())
    assert stand.patch(ID, {"noise": 140}, AGGREGATOR).get_json()["_issues"] == {"noise": "max value is 120.0"}
    assert stand.patch(ID, {"noise": "42"}, AGGREGATOR).status_code == 200
    assert stand.get(f"/1/devices/{ID}", AGGREGATOR).get_json()["noise"] == 42.0
    assert "noise" not in stand.get(f"/1/devices/{ID}", PROSUMER).get_json()
    found = stand.get('/1/devices?where={"noise":{"$gt":41}}&sort=-noise', AGGREGATOR).get_json()
    assert [each["device_id"] for each in found["_items"]] == [ID]
    assert stand.get('/1/devices?where={"noise":{"$gt":41}}', PROSUMER).get_json()["_meta"]["total"] == 0
    schemas = stand.get("/openapi.json", None).get_json()["components"]["schemas"]
    assert any(each.get("properties", {}).get("noise", {}).get("maximum") == 120 for each in schemas.values())
    assert "noise" in stand.get("/context.jsonld", None).get_data(as_text=True)
    query = "SELECT ?noise WHERE { ?device flex:noise ?noise }"
    answer = stand.get("/sparql", AGGREGATOR, query_string={"query": query}, headers={"Accept": "text/csv"})
    assert list(csv.reader(io.StringIO(answer.get_data(as_text=True)))) == [["noise"], ["42"]]
    assert differences(stand) == []


def test_a_code_and_a_class_are_found_by_old_queries(stand: Stand) -> None:
    files = candidate(
        MINOR,
        ontology=SAUNA,
        edits=(("        flex:HvacDevice\n", "        flex:Sauna\n        flex:HvacDevice\n"),),
    )
    publish(stand, files)
    stand.add(device(9, device_class="sauna"))
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?d a flex:FlexibleLoad ; flex:deviceClass flex:Sauna }"
    answer = stand.get("/sparql", SERVICE, query_string={"query": query}, headers={"Accept": "text/csv"})
    assert answer.get_data(as_text=True).split() == ["n", "1"]


def test_a_new_superclass_is_written_to_the_devices_that_have_it(stand: Stand) -> None:
    before = {each: stand.etag(each) for each in (ID, str(device(2)["device_id"]))}
    files = candidate(MINOR, ontology=COMFORT)
    assert publish(stand, files).rewritten == 1
    assert differences(stand) == []
    query = "SELECT ?d WHERE { ?d a flex:Comfort }"
    for caller, found in ((AGGREGATOR, 1), (PROSUMER, 1), (SERVICE, 1)):
        answer = stand.get("/sparql", caller, query_string={"query": query}, headers={"Accept": "text/csv"})
        assert len(answer.get_data(as_text=True).split()) == 1 + found
    assert {each: stand.etag(each) for each in before} == before  # its document says what it said


def test_another_visibility_moves_values_between_views(stand: Stand) -> None:
    updated = stand.get(f"/1/devices/{ID}", PROSUMER).get_json()["_updated"]
    assert "serial_number" not in stand.get(f"/1/devices/{ID}", AGGREGATOR).get_json()
    shapes = shipped_files().content["shapes/device.ttl"].decode()
    start = shapes.index("flexsh:serial_number a sh:PropertyShape")
    old = shapes[start : shapes.index(" .\n", start) + 3]
    new = old.replace('api:visibleTo "prosumer", "service"', 'api:visibleTo "aggregator", "service"')
    new = new.replace('api:writableBy "prosumer", "service"', 'api:writableBy "service"')
    assert old != new
    assert publish(stand, candidate(MAJOR, edits=((old, new),))).rewritten == 1
    assert stand.get(f"/1/devices/{ID}", AGGREGATOR).get_json()["serial_number"] == "S1"
    assert "serial_number" not in stand.get(f"/1/devices/{ID}", PROSUMER).get_json()
    assert stand.get(f"/1/devices/{ID}", PROSUMER).get_json()["_updated"] > updated
    assert differences(stand) == []


SMALLER = "\nflexsh:max_capacity sh:maxInclusive 4.0e0 .\n"


def test_a_candidate_that_devices_would_break_is_refused_with_counts(stand: Stand) -> None:
    dump = stand.dump()
    with pytest.raises(ModelRefused) as refused:
        publish(stand, candidate(MAJOR, shapes=SMALLER))
    assert refused.value.code == "devices-would-break"
    (broken,) = refused.value.report["impact"]["broken"]
    assert (broken["field"], broken["rule"], broken["devices"]) == ("max_capacity", "MaxInclusive", 2)
    assert "examples" not in broken
    assert ID not in str(refused.value.report)
    assert stand.dump() == dump
    assert stand.patch(ID, {"max_capacity": 6}).status_code == 200


def test_a_migration_repairs_what_it_would_break(stand: Stand) -> None:
    tag = stand.etag(ID)
    repair = (
        "DELETE { ?d flex:maxCapacity ?old } INSERT { ?d flex:maxCapacity 4.0e0 }\n"
        "WHERE { ?d flex:maxCapacity ?old FILTER(?old > 4) }"
    )
    outcome = publish(stand, candidate(MAJOR, shapes=SMALLER, migrations=(repair,)))
    assert (outcome.published, outcome.rewritten) == (True, 2)
    assert stand.get(f"/1/devices/{ID}", AGGREGATOR).get_json()["max_capacity"] == 4.0
    assert stand.etag(ID) != tag
    assert stand.get('/1/devices?where={"max_capacity":{"$gt":4}}').get_json()["_meta"]["total"] == 0
    assert differences(stand) == []


def test_a_rule_across_fields_is_judged_and_then_holds(stand: Stand) -> None:
    with pytest.raises(ModelRefused) as refused:
        publish(stand, candidate(MAJOR, shapes=ACROSS))
    (broken,) = refused.value.report["impact"]["broken"]
    assert broken["devices"] == 1
    assert broken["message"].startswith("available_capacity")
    repair = (
        "DELETE { ?d flex:availableCapacity ?a } INSERT { ?d flex:availableCapacity ?m }\n"
        "WHERE { ?d flex:availableCapacity ?a ; flex:maxCapacity ?m FILTER(?a > ?m) }"
    )
    publish(stand, candidate(MAJOR, shapes=ACROSS, migrations=(repair,)))
    issues = stand.patch(ID, {"available_capacity": 50}).get_json()["_issues"]
    assert issues["_rules"].startswith("available_capacity")


def test_a_field_that_devices_have_does_not_vanish(stand: Stand) -> None:
    with pytest.raises(ModelRefused) as refused:
        publish(stand, candidate(MAJOR, edits=(("        flexsh:max_capacity ,\n", ""),)))
    (broken,) = refused.value.report["impact"]["broken"]
    assert (broken["field"], broken["rule"], broken["devices"]) == ("max_capacity", "NoSuchField", 3)
    gone = "DELETE { ?d flex:maxCapacity ?m } WHERE { ?d flex:maxCapacity ?m }"
    publish(stand, candidate(MAJOR, edits=(("        flexsh:max_capacity ,\n", ""),), migrations=(gone,)))
    assert "max_capacity" not in stand.get(f"/1/devices/{ID}").get_json()
    assert differences(stand) == []


def test_a_renamed_predicate_needs_its_migration(stand: Stand) -> None:
    edits = (("sh:path flex:maxCapacity", "sh:path flex:greatestPower"),)
    with pytest.raises(ModelRefused):
        publish(stand, candidate(MAJOR, ontology=GREATEST_POWER, edits=edits))
    move = "DELETE { ?d flex:maxCapacity ?m } INSERT { ?d flex:greatestPower ?m } WHERE { ?d flex:maxCapacity ?m }"
    document = stand.get(f"/1/devices/{ID}").get_json()
    publish(stand, candidate(MAJOR, ontology=GREATEST_POWER, edits=edits, migrations=(move,)))
    assert stand.get(f"/1/devices/{ID}").get_json()["max_capacity"] == document["max_capacity"]
    assert stand.get('/1/devices?where={"max_capacity":5}').get_json()["_meta"]["total"] == 2
    assert differences(stand) == []


def test_a_dry_run_says_the_same_and_changes_nothing(stand: Stand) -> None:
    dump, name = stand.dump(), stand.components.in_force.edition.name
    files = candidate(MINOR, ontology=COMFORT)
    outcome = publish(stand, files, dry_run=True)
    assert (outcome.published, outcome.rewritten) == (False, 1)
    assert stand.dump() == dump
    assert stand.components.in_force.edition.name == name
    assert len(stand.components.publisher.published()) == 1


def test_a_published_version_comes_back_and_its_number_stays_taken(stand: Stand) -> None:
    added = candidate(MINOR, ontology=NOISE, shapes=NOISE_SHAPE)
    publish(stand, added)
    back = publish(stand, shipped_files())
    assert (back.published, back.version) == (True, SHIPPED_VERSION)
    assert stand.patch(ID, {"noise": 1}).get_json()["_issues"] == {"noise": "unknown field"}
    other = candidate(MINOR, shapes=NOISE_SHAPE.replace("120.0e0", "100.0e0"), ontology=NOISE)
    with pytest.raises(ModelRefused, match=f"Version {MINOR} was published") as refused:
        publish(stand, other)
    assert refused.value.code == "version-taken"
    assert [each.version for each in stand.components.publisher.published()] == [MINOR, SHIPPED_VERSION]


@pytest.mark.parametrize(
    ("version", "code"), [(SHIPPED_VERSION, "version-too-low"), (next_version("patch"), "version-too-low")]
)
def test_a_version_that_says_less_than_changed_is_refused(stand: Stand, version: str, code: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        publish(stand, candidate(version, ontology=NOISE, shapes=NOISE_SHAPE))
    assert refused.value.code == code
    assert MINOR in refused.value.message


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (('api:field "cluster_type" ;', 'api:field "cluster_type" ; sh:pattern "[" ;'), "is no regular expression"),
        (
            ("flexsh:DeviceShape a sh:NodeShape ;", "flexsh:DeviceShape a sh:NodeShape ] ;"),
            "shapes/device.ttl:24:35: expected",
        ),
        (("sh:targetClass flex:Device ;", "sh:targetClass flex:Gadget ;"), "no node shape"),
    ],
)
def test_a_model_that_cannot_work_is_refused(stand: Stand, edit: tuple[str, str], reason: str) -> None:
    with pytest.raises(ModelRefused, match=reason) as refused:
        publish(stand, candidate(MAJOR, edits=(edit,)))
    assert "/tmp" not in refused.value.message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("INSERT { ?d flex:x } WHERE {}", "migrations/001.ru"),
        ("INSERT { ?d flex:x 1 } WHERE { SERVICE <http://127.0.0.1:1/> { ?d ?p ?o } }", "SERVICE is not allowed"),
        ("DELETE {} WHERE {} ; LOAD SILENT <http://127.0.0.1:1/>", "LOAD is not allowed"),
    ],
)
def test_a_migration_that_cannot_run_is_refused(stand: Stand, text: str, reason: str) -> None:
    dump = stand.dump()
    with pytest.raises(BadRequest, match=reason):
        publish(stand, candidate(MAJOR, migrations=(text,)))
    assert stand.dump() == dump


def test_a_migration_that_breaks_other_rules_or_removes_devices_is_refused(stand: Stand) -> None:
    with pytest.raises(ModelRefused) as refused:
        publish(
            stand,
            candidate(MINOR, migrations=('INSERT { ?d flex:maxCapacity "x" } WHERE { ?d flex:maxCapacity 2.0e0 }',)),
        )
    assert "max_capacity" in {each["field"] for each in refused.value.report["impact"]["broken"]}
    with pytest.raises(ModelRefused, match="would no longer conform") as refused:
        publish(
            stand, candidate(MINOR, migrations=("DELETE { ?d ?p ?o } WHERE { ?d flex:maxCapacity 2.0e0 ; ?p ?o }",))
        )
    assert refused.value.report["impact"]["broken"][0]["rule"] == "Removed"


def test_one_publish_at_a_time(stand: Stand) -> None:
    said: list[str] = []

    def second(text: str) -> None:
        said.append(text)
        with pytest.raises(Conflict):
            publish(stand, candidate(next_version("patch")))

    publish(stand, candidate(MINOR, ontology=NOISE), say=second)
    assert said


def test_devices_that_change_during_the_rehearsal_are_looked_at_again(stand: Stand) -> None:
    done: list[str] = []

    def meanwhile(text: str) -> None:
        if not done:
            done.append(text)
            stand.add(device(7, device_class="heatPump"))
            stand.patch(str(device(2)["device_id"]), {"device_class": "dhwDevice"})

    files = candidate(MINOR, ontology=COMFORT)
    assert publish(stand, files, say=meanwhile).rewritten == 1
    assert differences(stand) == []
    query = "SELECT ?d WHERE { ?d a flex:Comfort }"
    answer = stand.get("/sparql", SERVICE, query_string={"query": query}, headers={"Accept": "text/csv"})
    assert answer.get_data(as_text=True).split()[1:] == [f"urn:uuid:{device(7)['device_id']}"]


def test_a_change_during_the_rehearsal_that_the_candidate_forbids_ends_it(stand: Stand) -> None:
    done: list[str] = []

    def meanwhile(text: str) -> None:
        if not done:
            done.append(text)
            stand.add(device(7, max_capacity=50.0))

    repair = "DELETE { ?d flex:maxCapacity ?m } WHERE { ?d flex:maxCapacity ?m FILTER(?m > 6) }"
    tighter = "\nflexsh:max_capacity sh:maxInclusive 6.0e0 .\n"
    with pytest.raises(ModelRefused):
        publish(stand, candidate(MAJOR, shapes=tighter), say=meanwhile)
    done.clear()
    stand.call(
        "DELETE", f"/1/devices/{device(7)['device_id']}", headers={"If-Match": stand.etag(device(7)["device_id"])}
    )
    assert publish(stand, candidate(MAJOR, shapes=tighter, migrations=(repair,)), say=meanwhile).published
    assert "max_capacity" not in stand.get(f"/1/devices/{device(7)['device_id']}").get_json()
    assert differences(stand) == []


def test_a_restart_goes_on_with_the_published_model(tmp_path: Path) -> None:
    with running_stand(tmp_path / "data") as first:
        first.add(device(1))
        publish(first, candidate(MINOR, ontology=NOISE, shapes=NOISE_SHAPE))
        first.patch(ID, {"noise": 7})
    with running_stand(tmp_path / "data") as second:
        assert second.get(f"/1/devices/{ID}").get_json()["noise"] == 7.0
        assert second.components.in_force.edition.since.year > 2000
