"""Who sees what and may do what, over REST: random devices against the rule, and the published matrix line by line."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from device_strategies import documents
from hypothesis import given, settings
from hypothesis import strategies as st
from stand import AGGREGATOR, ALICE, BOB, ENGINEER, HOLDERS, PROSUMER, SERVICE, A, B, Caller, Stand, device
from werkzeug.test import TestResponse

from registry.access import ALLOWED, Operation
from registry.access_matrix import ROLES, access_matrix, right
from registry.devices.documents import ABSENT, value_at
from registry.principal import Role
from registry.profile import Field, load_profile

PROFILE = load_profile()
DOCUMENT = Path(__file__).parents[1] / "docs" / "access-matrix.md"
ID, OTHER = device(1)["device_id"], device(2)["device_id"]
ACCOUNTS = st.sampled_from([ALICE, BOB])
HOSTS = st.sampled_from([A, B])
CALLERS = [
    SERVICE,
    ENGINEER,
    *(Caller(role=Role.AGGREGATOR, host=host) for host in (A, B)),
    *(Caller(role=Role.PROSUMER, host=host, account=account) for host in (A, B) for account in (ALICE, BOB)),
]
HIDDEN = [(AGGREGATOR, "serial_number", "x"), (PROSUMER, "external_ids", ["x"])]
EACH_HIDDEN = pytest.mark.parametrize(("caller", "name", "value"), HIDDEN, ids=["aggregator", "prosumer"])
VARYING = {"X-Request-Id", "Date", "Expires"}


def may_see(caller: Caller, document: Mapping[str, Any]) -> bool:
    """The access rule, said directly."""
    match caller.role:
        case Role.SERVICE:
            return True
        case Role.AGGREGATOR:
            return bool(document["aggregator_id"] == caller.host)
        case Role.PROSUMER:
            return (document["aggregator_id"], document["account_id"]) == (caller.host, caller.account)
    return False


def as_seen(caller: Caller, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a document that the caller's role may see, by the shapes."""
    hidden = {field.name for field in PROFILE.fields.values() if caller.role not in field.visible_to}
    return {name: value for name, value in document.items() if name not in hidden}


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if not name.startswith("_")}


def shown(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Return all of an answer but what differs between any two."""
    return answer.status_code, answer.data, [each for each in answer.headers.items() if each[0] not in VARYING]


@settings(max_examples=25)
@given(
    found=st.lists(
        documents(PROFILE, account_id=ACCOUNTS, aggregator_id=HOSTS),
        min_size=1,
        max_size=7,
        unique_by=lambda document: document["device_id"],
    ),
    size=st.integers(1, 4),
)
def test_each_caller_gets_what_the_rule_says(shared_stand: Stand, found: list[dict[str, Any]], size: int) -> None:
    stand = shared_stand
    stand.clear()
    for document, added in zip(found, stand.add(*found), strict=True):
        if "status" in document:  # a report, of which the registry notes the time
            document.setdefault("last_seen", added.document["last_seen"])
    for caller in CALLERS:
        wanted = [as_seen(caller, document) for document in found if may_see(caller, document)]
        whole = stand.get("/1/devices?max_results=300", caller).json
        assert whole is not None
        assert [plain(item) for item in whole["_items"]] == wanted
        assert whole["_meta"]["total"] == len(wanted)
        pages = [
            stand.get(f"/1/devices?max_results={size}&page={page}", caller).json
            for page in range(1, len(found) // size + 2)
        ]
        assert [item for page in pages if page for item in page["_items"]] == whole["_items"]
        items = [stand.get(f"/1/devices/{document['device_id']}", caller) for document in found]
        assert [plain(item.json or {}) for item in items if item.status_code == 200] == wanted
        assert [item.status_code == 200 for item in items] == [may_see(caller, document) for document in found]


@pytest.mark.parametrize("caller", [caller for caller in CALLERS if not may_see(caller, device())], ids=str)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("match", [None, "own", "*", '"0000"'])
@pytest.mark.parametrize("accept", ["application/json", "text/turtle"])
def test_a_device_out_of_view_answers_as_one_that_does_not_exist(
    stand: Stand, caller: Caller, method: str, match: str | None, accept: str
) -> None:
    stand.add(device(1))
    dump = stand.dump()
    headers = {"Accept": accept}
    if match is not None:
        headers["If-Match"] = stand.etag(ID) if match == "own" else match
    body = {"json": {"max_capacity": 5}} if method in ("PATCH", "PUT") else {}
    there = stand.call(method, f"/1/devices/{ID}", caller, headers=headers, **body)
    nowhere = stand.call(method, f"/1/devices/{OTHER}", caller, headers=headers, **body)
    assert shown(there) == shown(nowhere)
    if method in ("GET", "HEAD") or (method == "PATCH" and match):
        assert there.status_code == 404
    assert there.status_code in (403, 404, 428)
    assert stand.dump() == dump


@pytest.mark.parametrize(
    "claim", ["aggregator_id", "aggregator", "account_id", "client_id", "azp", "host", "org", "email"]
)
@pytest.mark.parametrize(
    "role", ["aggregator", "prosumer", "service", "engineer", ["service", "aggregator"], "Aggregator"]
)
def test_a_token_with_anothers_identifiers_sees_nothing_of_it(stand: Stand, claim: str, role: Any) -> None:
    stand.add(device(1, aggregator_id=B, account_id=BOB))
    for value, subject in itertools.product((B, BOB, f"https://{B}"), (BOB, B, ALICE)):
        token = stand.token(Caller(role=Role.AGGREGATOR, host=A), **{claim: value, "role": role, "sub": subject})
        headers = {"Authorization": f"Bearer {token}"}
        listed = stand.get("/1/devices", None, headers=headers)
        item = stand.get(f"/1/devices/{ID}", None, headers=headers)
        assert (listed.status_code, item.status_code) in {(200, 404), (403, 403)}
        if listed.status_code == 200:
            assert listed.json is not None
            assert (listed.json["_items"], listed.json["_meta"]["total"]) == ([], 0)


def test_a_token_of_one_issuer_in_the_name_of_another_is_refused(stand: Stand) -> None:
    for host in (B, "operator.example"):
        token = stand.token(Caller(role=Role.AGGREGATOR, host=A), iss=f"https://{host}", role="service")
        assert stand.get("/1/devices", None, headers={"Authorization": f"Bearer {token}"}).status_code == 401


@EACH_HIDDEN
def test_a_hidden_field_is_neither_shown_nor_counted(stand: Stand, caller: Caller, name: str, value: Any) -> None:
    stand.add(device(1, vpp_id="a"), device(2, vpp_id="a"))
    before = stand.get("/1/devices", caller)
    item = stand.get(f"/1/devices/{ID}", caller)
    stand.patch(ID, {name: value})
    for path, known in (("/1/devices", before), (f"/1/devices/{ID}", item)):
        assert shown(stand.get(path, caller)) == shown(known)
    for accept in ("text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"):
        predicate = re.split("[#/]", PROFILE.fields[name].predicate)[-1]
        assert predicate not in stand.get(f"/1/devices/{ID}", caller, headers={"Accept": accept}).text
    assert name in (stand.get(f"/1/devices/{ID}").json or {})


@EACH_HIDDEN
@pytest.mark.parametrize(
    "query",
    [
        'where={"NAME":"x"}',
        'where={"NAME":{"$exists":true}}',
        'where={"NAME":{"$exists":false}}',
        'where={"NAME":null}',
        'where={"NAME":{"$gt":""}}',
        'where={"NAME":{"$ne":"x"}}',
        'where={"$nor":[{"NAME":"x"}]}',
        'where={"NAME":{"$in":["x"]}}',
        "sort=-NAME",
        'sort=[("NAME",-1)]',
        'projection={"NAME":1}',
        'projection={"NAME":0}',
    ],
)
def test_a_hidden_field_is_asked_for_as_one_that_does_not_exist(
    stand: Stand, caller: Caller, name: str, value: Any, query: str
) -> None:
    stand.add(device(1), device(2, **{name: value}), device(3))
    there = stand.get("/1/devices?" + query.replace("NAME", name), caller)
    nowhere = stand.get("/1/devices?" + query.replace("NAME", "nothing"), caller)
    assert there.status_code == 200
    assert there.text.replace(name, "nothing") == nowhere.text


@EACH_HIDDEN
@pytest.mark.parametrize("changed", ["x", None, 5, ["x"], {}])
def test_a_hidden_field_is_changed_as_one_that_does_not_exist(
    stand: Stand, caller: Caller, name: str, value: Any, changed: Any
) -> None:
    stand.add(device(1, **{name: value}))
    dump = stand.dump()
    for changes in ({name: changed}, {name: changed, "availability": "maybe"}):
        there = stand.patch(ID, changes, caller)
        nowhere = stand.patch(ID, {"nothing" if key == name else key: each for key, each in changes.items()}, caller)
        assert there.status_code == nowhere.status_code == 422
        assert there.text.replace(name, "nothing") == nowhere.text
    assert stand.dump() == dump


def test_the_published_matrix_is_that_of_the_profile() -> None:
    assert DOCUMENT.read_text() == access_matrix(PROFILE)


LINES = [line.strip("| ").split(" | ") for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
HEADS = [line for line in LINES if line[0] in ("role", "field")]
OPERATIONS = [(line[0], dict(zip(HEADS[0][2:], line[2:], strict=True))) for line in LINES if line[0] in set(Role)]
FIELD_LINES = [
    (line[0].strip("`"), dict(zip(HEADS[1][1:], line[1:], strict=True))) for line in LINES if line[0].startswith("`")
]


def test_the_matrix_has_every_role_operation_and_field() -> None:
    assert [role for role, _ in OPERATIONS] == list(ROLES)
    assert all(set(rights) == set(Operation) for _, rights in OPERATIONS)
    assert [name for name, _ in FIELD_LINES] == list(PROFILE.fields)
    assert all(set(rights) == set(Role) for _, rights in FIELD_LINES)


def attempt(stand: Stand, operation: Operation, caller: Caller) -> int:
    headers = {"If-Match": stand.etag(ID, caller if may_see(caller, device()) else SERVICE)}
    method, path, request = {
        Operation.READ: ("GET", f"/1/devices/{ID}", {}),
        Operation.CHANGE: ("PATCH", f"/1/devices/{ID}", {"json": {"vpp_id": "new"}}),
        Operation.CREATE: ("POST", "/1/devices", {"json": device(2)}),
        Operation.REPLACE: ("PUT", f"/1/devices/{ID}", {"json": device(1, vpp_id="new")}),
        Operation.DELETE: ("DELETE", f"/1/devices/{ID}", {}),
    }[operation]
    return stand.call(method, path, caller, headers=headers, **request).status_code


@pytest.mark.parametrize(("role", "rights"), OPERATIONS, ids=[role for role, _ in OPERATIONS])
@pytest.mark.parametrize("operation", Operation)
def test_each_operation_of_the_matrix_is_true(
    stand: Stand, role: str, rights: dict[str, str], operation: Operation
) -> None:
    stand.add(device(1))
    dump = stand.dump()
    caller = HOLDERS.get(Role(role), ENGINEER)
    status = attempt(stand, operation, caller)
    if rights[operation] == "yes":
        assert status in (200, 201, 204)
        assert (stand.dump() == dump) == (operation is Operation.READ)
    else:
        assert status in (403, 404)
        assert stand.dump() == dump
    assert (rights[operation] == "yes") == (Role(role) in ALLOWED[operation])


def window(day: int) -> dict[str, Any]:
    return {"begin": f"2030-01-0{day}T00:00:00Z", "end": f"2030-01-0{day + 1}T00:00:00Z"}


def two_values(field: Field) -> tuple[Any, Any]:
    """Return two valid values of a field."""
    samples: dict[str, tuple[Any, Any]] = {
        "float": (1.0, 2.0),
        "integer": (1, 2),
        "boolean": (True, False),
        "datetime": ("2026-11-23T06:39:22.000000Z", "2026-11-24T06:39:22.000000Z"),
        "date": ("2026-11-23", "2026-11-24"),
        "uuid": (ALICE, BOB),
        "point": ({"type": "Point", "coordinates": [2.5, 41.0]}, {"type": "Point", "coordinates": [3.5, 42.0]}),
        "string": ("one", "two"),
        "calendar": ([window(1)], [window(2)]),
    }
    codes = getattr(field.codec, "codes", None)
    one, other = samples[field.codec.kind] if codes is None else list(codes)[:2]
    if field is PROFILE.identity:
        return ID, OTHER
    return ([one], [other]) if field.multiple else (one, other)


@pytest.mark.parametrize(("name", "rights"), FIELD_LINES, ids=[name for name, _ in FIELD_LINES])
@pytest.mark.parametrize("role", HOLDERS)
def test_each_field_of_the_matrix_is_true(stand: Stand, name: str, rights: dict[str, str], role: Role) -> None:
    field, caller = PROFILE.fields[name], HOLDERS[role]
    old, new = two_values(field)
    given = {name: old} if name not in ("device_id", "account_id", "aggregator_id", "_created", "_updated") else {}
    stand.add(device(1, **given))
    before = stand.get(f"/1/devices/{ID}", caller).json
    assert before is not None
    assert (value_at(before, field.names) is not ABSENT) == (rights[role] != "-")
    dump = stand.dump()
    answer = stand.patch(ID, {name: new}, caller)
    assert answer.status_code == expected_status(field, rights[role])
    if answer.status_code == 200:
        after = stand.get(f"/1/devices/{ID}", caller).json
        assert after is not None
        assert value_at(after, field.names) == new
    else:
        assert stand.dump() == dump
    assert right(field, role) == rights[role]


def expected_status(field: Field, right: str) -> int:
    if right == "-" or field.is_record:
        return 422
    return 200 if right == "change" and field is not PROFILE.identity else 403
