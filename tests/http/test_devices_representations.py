"""The facade's other media types, bodies, methods and tags: what Eve's clients may use beside plain JSON."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand import AGGREGATOR, PROSUMER, SERVICE, Stand, device

from registry.http.xml import write_xml

ID = device()["device_id"]
ITEM = f"/1/devices/{ID}"
XML = {"Accept": "application/xml"}
PROBLEM = {"Accept": "application/problem+json"}
JSON_VALUES = st.recursive(
    st.text() | st.integers() | st.floats(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def leaves(element: ElementTree.Element) -> dict[str, str | None]:
    return {each.tag: each.text for each in element if each.tag != "link" and not len(each)}


@given(st.dictionaries(st.text().filter(lambda name: not name.startswith("_")), JSON_VALUES))
def test_any_document_is_well_formed_xml(document: dict[str, Any]) -> None:
    assert ElementTree.fromstring(write_xml(document)).tag == "resource"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_a_text_comes_back_from_xml_as_it_was(text: str) -> None:
    assert ElementTree.fromstring(write_xml({"a": text})).findtext("a") == text


def test_xml_is_written_as_eve_writes_it() -> None:
    links = {"self": {"href": "devices?a&b", "title": "devices"}, "parent": {"href": "/", "title": "home"}}
    document = {"b": [1, "<"], "a": {"y": 2.0, "x": '"'}, "_links": links}
    assert write_xml(document) == (
        '<resource href="devices?a&amp;b"  title="devices" ><link rel="parent" href="/" title="home" />'
        "<a><x>&#34;</x><y>2.0</y></a><b>1</b><b>&lt;</b></resource>"
    )


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/xml", "application/xml"),
        ("text/xml", "text/xml"),
        ("application/x-xml", "application/x-xml"),
        ("application/json;q=0.5,application/xml", "application/xml"),
        ("application/json,application/xml;q=0.5", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("image/png", "application/json"),
    ],
)
@pytest.mark.parametrize("path", ["/1", "/1/devices", ITEM, "/1/devices/unknown", "/1/nothing"])
def test_the_media_type_follows_accept_everywhere(stand: Stand, path: str, accept: str, media_type: str) -> None:
    stand.add(device())
    assert stand.get(path, headers={"Accept": accept}).mimetype == media_type


def test_a_list_in_xml_says_what_it_says_in_json(stand: Stand) -> None:
    stand.add(*(device(number, device_name=f"<{number}> & 'é'") for number in range(1, 4)))
    path = "/1/devices?max_results=1&page=2"
    found, root = stand.get(path).json, ElementTree.fromstring(stand.get(path, headers=XML).data)
    assert found is not None
    assert root.get("href") == found["_links"]["self"]["href"]
    assert {link.get("rel"): link.get("href") for link in root.findall("link")} == {
        name: link["href"] for name, link in found["_links"].items() if name != "self"
    }
    assert {each.tag: int(each.text or "") for each in root.findall("_meta/*")} == found["_meta"]
    (item,), (shown,) = found["_items"], root.findall("resource")
    assert leaves(shown) == {name: value for name, value in item.items() if isinstance(value, str)}


def test_an_invalid_list_in_xml_keeps_its_error_and_names_that_are_none(stand: Stand) -> None:
    answer = stand.call("POST", "/1/devices", json=[device(), device(2, **{"a <b": 1})], headers=XML)
    root = ElementTree.fromstring(answer.data)
    assert (answer.status_code, root.findtext("_error/code"), root.findtext("_status")) == (422, "422", "ERR")
    assert [each.findtext("_status") for each in root.findall("resource")] == ["OK", "ERR"]
    (named,) = root.findall("resource/_issues/_member")
    assert (named.get("name"), named.text) == ("a <b", "unknown field")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_makes_a_device(stand: Stand, kind: str) -> None:
    form = {**device(device_name="12"), "max_capacity": "2.5", "status": '{"mode": "1"}'}
    answer = stand.call("POST", "/1/devices", data=form, content_type=kind)
    assert answer.status_code == 201, answer.text
    item = stand.get(ITEM).json
    assert item is not None
    assert (item["device_name"], item["max_capacity"], item["status"]["mode"]) == ("12", 2.5, "1")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"device_name=%ff", 400),
        (b"device_name=\xff", 400),
        (b"device_name=%00", 400),
        (b"&".join([b"a=1"] * 1001), 400),
        (b"device_name=a&device_name=b", 422),
        (b'status={"mode": "1", "mode": "2"}', 400),
        (b"status=" + b"[" * 100_000, 422),
        (b"device_name=new", 200),
        (b"status.mode=2", 200),
    ],
)
def test_forms_that_change_a_device(stand: Stand, body: bytes, status: int) -> None:
    stand.add(device())
    dump, headers = stand.dump(), {"If-Match": stand.etag(ID)}
    kind = "application/x-www-form-urlencoded"
    assert stand.call("PATCH", ITEM, data=body, content_type=kind, headers=headers).status_code == status
    assert (stand.dump() == dump) == (status != 200)


@pytest.mark.parametrize(
    ("method", "override", "status"),
    [
        ("POST", "PATCH", 200),
        ("POST", "patch", 200),
        ("POST", "DELETE", 204),
        ("POST", "GET", 200),
        ("POST", "POST", 405),
        ("POST", "HEAD", 405),
        ("POST", "X Y", 405),
        ("GET", "DELETE", 200),
        ("PATCH", "DELETE", 200),
    ],
)
def test_only_a_post_is_taken_for_another_method(stand: Stand, method: str, override: str, status: int) -> None:
    stand.add(device())
    headers = {"X-HTTP-Method-Override": override, "If-Match": stand.etag(ID)}
    answer = stand.call(method, ITEM, json={"device_name": "new"}, headers=headers)
    assert answer.status_code == status
    assert stand.get(ITEM).status_code == (404 if status == 204 else 200)
    if status == 405:
        assert "PATCH" in answer.headers["Allow"]


def test_an_override_opens_nothing_to_a_role(stand: Stand) -> None:
    stand.add(device())
    headers = {"X-HTTP-Method-Override": "DELETE", "If-Match": stand.etag(ID, PROSUMER)}
    assert stand.call("POST", ITEM, PROSUMER, headers=headers).status_code == 403


def tag(stand: Stand, query: str = "", caller: Any = SERVICE, **headers: str) -> str:
    return str(stand.get(f"/1/devices?{query}", caller, headers=headers).headers["ETag"])


def test_a_listing_that_is_as_it_was_answers_304_with_its_headers(stand: Stand) -> None:
    stand.add(device(1), device(2))
    for condition in (tag(stand), tag(stand).strip('"'), f"W/{tag(stand)}", f'"x", {tag(stand)}'):
        answer = stand.get("/1/devices", headers={"If-None-Match": condition})
        assert (answer.status_code, answer.data) == (304, b"")
        assert {"ETag", "Cache-Control", "Expires"} <= set(answer.headers.keys())


def test_each_listing_has_a_tag_of_its_own(stand: Stand) -> None:
    stand.add(device(1), device(2))
    asked = ["", "max_results=1", "max_results=1&page=2", "sort=-device_name", 'projection={"location":0}', "x=1"]
    found = [*(tag(stand, query) for query in asked), tag(stand, **XML)]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("change", ["add", "patch", "remove"])
def test_a_listing_that_changed_is_sent_again(stand: Stand, change: str) -> None:
    stand.add(device(1), device(2))
    first = stand.get("/1/devices?max_results=1")
    if change == "add":
        stand.add(device(3))
    elif change == "patch":
        stand.patch(ID, {"device_name": "new"})
    else:
        other = device(2)["device_id"]
        stand.call("DELETE", f"/1/devices/{other}", headers={"If-Match": stand.etag(other)})
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ):
        assert stand.get("/1/devices?max_results=1", headers=headers).status_code == 200


def test_a_date_that_disagrees_sends_the_listing(stand: Stand) -> None:
    stand.add(device())
    headers = {"If-None-Match": tag(stand), "If-Modified-Since": "Fri, 01 Jan 1999 00:00:00 GMT"}
    assert stand.get("/1/devices", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/1/devices/unknown", 404, "not-found"),
        ("GET", "/1/nothing", 404, "not-found"),
        ("DELETE", "/1/devices", 405, "method-not-allowed"),
        ("GET", "/1/devices?projection=[1]", 400, "bad-request"),
        ("DELETE", ITEM, 428, "precondition-required"),
    ],
)
def test_errors_are_problem_documents_for_who_asks(
    stand: Stand, method: str, path: str, status: int, code: str
) -> None:
    stand.add(device())
    answer = stand.call(method, path, headers=PROBLEM)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    found = json.loads(answer.data)
    assert (found["status"], found["code"]) == (status, code)
    assert found["detail"]
    assert ("Allow" in answer.headers) == (status == 405)
    assert stand.call(method, path).mimetype == "application/json"


@pytest.mark.parametrize("caller", [SERVICE, AGGREGATOR], ids=lambda caller: caller.role)
def test_a_problem_names_the_same_issues_as_eves_shape(stand: Stand, caller: Any) -> None:
    stand.add(device())
    etag, body = stand.etag(ID, caller), {"availability": "maybe", "foo": 1}
    usual, asked = (
        stand.call("PATCH", ITEM, caller, json=body, headers={"If-Match": etag, **accept}) for accept in ({}, PROBLEM)
    )
    assert usual.status_code == asked.status_code
    if usual.status_code == 422:
        assert json.loads(asked.data)["issues"] == json.loads(usual.data)["_issues"]
        assert json.loads(usual.data)["_issues"]["foo"] == "unknown field"


def test_links_repeat_the_version(stand: Stand) -> None:
    stand.add(device())
    found = stand.get("/1/devices?" + urlencode({"version": "all", "max_results": 2})).json
    assert found is not None
    assert found["_links"]["self"]["href"] == "devices?max_results=2&version=all"
