"""Random filters over REST return exactly the devices that a direct evaluation over the role's devices returns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from criteria_on_documents import holds
from device_strategies import documents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stand import ALICE, BOB, HOLDERS, A, B, Stand, device, running_stand
from test_listing_query import PLACES, conditions

from registry.devices.documents import value_at
from registry.devices.where import read_where
from registry.principal import Role
from registry.profile import load_profile

PROFILE = load_profile()
ROLES = sorted(HOLDERS)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder: Path = tmp_path_factory.mktemp("where")
    with running_stand(folder / "store") as running:
        yield running


@pytest.fixture(scope="module")
def everything(stand: Stand) -> list[dict[str, Any]]:
    """Put devices of two accounts at two aggregators into the registry and return them whole.

    The last of some draws is taken, as the first one has only the simplest values.
    """
    strategy = documents(
        PROFILE, account_id=st.sampled_from([ALICE, BOB]), aggregator_id=st.sampled_from([A, B]), location=PLACES
    )
    found: list[dict[str, Any]] = []

    @settings(max_examples=12, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(strategy, min_size=24, max_size=24, unique_by=lambda each: each["device_id"]))
    def draw(drawn: list[dict[str, Any]]) -> None:
        found[:] = drawn

    draw()
    own = [device(number, serial_number="x", external_ids=["x"], max_capacity=2.0 * number) for number in range(1, 5)]
    stand.add(*found, *own)
    return [dict(stand.get(f"/1/devices/{each['device_id']}").get_json()) for each in (*found, *own)]


def seen(role: Role, whole: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what a role sees: its devices, without the fields that are not for it."""
    caller = HOLDERS[role]
    scope = {Role.AGGREGATOR: {"aggregator_id": A}, Role.PROSUMER: {"aggregator_id": A, "account_id": caller.account}}
    names = {field.names[0] for field in PROFILE.visible(role)}
    mine = [each for each in whole if scope.get(role, {}).items() <= each.items()]
    return [{name: value for name, value in each.items() if name in names} for each in mine]


@pytest.fixture(scope="module")
def filters(everything: list[dict[str, Any]]) -> list[str]:
    """Draw filters before anything is asked for, the same in every run."""
    found: list[str] = []

    @settings(max_examples=60, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(conditions(everything))
    def draw(condition: dict[str, Any]) -> None:
        found.append(json.dumps(condition))

    draw()
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_filter_finds_what_python_finds_in_the_view(
    stand: Stand, everything: list[dict[str, Any]], filters: list[str], role: Role
) -> None:
    view = seen(role, everything)
    fields = {field.name: field for field in PROFILE.visible(role)}
    for condition in filters:
        wanted = {each["device_id"] for each in view if holds(read_where(condition, fields), each)}
        answer = stand.get(f"/1/devices?max_results=300&where={quote(condition)}", HOLDERS[role])
        assert answer.status_code == 200
        assert {each["device_id"] for each in answer.get_json()["_items"]} == wanted, condition
        assert answer.get_json()["_meta"]["total"] == len(wanted)


@pytest.mark.parametrize(
    ("role", "name"), [(Role.AGGREGATOR, "serial_number"), (Role.PROSUMER, "external_ids"), (Role.SERVICE, "nothing")]
)
@pytest.mark.parametrize(
    "text",
    ['{"%s": "x"}', '{"%s": null}', '{"%s": {"$ne": "x"}}', '{"%s": {"$nin": ["x"]}}',
     '{"%s": {"$not": {"$regex": "x"}}}',
     '{"%s": {"$all": ["x"]}}', '{"%s": {"$size": 1}}', '{"%s": {"$type": "string"}}', '{"%s": {"$gte": null}}',
     '{"%s": {"$exists": false}}', '%s=="x"', '%s!="x"', 'not %s>"a"', '%s==None', '"a"<%s<"z"', '%s==device_name',
     '{"%s": {"$foo": 1}}', '%s in 1'],
)  # fmt: skip
def test_a_hidden_field_behaves_as_one_that_does_not_exist(
    stand: Stand, everything: list[dict[str, Any]], role: Role, name: str, text: str
) -> None:
    answers = [
        stand.get(f"/1/devices?where={quote(text.replace('%s', each))}", HOLDERS[role]) for each in (name, "no" * 6)
    ]
    bodies = [answer.get_data(as_text=True) for answer in answers]
    shown, other = (body.replace(quoted, "?") for body, quoted in zip(bodies, (name, "no" * 6), strict=True))
    assert answers[0].status_code == answers[1].status_code
    assert _without_columns(shown) == _without_columns(other)
    assert value_at(everything[-1], ["device_name"])


def _without_columns(body: str) -> Any:
    """Leave out columns, which differ with the length of a name."""
    found = json.loads(body)
    if "_error" in found:
        found["_error"]["message"] = found["_error"]["message"].partition("column")[0]
    return found.get("_error"), found.get("_items"), found.get("_meta")
