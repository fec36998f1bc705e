"""When a device was heard of: which writes set the time, whose own time wins, and what is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from candidates import candidate, next_version
from recorders import writer_of
from stand import ALICE, LOADER, A, device

from registry.devices.device import Device
from registry.devices.reading import DeviceReader
from registry.devices.stamping import stamped
from registry.devices.writing import DeviceWriter
from registry.errors import Forbidden
from registry.principal import Principal, Role
from registry.profile import Profile, load_profile
from sparql.embedded import EmbeddedStore

ID = device()["device_id"]
OLD, OTHER = "2020-01-01T00:00:00.000000Z", "2021-02-03T04:05:06.000000Z"
AGGREGATOR = Principal(role=Role.AGGREGATOR, issuer="urn:x", subject="x", aggregator_id=A)
PROSUMER = Principal(role=Role.PROSUMER, issuer="urn:x", subject="x", aggregator_id=A, account_id=ALICE)
NOW = "the time of the change"
REPORTED = {"setPoint": 20.0, "mode": "1"}


def anything(_: Device) -> bool:
    return True


class Registry:
    """Devices by one model."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        store = EmbeddedStore()
        self.reader = DeviceReader(store, profile)
        self.writer: DeviceWriter = writer_of(store, profile, self.reader)

    def add(self, **changes: Any) -> Device:
        (added,) = self.writer.create(LOADER, [device(**changes)], single=True)
        return added


@pytest.fixture
def registry(profile: Profile) -> Registry:
    return Registry(profile)


def seen(found: Device) -> Any:
    """Return when the device was last heard of, or that this was in its last change."""
    time = found.document.get("last_seen")
    return NOW if time == found.document["_updated"] else time


CHANGES: dict[str, tuple[Mapping[str, Any], Any]] = {
    "another_status": ({"status": {"setPoint": 21.0}}, NOW),
    "the_same_status": ({"status": REPORTED}, NOW),
    "one_member_by_a_dotted_name": ({"status.mode": "1"}, NOW),
    "an_empty_status": ({"status": {}}, NOW),
    "a_status_and_an_older_time": ({"status": REPORTED, "last_seen": OTHER}, OTHER),
    "a_status_and_no_time": ({"status": REPORTED, "last_seen": None}, None),
    "a_time_alone": ({"last_seen": OTHER}, OTHER),
    "no_status": ({"max_capacity": 5}, OLD),
    "the_status_taken_away": ({"status": None}, OLD),
    "nothing": ({}, OLD),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_by_the_service(case: str, registry: Registry) -> None:
    registry.add(status=REPORTED, last_seen=OLD)
    changes, expected = CHANGES[case]
    assert seen(registry.writer.change(LOADER, ID, changes, anything)) == expected


REPLACEMENTS: dict[str, tuple[Mapping[str, Any], Any]] = {
    "with_a_status": ({"status": REPORTED}, NOW),
    "with_a_status_and_a_time": ({"status": REPORTED, "last_seen": OTHER}, OTHER),
    "without_a_status": ({}, None),
}


@pytest.mark.parametrize("case", REPLACEMENTS)
def test_a_new_device_and_one_that_is_replaced(case: str, registry: Registry) -> None:
    fields, expected = REPLACEMENTS[case]
    assert seen(registry.add(**fields)) == expected
    registry.writer.change(LOADER, ID, {"last_seen": OLD}, anything)
    assert seen(registry.writer.replace(LOADER, ID, device(**fields), anything)) == expected


def test_a_heartbeat_is_a_change_for_all_who_see_the_time_and_others_see_none(registry: Registry) -> None:
    before = registry.add(status=REPORTED)
    after = registry.writer.change(LOADER, ID, {"status": REPORTED}, anything)
    assert after.document["last_seen"] > before.document["last_seen"]
    assert after.document["_updated"] == after.document["last_seen"]
    assert after.etag != before.etag
    assert {**after.document, "last_seen": 0, "_updated": 0} == {**before.document, "last_seen": 0, "_updated": 0}


@pytest.mark.parametrize("principal", [AGGREGATOR, PROSUMER, LOADER], ids=lambda each: each.role.value)
def test_who_sends_back_what_it_read_reports_nothing(principal: Principal, registry: Registry) -> None:
    registry.add(status=REPORTED, last_seen=OLD)
    read = registry.reader.get(principal, ID)
    assert registry.writer.change(principal, ID, read.document, anything).etag == read.etag


def test_a_household_that_sends_back_a_status_reports_nothing(registry: Registry) -> None:
    registry.add(status=REPORTED, last_seen=OLD)
    written = registry.writer.change(PROSUMER, ID, {"status": REPORTED, "max_capacity": 5}, anything)
    assert seen(written) == OLD


def test_devices_of_one_request_have_times_of_their_own(registry: Registry) -> None:
    added = registry.writer.create(LOADER, [device(1, status={}), device(2, status={}), device(3)], single=False)
    assert [seen(each) for each in added] == [NOW, NOW, None]
    assert added[0].document["last_seen"] < added[1].document["last_seen"]


MODE = 'api:field "status.mode" ;\n    api:visibleTo "aggregator", "prosumer", "service" ;\n    api:writableBy'


def test_by_another_model_an_aggregator_may_report_but_not_say_when(tmp_path: Path) -> None:
    registry = edited(tmp_path, MODE, f'{MODE} "aggregator",')
    registry.add(status=REPORTED, last_seen=OLD)
    changes = {"status": {"mode": "2"}, "last_seen": OLD}
    assert seen(registry.writer.change(AGGREGATOR, ID, changes, anything)) == NOW
    with pytest.raises(Forbidden, match="last_seen"):
        registry.writer.change(AGGREGATOR, ID, {**changes, "last_seen": OTHER}, anything)


def test_by_a_model_without_the_annotation_nothing_is_stamped(tmp_path: Path) -> None:
    registry = edited(tmp_path, "    api:stampedBy flex:status ;\n", "")
    registry.add(status=REPORTED, last_seen=OLD)
    assert seen(registry.writer.change(LOADER, ID, {"status": {"mode": "2"}}, anything)) == OLD


def edited(folder: Path, old: str, new: str) -> Registry:
    """Return a registry by the shipped model with an edit."""
    candidate(next_version(), edits=((old, new),)).write(folder / "model")
    return Registry(load_profile(folder / "model"))


def test_what_is_stamped_is_a_new_document(profile: Profile) -> None:
    document = {"status": {}, "_updated": OTHER}
    assert stamped(profile, Role.SERVICE, {"status": {}}, document) == {**document, "last_seen": OTHER}
    assert document == {"status": {}, "_updated": OTHER}
