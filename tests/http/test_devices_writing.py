"""POST, PATCH, PUT and DELETE: the shapes of the answers, preconditions, and what the store holds afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from stand import AGGREGATOR, ALICE, ENGINEER, PROSUMER, SERVICE, Caller, Stand, device
from werkzeug.test import TestResponse

ID, OTHER = device(1)["device_id"], device(2)["device_id"]
ITEM = f"/1/devices/{ID}"
MARKS = {"device_id", "_updated", "_created", "_etag", "_links", "_status"}


def error(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    assert answer.json["_status"] == "ERR"
    assert answer.json["_error"]["code"] == answer.status_code
    return answer.status_code, answer.json["_error"]["message"]


def check_marks(stand: Stand, marks: Mapping[str, Any], device_id: str) -> None:
    """Check what a write says of a device against what a read says."""
    assert set(marks) == MARKS
    item = stand.get(f"/1/devices/{device_id}").json
    assert item is not None
    assert {name: marks[name] for name in ("device_id", "_updated", "_created", "_etag")} == {
        name: item[name] for name in ("device_id", "_updated", "_created", "_etag")
    }
    assert marks["_links"] == {"self": {"title": "devices", "href": f"devices/{device_id}"}}
    assert marks["_status"] == "OK"


def test_post_of_one(stand: Stand) -> None:
    answer = stand.call("POST", "/1/devices", json=device())
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(ITEM)
    assert answer.json is not None
    check_marks(stand, answer.json, ID)


def test_post_of_a_list(stand: Stand) -> None:
    answer = stand.call("POST", "/1/devices/", json=[device(1), device(2)])
    assert answer.status_code == 201
    assert answer.json is not None
    assert set(answer.json) == {"_status", "_items"}
    assert answer.json["_status"] == "OK"
    for marks, device_id in zip(answer.json["_items"], (ID, OTHER), strict=True):
        check_marks(stand, marks, device_id)


def test_post_of_a_list_of_one_answers_as_for_a_document_alone(stand: Stand) -> None:
    answer = stand.call("POST", "/1/devices", json=[device()])
    assert answer.json is not None
    assert answer.json["device_id"] == device()["device_id"]
    assert answer.headers["Location"].endswith(device()["device_id"])


def test_post_of_a_bad_one(stand: Stand) -> None:
    bad = device(availability="maybe", foo=1, max_capacity="much", status={"mode": "9"})
    answer = stand.call("POST", "/1/devices", json=bad)
    assert answer.status_code == 422
    assert answer.json == {
        "_status": "ERR",
        "_issues": {
            "availability": "unallowed value maybe",
            "foo": "unknown field",
            "max_capacity": "must be of float type",
            "status": {"mode": "unallowed value 9"},
        },
        "_error": {"code": 422, "message": "Insertion failure: 1 document(s) contain(s) error(s)"},
    }
    assert not stand.dump()


def test_post_of_a_list_with_a_bad_one(stand: Stand) -> None:
    answer = stand.call("POST", "/1/devices", json=[device(1), device(2, availability="maybe")])
    assert answer.status_code == 422
    assert answer.json == {
        "_status": "ERR",
        "_items": [{"_status": "OK"}, {"_status": "ERR", "_issues": {"availability": "unallowed value maybe"}}],
        "_error": {"code": 422, "message": "Insertion failure: 1 document(s) contain(s) error(s)"},
    }
    assert not stand.dump()


def test_post_of_an_id_that_is_taken(stand: Stand) -> None:
    stand.add(device())
    answer = stand.call("POST", "/1/devices", json=device())
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["_issues"] == {"device_id": f"value '{ID}' is not unique"}


def test_post_fills_in_defaults_and_takes_numeric_strings(stand: Stand) -> None:
    document = {**device(device_name=..., max_capacity="5"), "status.operationState": "1.0"}
    assert stand.call("POST", "/1/devices", json=document).status_code == 201
    item = stand.get(ITEM).json
    assert item is not None
    assert (item["device_name"], item["max_capacity"], item["status"]) == ("NO NAME", 5.0, {"operationState": "1"})


@pytest.mark.parametrize("caller", [AGGREGATOR, PROSUMER, ENGINEER], ids=lambda caller: caller.role)
@pytest.mark.parametrize("body", [device(2), [device(2)], device(2, availability="maybe"), device(1)], ids=str)
def test_post_is_for_services(stand: Stand, caller: Caller, body: Any) -> None:
    stand.add(device(1))
    dump = stand.dump()
    answer = stand.call("POST", "/1/devices", caller, json=body)
    assert error(answer) == (403, f"The role {caller.role} may not create devices; service may.")
    assert stand.dump() == dump


@pytest.mark.parametrize("caller", [AGGREGATOR, PROSUMER, SERVICE], ids=lambda caller: caller.role)
def test_patch(stand: Stand, caller: Caller) -> None:
    stand.add(device(status={"mode": "1"}))
    answer = stand.patch(ID, {"max_capacity": 5, "cluster_id": "c"}, caller)
    assert answer.status_code == 200
    assert answer.json is not None
    assert set(answer.json) == MARKS
    assert answer.headers["ETag"] == stand.etag(ID, caller) == f'"{answer.json["_etag"]}"'
    item = stand.get(ITEM, caller).json
    assert item is not None
    assert (item["max_capacity"], item["cluster_id"], item["status"]) == (5.0, "c", {"mode": "1"})
    assert item["_updated"] == answer.json["_updated"] > item["_created"]


@pytest.mark.parametrize("changes", [{}, {"device_name": "device 1"}, {"vpp_id": None}, {"_etag": "ETAG"}], ids=str)
def test_patch_that_changes_nothing(stand: Stand, changes: dict[str, Any]) -> None:
    stand.add(device())
    dump, etag = stand.dump(), stand.etag(ID)
    answer = stand.patch(ID, {name: etag.strip('"') if value == "ETAG" else value for name, value in changes.items()})
    assert (answer.status_code, answer.headers["ETag"]) == (200, etag)
    assert stand.dump() == dump


def test_patch_with_issues(stand: Stand) -> None:
    stand.add(device())
    dump = stand.dump()
    answer = stand.patch(ID, {"availability": "maybe", "foo": 1, "status.mode": "9"})
    assert answer.status_code == 422
    assert answer.json == {
        "_issues": {
            "availability": "unallowed value maybe",
            "foo": "unknown field",
            "status": {"mode": "unallowed value 9"},
        },
        "_status": "ERR",
    }
    assert stand.dump() == dump


def test_patch_of_a_field_that_is_not_the_roles(stand: Stand) -> None:
    stand.add(device())
    dump = stand.dump()
    answer = stand.patch(ID, {"max_capacity": 5, "device_class": "heatPump"}, AGGREGATOR)
    assert error(answer) == (403, "The modification of the field device_class is not allowed")
    assert stand.dump() == dump


def test_patch_takes_back_what_get_gave(stand: Stand) -> None:
    stand.add(device(serial_number="s", external_ids=["e"], status={"mode": "1"}))
    for caller in (SERVICE, AGGREGATOR, PROSUMER):
        item = stand.get(ITEM, caller).json
        assert item is not None
        dump = stand.dump()
        assert stand.patch(ID, item, caller).status_code == 200
        assert stand.dump() == dump


@pytest.mark.parametrize(
    ("match", "status"),
    [
        ('"ETAG"', 200),
        ("ETAG", 200),
        ('W/"ETAG"', 200),
        ('"other", "ETAG"', 200),
        ('"ETAG-turtle"', 200),
        (None, 428),
        ("", 428),
        ("*", 412),
        ('"*"', 412),
        ('"other"', 412),
        ('""', 412),
        ('"ETAG', 200),
        ('"ETAGx"', 412),
    ],
)
@pytest.mark.parametrize(
    ("method", "caller"),
    [("PATCH", AGGREGATOR), ("PATCH", SERVICE), ("PUT", SERVICE), ("DELETE", SERVICE)],
    ids=["aggregator-PATCH", "service-PATCH", "service-PUT", "service-DELETE"],
)
def test_preconditions(stand: Stand, method: str, match: str | None, status: int, caller: Caller) -> None:
    stand.add(device())
    dump, etag = stand.dump(), stand.etag(ID, caller).strip('"')
    headers = {} if match is None else {"If-Match": match.replace("ETAG", etag)}
    body = {"json": device(max_capacity=5) if method == "PUT" else {"max_capacity": 5}} if method != "DELETE" else {}
    answer = stand.call(method, ITEM, caller, headers=headers, **body)
    if status == 200:
        assert answer.status_code in (200, 204)
        return
    assert error(answer) == (
        status,
        "To edit a document its etag must be provided using the If-Match header"
        if status == 428
        else "Client and server etags don't match",
    )
    assert stand.dump() == dump


def test_the_etag_of_one_view_is_not_that_of_another(stand: Stand) -> None:
    stand.add(device(serial_number="s"))
    assert stand.patch(ID, {"max_capacity": 5}, AGGREGATOR, stand.etag(ID, SERVICE)).status_code == 412


def test_an_etag_is_used_up_by_a_change(stand: Stand) -> None:
    stand.add(device())
    etag = stand.etag(ID)
    assert stand.patch(ID, {"max_capacity": 5}, etag=etag).status_code == 200
    assert stand.patch(ID, {"max_capacity": 6}, etag=etag).status_code == 412
    stand.patch(ID, {"max_capacity": None})
    assert stand.patch(ID, {"max_capacity": 6}, etag=etag).status_code == 412


def test_put_replaces(stand: Stand) -> None:
    stand.add(device(vpp_id="v", status={"mode": "1"}))
    before = stand.get(ITEM).json
    answer = stand.call("PUT", ITEM, json=device(max_capacity=5), headers={"If-Match": stand.etag(ID)})
    assert answer.status_code == 200
    assert answer.json is not None
    check_marks(stand, answer.json, ID)
    assert answer.headers["ETag"] == stand.etag(ID)
    item = stand.get(ITEM).json
    assert before is not None
    assert item is not None
    assert {name for name in item if not name.startswith("_")} == {*device(), "max_capacity"}
    assert item["_created"] == before["_created"] < item["_updated"]


def test_put_of_the_same_changes_nothing(stand: Stand) -> None:
    stand.add(device())
    dump = stand.dump()
    for body in (device(), device(device_id=...), device(device_id=ID.upper()), stand.get(ITEM).json):
        answer = stand.call("PUT", ITEM, json=body, headers={"If-Match": stand.etag(ID)})
        assert answer.status_code == 200
        assert stand.dump() == dump


@pytest.mark.parametrize("path", [ITEM, f"/1/devices/{ALICE.upper()}"])
def test_put_of_a_new_device_creates_it(stand: Stand, path: str) -> None:
    answer = stand.call("PUT", path, json=device(device_id=...))
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(path.lower())
    assert answer.json is not None
    check_marks(stand, answer.json, path.rpartition("/")[2].lower())


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        (ITEM, device(device_id=OTHER), {}, 422),
        (ITEM, device(device_id=5), {}, 422),
        (ITEM, device(device_id=None), {}, 422),
        ("/1/devices/x", device(device_id=...), {}, 404),
        (ITEM, device(availability="maybe"), {}, 422),
        (ITEM, [device()], {}, 422),
        (ITEM, device(), {"If-Match": '"x"'}, 404),
    ],
    ids=str,
)
def test_put_of_a_new_device_that_is_refused(
    stand: Stand, path: str, body: Any, headers: dict[str, str], status: int
) -> None:
    assert stand.call("PUT", path, json=body, headers=headers).status_code == status
    assert not stand.dump()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (device(device_id=OTHER), 403),
        (device(availability="maybe"), 422),
        (device(account_id=...), 422),
        (device(status=None), 422),
        (device(max_capacity=None), 422),
        (device(_created="2000-01-01T00:00:00.000000Z"), 422),
        ([], 422),
    ],
    ids=str,
)
def test_put_that_is_refused(stand: Stand, body: Any, status: int) -> None:
    stand.add(device())
    dump = stand.dump()
    assert stand.call("PUT", ITEM, json=body, headers={"If-Match": stand.etag(ID)}).status_code == status
    assert stand.dump() == dump


def test_delete(stand: Stand) -> None:
    stand.add(device(1, status={"mode": "1"}, external_ids=["a"]), device(2))
    answer = stand.call("DELETE", ITEM, headers={"If-Match": stand.etag(ID)})
    assert (answer.status_code, answer.data) == (204, b"")
    assert stand.get(ITEM).status_code == 404
    assert not [quad for quad in stand.dump() if ID in quad.subject]
    assert stand.call("DELETE", ITEM, headers={"If-Match": '"x"'}).status_code == 404
    assert stand.call("POST", "/1/devices", json=device(1)).status_code == 201


@pytest.mark.parametrize("caller", [AGGREGATOR, PROSUMER], ids=lambda caller: caller.role)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_put_and_delete_are_for_services(stand: Stand, caller: Caller, method: str) -> None:
    stand.add(device())
    dump = stand.dump()
    body = {"json": device()} if method == "PUT" else {}
    answer = stand.call(method, ITEM, caller, headers={"If-Match": stand.etag(ID, caller)}, **body)
    verb = {"PUT": "replace", "DELETE": "delete"}[method]
    assert error(answer) == (403, f"The role {caller.role} may not {verb} devices; service may.")
    assert stand.dump() == dump
