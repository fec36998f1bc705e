"""Bodies that can't be taken: the right 4xx with a reason, and a store that is as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stand import SERVICE, Stand, device

ID = device()["device_id"]
TARGETS = [("POST", "/1/devices"), ("PATCH", f"/1/devices/{ID}"), ("PUT", f"/1/devices/{ID}")]
EACH_TARGET = pytest.mark.parametrize(("method", "path"), TARGETS, ids=[method for method, _ in TARGETS])
GOOD = json.dumps(device(7))
TEXT = GOOD.replace("device 7", "TEXT")


def nested(levels: int) -> str:
    return '{"location":' * levels + "1" + "}" * levels


MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "no_json": b"device_id=1",
    "cut_off": GOOD[:-1].encode(),
    "two_documents": (GOOD + GOOD).encode(),
    "single_quotes": GOOD.replace('"', "'").encode(),
    "no_utf8": GOOD.replace("device 7", "\xff").encode("latin-1"),
    "utf16": GOOD.encode("utf-16"),
    "nan": GOOD.replace('"yes"', "NaN").encode(),
    "infinity": GOOD.replace('"yes"', "-Infinity").encode(),
    "number_beyond_a_double": GOOD.replace('"yes"', "1e999").encode(),
    "key_twice": GOOD.replace('"device_name"', '"device_id"').encode(),
    "nul": TEXT.replace("TEXT", "\\u0000").encode(),
    "raw_nul": TEXT.replace("TEXT", "\x00").encode(),
    "control_character": TEXT.replace("TEXT", "\\u001b[2J").encode(),
    "backspace": TEXT.replace("TEXT", "\\b").encode(),
    "lone_surrogate": TEXT.replace("TEXT", "\\ud800").encode(),
    "surrogates_in_the_wrong_order": TEXT.replace("TEXT", "\\ude00\\ud83d").encode(),
    "noncharacter": TEXT.replace("TEXT", "\\uffff").encode(),
    "nul_in_a_name": GOOD.replace("device_name", "device_name\\u0000").encode(),
    "nested_33_deep": nested(33).encode(),
    "nested_100000_deep": nested(100_000).encode()[: 2**20 - 1],
    "brackets_500000_deep": b"[" * 500_000,
}


@EACH_TARGET
@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_strict_json_is_400(stand: Stand, method: str, path: str, case: str) -> None:
    stand.add(device())
    dump = stand.dump()
    headers = {"If-Match": stand.etag(ID)}
    answer = stand.call(method, path, data=MALFORMED[case], content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["_status"] == "ERR"
    assert answer.json["_error"]["message"].startswith("The body")
    assert stand.dump() == dump


@EACH_TARGET
@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonx", "json"]
)
def test_another_content_type_is_400(stand: Stand, method: str, path: str, kind: str) -> None:
    stand.add(device())
    dump = stand.dump()
    answer = stand.call(method, path, data=GOOD, content_type=kind, headers={"If-Match": stand.etag(ID)})
    assert answer.status_code == 400
    assert answer.json is not None
    assert "application/json" in answer.json["_error"]["message"]
    assert stand.dump() == dump


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"]
)
def test_json_is_taken_under_each_of_its_names(stand: Stand, kind: str) -> None:
    stand.add(device())
    headers = {"If-Match": stand.etag(ID)}
    answer = stand.call("PATCH", f"/1/devices/{ID}", data='{"vpp_id":"x"}', content_type=kind, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("body", [5, "x", None, True, [], [[]], [device(2), 5], [None]], ids=str)
def test_post_takes_objects_alone(stand: Stand, body: Any) -> None:
    answer = stand.call("POST", "/1/devices", json=body)
    assert answer.status_code == 400
    assert not stand.dump()


@pytest.mark.parametrize("body", [5, "x", None, True, [], [{"vpp_id": "x"}]], ids=str)
def test_patch_takes_an_object_alone(stand: Stand, body: Any) -> None:
    stand.add(device())
    dump = stand.dump()
    answer = stand.patch(ID, body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["_error"]["message"] == "The body must be a JSON object"
    assert stand.dump() == dump


@EACH_TARGET
def test_a_body_of_more_than_a_mebibyte_is_413(stand: Stand, method: str, path: str) -> None:
    stand.add(device())
    dump = stand.dump()
    body = TEXT.replace("TEXT", "x" * 2**20)
    headers = {"If-Match": stand.etag(ID)}
    answer = stand.call(method, path, data=body, content_type="application/json", headers=headers)
    assert answer.status_code == 413
    assert stand.dump() == dump


@EACH_TARGET
@pytest.mark.parametrize("named", ["", "; filename=x", '; name="vpp_id"'])
def test_a_part_of_a_form_needs_a_name_and_is_no_file(stand: Stand, method: str, path: str, named: str) -> None:
    stand.add(device())
    dump = stand.dump()
    body = f"--x\r\nContent-Disposition: form-data{named}\r\n\r\nvalue\r\n--x--\r\n"
    headers = {"If-Match": stand.etag(ID)}
    kind = "multipart/form-data; boundary=x"
    answer = stand.call(method, path, data=body, content_type=kind, headers=headers)
    assert answer.status_code == {"": 400, "; filename=x": 400}.get(named, 200 if method == "PATCH" else 422)
    if answer.status_code == 400:
        assert "body" in (answer.json or {})["_error"]["message"]
    assert (stand.dump() == dump) == (answer.status_code != 200)


HUGE: dict[str, Callable[[], Any]] = {
    "long_text": lambda: {"manufacturer": "x" * 1_000_000},
    "long_name": lambda: {"x" * 1_000_000: 1},
    "many_names": lambda: {f"x{number}": 1 for number in range(50_000)},
    "many_dots": lambda: {"location." + "a." * 400_000: 1},
    "many_dotted_names": lambda: {f"status.x{number}": 1 for number in range(30_000)},
    "deep_point": lambda: {"location": json.loads("[" * 30 + "]" * 30)},
    "long_number": lambda: {"max_capacity": "1" * 500_000},
    "long_uuid": lambda: {"device_id": "0" * 900_000},
    "long_aggregator": lambda: {"aggregator_id": "é" * 150_000},
    "long_code": lambda: {"availability": "y" * 900_000},
}


@EACH_TARGET
@pytest.mark.parametrize("case", HUGE)
def test_what_is_huge_is_refused_with_its_issues(stand: Stand, method: str, path: str, case: str) -> None:
    stand.add(device())
    dump = stand.dump()
    changes = HUGE[case]()
    body = changes if method == "PATCH" else device(7 if method == "POST" else 1, **changes)
    answer = stand.call(method, path, json=body, headers={"If-Match": stand.etag(ID)})
    assert answer.status_code in (422, 403)
    assert answer.json is not None
    assert answer.json["_status"] == "ERR"
    assert stand.dump() == dump


@settings(max_examples=40)
@given(
    changes=st.dictionaries(
        st.sampled_from(
            [
                "device_id",
                "device_name",
                "status",
                "location",
                "status.mode",
                "external_ids",
                "aggregator_id",
                "online",
                ".",
            ]
        )
        | st.text(max_size=3),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
            max_leaves=4,
        ),
        max_size=4,
    ),
    target=st.sampled_from(TARGETS),
)
def test_any_document_is_taken_whole_or_refused_whole(
    shared_stand: Stand, changes: dict[str, Any], target: tuple[str, str]
) -> None:
    stand, (method, path) = shared_stand, target
    stand.clear()
    stand.add(device())
    dump = stand.dump()
    body = changes if method == "PATCH" else {**device(7 if method == "POST" else 1), **changes}
    headers = {"If-Match": stand.etag(ID)}
    answer = stand.call(method, path, SERVICE, data=json.dumps(body), content_type="application/json", headers=headers)
    assert answer.status_code in (200, 201, 400, 403, 422)
    if answer.status_code >= 400:
        assert stand.dump() == dump
        return
    marks = answer.json
    assert marks is not None
    assert stand.get(f"/1/devices/{marks['device_id']}").json is not None
    assert stand.etag(marks["device_id"]) == f'"{marks["_etag"]}"'
