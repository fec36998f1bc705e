"""Generated devices: the same for the same arguments, within the model's rules, and in believable proportions."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import islice
from math import cos, hypot, radians
from typing import Any
from uuid import UUID

import pytest

from demo.cooperatives import COOPERATIVES
from demo.generation.kinds import KINDS
from demo.generation.places import KILOMETRES_PER_DEGREE, REGIONS
from demo.households import devices, sample_devices
from registry.devices.documents import from_triples, structural_issues, to_triples
from registry.devices.validation import Validator
from registry.principal import Role
from registry.profile import load_profile
from sparql.terms import Iri, Triple

Document = dict[str, Any]
COUNT = 6000
REQUIRED = {"device_id", "device_name", "account_id", "ven_id", "aggregator_id", "device_class", "availability"}
OPTIONAL = {
    *("status", "location", "device_type", "max_capacity", "available_capacity"),
    *("marketplace_availability", "dr_availability", "vpp_id", "cluster_id", "cluster_type"),
    *("manufacturer", "model", "serial_number", "firmware_version"),
    *("rated_import_power", "rated_export_power"),
    *("usable_energy", "state_of_charge", "charge_rate", "discharge_rate"),
    *("flexibility_direction", "ramp_up_time", "delivery_period", "deactivation_time"),
    *("commissioned", "decommissioned", "online", "manual_override", "last_seen"),
    *("metering_point_id", "external_ids"),
}
CODES = {
    "device_class": {kind.device_class for kind in KINDS},
    "device_type": {"Demand", "Generation", "Storage"},
    "availability": {"yes", "no", ""},
    "marketplace_availability": {"yes", "no"},
    "dr_availability": {"yes", "no"},
    "flexibility_direction": {"up", "down", "both"},
    "online": {True, False},
    "manual_override": {True, False},
}
CAPACITIES = {
    "heatPump": (2, 12),
    "dhwDevice": (1.5, 3),
    "lightingLoad": (0.05, 0.5),
    "pvDevice": (2, 8),
    "evCharger": (3.7, 22),
}
PROPORTIONS: dict[str, tuple[Callable[[Document], bool], float, float]] = {
    "offered": (lambda d: d["availability"] == "yes", 0.60, 0.75),
    "offer not yet known": (lambda d: d["availability"] == "", 0.08, 0.16),
    "capacity known": (lambda d: "max_capacity" in d, 0.72, 0.88),
    "heating and cooling": (lambda d: d["device_class"] in {"hvacDevice", "heatPump", "dhwDevice"}, 0.30, 0.50),
    "PV": (lambda d: d["device_class"] == "pvDevice", 0.10, 0.20),
    "batteries": (lambda d: d["device_class"] == "batteryDevice", 0.02, 0.08),
    "meters and sensors": (lambda d: "device_type" not in d, 0.08, 0.18),
    "nameplate recorded": (lambda d: "manufacturer" in d, 0.30, 0.50),
    "flexibility recorded": (lambda d: "flexibility_direction" in d, 0.20, 0.40),
    "in a VPP": (lambda d: "vpp_id" in d, 0.05, 0.20),
    "out of service": (lambda d: "decommissioned" in d, 0.003, 0.03),
    "liveness recorded": (lambda d: "online" in d, 0.40, 0.60),
}


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return list(devices(COUNT, 8, 7))


def _digest(documents: list[Document]) -> str:
    return hashlib.sha256("\n".join(map(json.dumps, documents)).encode()).hexdigest()


def test_a_seed_stands_for_these_documents_for_good(documents: list[Document]) -> None:
    assert _digest(documents) == "37bba1bdfa99e8b9f2be256f8146ed5b4c2fdfd7f2eb9501281752be9bd5b50d"
    assert _digest(sample_devices()) == "3dd9d178a55838de6addf327a86df72044b5b961202aa52a016c5b013d313a00"


def test_documents_do_not_depend_on_the_order_of_hashes() -> None:
    code = "import json; from demo.households import devices; print(json.dumps(list(devices(300, 3, 5))))"
    for hash_seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
        assert json.loads(done.stdout) == list(devices(300, 3, 5))


def test_a_shorter_run_is_the_beginning_of_a_longer_one(documents: list[Document]) -> None:
    assert list(devices(100, 8, 7)) == documents[:100]


def test_seeds_and_numbers_of_aggregators_make_a_difference() -> None:
    runs = [list(devices(10, *arguments)) for arguments in ((1, 1), (1, 2), (2, 1))]
    assert runs[0] != runs[1]
    assert runs[0] != runs[2]


def test_documents_come_one_at_a_time() -> None:
    assert len(list(islice(devices(10**12, 4, 1), 5))) == 5


def test_none_is_a_count() -> None:
    assert list(devices(0, 1, 1)) == []


@pytest.mark.parametrize(("count", "aggregators"), [(-1, 1), (1, 0)])
def test_senseless_numbers_are_refused(count: int, aggregators: int) -> None:
    with pytest.raises(ValueError, match=f"not {count} and {aggregators}"):
        devices(count, aggregators, 1)


def test_required_fields_are_there_and_no_field_is_unknown(documents: list[Document]) -> None:
    for document in documents:
        assert document.keys() >= REQUIRED
        assert document.keys() <= REQUIRED | OPTIONAL
        assert None not in document.values()
    assert set().union(*documents) == REQUIRED | OPTIONAL


@pytest.mark.parametrize("field", CODES)
def test_codes_are_those_of_the_model_and_all_occur(field: str, documents: list[Document]) -> None:
    assert {document[field] for document in documents if field in document} == CODES[field]


def test_device_identifiers_are_unique_random_uuids(documents: list[Document]) -> None:
    identifiers = {document["device_id"] for document in documents}
    assert len(identifiers) == COUNT
    assert all(UUID(text).version == 4 and str(UUID(text)) == text for text in identifiers)


def test_statuses_hold_only_what_the_model_knows(documents: list[Document]) -> None:
    for status in (document["status"] for document in documents if "status" in document):
        assert status.keys() <= {"setPoint", "mode", "operationState", "x-fanspeed"}
        assert status["operationState"] in {"0", "1"}
        assert status.get("mode", "1") in {"1", "2", "3", "4", "5"}


def test_places_lie_near_a_town_of_the_aggregators_region(documents: list[Document]) -> None:
    for document in documents:
        number = int(document["aggregator_id"].removeprefix("coop-").removesuffix(".example"))
        assert document["location"]["type"] == "Point"
        longitude, latitude = document["location"]["coordinates"]
        distances = [
            hypot((longitude - town.longitude) * cos(radians(town.latitude)), latitude - town.latitude)
            for town in REGIONS[(number - 1) % len(REGIONS)].towns
        ]
        assert min(distances) * KILOMETRES_PER_DEGREE < 15, document


def test_a_household_has_three_devices_on_average_one_end_node_and_one_place(documents: list[Document]) -> None:
    households = Counter(document["account_id"] for document in documents)
    parties = {
        (document["account_id"], document["ven_id"], document["aggregator_id"], *document["location"]["coordinates"])
        for document in documents
    }
    assert len(parties) == len(households)
    assert 2.7 < COUNT / len(households) < 3.3
    assert max(households.values()) == 5


def test_aggregators_share_the_households_evenly(documents: list[Document]) -> None:
    shares = Counter(document["aggregator_id"] for document in documents)
    assert sorted(shares) == [f"coop-{number:03d}.example" for number in range(1, 9)]
    assert max(shares.values()) < 1.2 * min(shares.values())


@pytest.mark.parametrize("name", PROPORTIONS)
def test_proportions_are_believable(name: str, documents: list[Document]) -> None:
    holds, low, high = PROPORTIONS[name]
    assert low < sum(map(holds, documents)) / COUNT < high


@pytest.mark.parametrize("device_class", CAPACITIES)
def test_capacities_are_those_of_such_devices(device_class: str, documents: list[Document]) -> None:
    low, high = CAPACITIES[device_class]
    capacities = [d["max_capacity"] for d in documents if d["device_class"] == device_class and "max_capacity" in d]
    assert low <= min(capacities) < sum(capacities) / len(capacities) < max(capacities) <= high


def test_no_capacity_is_given_as_nothing_or_exceeded(documents: list[Document]) -> None:
    for document in documents:
        if "available_capacity" in document:
            assert 0 < document["available_capacity"] <= document["max_capacity"]
        elif "max_capacity" in document:
            assert document["max_capacity"] > 0


def test_batteries_are_stores_beside_pv(documents: list[Document]) -> None:
    with_pv = {document["account_id"] for document in documents if document["device_class"] == "pvDevice"}
    for document in (each for each in documents if each["device_class"] == "batteryDevice"):
        assert document["device_type"] == "Storage"
        assert 5 <= document["usable_energy"] <= 15
        assert 0 < document["state_of_charge"] <= 100
        assert document["account_id"] in with_pv


@pytest.mark.parametrize("device_class", ["meteringDevice", "sensingDevice"])
def test_what_only_measures_has_no_capacity_and_no_direction(device_class: str, documents: list[Document]) -> None:
    fields: set[str] = set().union(*(d for d in documents if d["device_class"] == device_class))
    assert fields.isdisjoint({"device_type", "max_capacity", "available_capacity", "flexibility_direction"})


def test_what_is_out_of_service_is_neither_offered_nor_online(documents: list[Document]) -> None:
    for document in (each for each in documents if "decommissioned" in each):
        assert date.fromisoformat(document["commissioned"]) < date.fromisoformat(document["decommissioned"])
        assert document["availability"] == "no"
        assert not document.get("online", False)


def test_samples_are_a_few_hundred_and_belong_to_the_demo_households() -> None:
    samples = sample_devices()
    known = {
        (household.account_id, household.ven_id, cooperative.aggregator_id, household.longitude, household.latitude)
        for cooperative in COOPERATIVES
        for household in cooperative.households
    }
    parties = {
        (each["account_id"], each["ven_id"], each["aggregator_id"], *each["location"]["coordinates"])
        for each in samples
    }
    assert parties == known
    assert 250 < len(samples) < 350
    assert len({each["device_id"] for each in samples}) == len(samples)
    assert {each["device_class"] for each in samples} == CODES["device_class"]


def test_the_shapes_accept_every_document_and_the_triples_give_it_back(documents: list[Document]) -> None:
    profile = load_profile()
    described: dict[Iri, tuple[Document, frozenset[Triple]]] = {}
    for document in documents[:500] + sample_devices():
        iri = Iri(f"urn:uuid:{document['device_id']}")
        described[iri] = (document, to_triples(profile, document, iri))
    found = Validator(profile).validate({iri: triples for iri, (_, triples) in described.items()})
    for iri, (document, triples) in described.items():
        # The registry itself writes the record's times.
        violations = [each for each in found.get(iri, ()) if each.field is None or not each.field.is_record]
        assert violations == [], document
        assert structural_issues(profile, document, Role.SERVICE) == {}
        assert from_triples(profile, triples) == document
