"""GET of one device and of lists: the shapes of the answers that clients rely on."""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from device_strategies import documents
from hypothesis import given, settings
from stand import AGGREGATOR, ALICE, ENGINEER, PROSUMER, SERVICE, A, Caller, Stand, device

from registry.access import DEVICES
from registry.principal import Role
from registry.profile import load_profile
from sparql.terms import Iri, Literal, Triple

PROFILE = load_profile()
PUBLISHED = json.loads((Path(__file__).parent / "data" / "published_schema_complete.json").read_text())
ID = device()["device_id"]
MARKS = {"_updated", "_created", "_etag", "_id", "_links"}
HOME = {"title": "home", "href": "/"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}


def page(stand: Stand, caller: Caller = SERVICE, **parameters: Any) -> dict[str, Any]:
    answer = stand.get("/1/devices?" + urlencode(parameters), caller)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.data)
    assert answer.headers["X-Total-Count"] == str(found["_meta"]["total"])
    return found


def numbers(found: dict[str, Any]) -> list[int]:
    return [int(item["device_id"][-4:], 16) for item in found["_items"]]


def hrefs(found: dict[str, Any]) -> dict[str, str]:
    return {name: link["href"] for name, link in found["_links"].items()}


def plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in MARKS}


def said(item: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return what a writer said of a device: not when it reported, where the registry has noted that by itself."""
    noted = PROFILE.stamped_field.name if PROFILE.stamped_field else ""
    return {name: value for name, value in plain(item).items() if name != noted or name in document}


@pytest.mark.parametrize("path", ["/1", "/1/"])
@pytest.mark.parametrize("caller", [SERVICE, AGGREGATOR, ENGINEER], ids=lambda caller: caller.role)
def test_home_leads_to_the_devices(stand: Stand, path: str, caller: Caller) -> None:
    answer = stand.get(path, caller)
    assert answer.status_code == 200
    assert answer.json == {"_links": {"child": [{"href": "devices", "title": "devices"}]}}


def test_every_field_of_the_published_schema_comes_back(stand: Stand) -> None:
    created = stand.call("POST", "/1/devices", json=PUBLISHED)
    assert created.status_code == 201
    for caller in (SERVICE, AGGREGATOR, PROSUMER):
        item = stand.get(f"/1/devices/{PUBLISHED['device_id']}", caller).json
        assert item is not None
        assert said(item, PUBLISHED) == PUBLISHED
        assert json.dumps(plain(item)["status"]["x-fanspeed"]) == "3.0"
        (listed,) = page(stand, caller)["_items"]
        assert said(listed, PUBLISHED) == PUBLISHED


@settings(max_examples=20)
@given(documents(PROFILE))
def test_any_valid_document_comes_back(shared_stand: Stand, document: dict[str, Any]) -> None:
    shared_stand.clear()
    created = shared_stand.call("POST", "/1/devices", data=json.dumps(document), content_type="application/json")
    assert created.status_code == 201, created.text
    found = shared_stand.get(f"/1/devices/{document['device_id']}")
    assert found.json is not None
    assert created.json is not None
    assert said(found.json, document) == document
    assert found.json["_etag"] == created.json["_etag"]


def test_an_item_has_its_marks_and_links(stand: Stand) -> None:
    stand.add(device())
    answer = stand.get(f"/1/devices/{ID}")
    item = answer.json
    assert item is not None
    assert set(item) == {*device(), *MARKS}
    assert item["_links"] == {
        "self": {"title": "devices", "href": f"devices/{ID}"},
        "parent": HOME,
        "collection": {"title": "devices", "href": "devices"},
    }
    assert MOMENT.fullmatch(item["_created"])
    assert item["_created"] == item["_updated"]
    assert re.fullmatch("[0-9a-f]{40}", item["_etag"])
    assert re.fullmatch("[0-9a-f]{24}", item["_id"])
    assert answer.headers["ETag"] == f'"{item["_etag"]}"'
    assert answer.headers["Cache-Control"] == "max-age=10,must-revalidate"
    assert answer.headers["Content-Type"] == "application/json"
    modified = parsedate_to_datetime(answer.headers["Last-Modified"])
    assert modified.strftime("%Y-%m-%dT%H:%M:%S") == item["_updated"][:19]
    assert parsedate_to_datetime(answer.headers["Expires"]) > modified


def test_record_ids_are_stable_and_unique(stand: Stand) -> None:
    stand.add(device(1), device(2))
    before = [item["_id"] for item in page(stand)["_items"]]
    stand.patch(ID, {"max_capacity": 5})
    assert [item["_id"] for item in page(stand)["_items"]] == before
    assert len(set(before)) == 2


@pytest.mark.parametrize("path", [f"/1/devices/{ID}/", f"/1/devices/{ID.upper()}", f"/1/devices/{ID}?whatever=1"])
def test_an_item_is_found_under_other_spellings(stand: Stand, path: str) -> None:
    stand.add(device(device_id=ID))
    assert stand.get(path).status_code == 200


@pytest.mark.parametrize(
    "name", ["x", "00000000-0000-4000-8000-00000000ffff", "%00", "..%2F", "'", '"', "<urn:x>", "é", "a" * 5000]
)
def test_what_is_no_device_is_not_found(stand: Stand, name: str) -> None:
    answer = stand.get(f"/1/devices/{name}")
    assert answer.status_code == 404
    assert answer.json == {"_status": "ERR", "_error": {"code": 404, "message": "There is no such device."}}


def test_a_list_has_its_items_links_and_meta(stand: Stand) -> None:
    stand.add(*(device(number, availability="yes", max_capacity=float(number)) for number in (1, 2, 3)))
    answer = stand.get('/1/devices?max_results=1&page=2&where={"availability":"yes"}&sort=-max_capacity')
    found = answer.json
    assert found is not None
    assert numbers(found) == [2]
    start = 'devices?max_results=1&where={"availability":"yes"}&sort=-max_capacity'
    assert found["_links"] == {
        "parent": HOME,
        "self": {"title": "devices", "href": f"{start}&page=2"},
        "next": {"title": "next page", "href": f"{start}&page=3"},
        "last": {"title": "last page", "href": f"{start}&page=3"},
        "prev": {"title": "previous page", "href": start},
    }
    assert found["_meta"] == {"page": 2, "max_results": 1, "total": 3}
    assert found["_items"][0]["_links"] == {
        "self": {"title": "devices", "href": found["_items"][0]["_links"]["self"]["href"]}
    }
    assert answer.headers["X-Total-Count"] == "3"
    assert answer.headers["Cache-Control"] == "max-age=10,must-revalidate"
    assert {"Expires", "Last-Modified"} <= set(answer.headers.keys())


def test_an_item_of_a_list_is_the_item_itself(stand: Stand) -> None:
    stand.add(PUBLISHED, device())
    for listed in page(stand)["_items"]:
        item = stand.get(f"/1/devices/{listed['device_id']}").json
        assert item is not None
        assert {**item, "_links": {"self": item["_links"]["self"]}} == listed


def test_the_newest_change_of_a_page_is_its_last_modified(stand: Stand) -> None:
    stand.add(device(1), device(2))
    answer = stand.get("/1/devices")
    assert answer.json is not None
    newest = max(item["_updated"] for item in answer.json["_items"])
    assert parsedate_to_datetime(answer.headers["Last-Modified"]).strftime("%Y-%m-%dT%H:%M:%S") == newest[:19]


def test_an_empty_list(stand: Stand) -> None:
    answer = stand.get('/1/devices?where={"vpp_id":"x"}&max_results=7')
    assert answer.json == {
        "_items": [],
        "_links": {"parent": HOME, "self": {"title": "devices", "href": "devices"}},
        "_meta": {"page": 1, "max_results": 7, "total": 0},
    }
    assert "Last-Modified" not in answer.headers


@pytest.mark.parametrize(
    ("parameters", "found", "links"),
    [
        ({}, [1, 2, 3, 4, 5], ""),
        ({"max_results": 2}, [1, 2], "next last"),
        ({"max_results": 2, "page": 2}, [3, 4], "next last prev"),
        ({"max_results": 2, "page": 3}, [5], "prev"),
        ({"max_results": 5}, [1, 2, 3, 4, 5], ""),
        ({"max_results": 2, "page": 4}, [], "prev"),
        ({"page": 10**30}, [], "prev"),
        ({"page": "9" * 5000}, [1, 2, 3, 4, 5], ""),
        ({"max_results": 2, "page": -2}, [3, 4], "next last prev"),
        ({"max_results": 2, "page": 0}, [1, 2], "next last"),
        ({"max_results": 2, "page": "x"}, [1, 2], "next last"),
        ({"max_results": 2, "page": "1.5"}, [1, 2], "next last"),
        ({"max_results": 2, "page": ""}, [1, 2], "next last"),
        ({"max_results": "2.9"}, [1, 2], "next last"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_pages(stand: Stand, parameters: dict[str, Any], found: list[int], links: str) -> None:
    stand.add(*map(device, range(1, 6)))
    answer = page(stand, **parameters)
    assert numbers(answer) == found
    assert set(answer["_links"]) == {"parent", "self", *links.split()}
    assert answer["_meta"]["total"] == 5


@pytest.mark.parametrize(
    ("text", "size"),
    [("", 25), ("0", 25), ("-5", 25), ("0.5", 25), ("x", 25), ("nan", 25), ("25", 25), ("300", 300), ("301", 300),
     ("inf", 300), ("1e3", 300), ("-inf", 25), ("7.9", 7)],
)  # fmt: skip
def test_sizes_of_pages(stand: Stand, text: str, size: int) -> None:
    assert page(stand, max_results=text)["_meta"] == {"page": 1, "max_results": size, "total": 0}


def test_following_the_links_visits_every_device_once(stand: Stand) -> None:
    stand.add(*map(device, range(1, 8)))
    found, href = [], "devices?max_results=3&sort=-device_name"
    for _ in range(9):
        answer = stand.get(f"/1/{href}").json
        assert answer is not None
        found += numbers(answer)
        if "next" not in answer["_links"]:
            break
        href = answer["_links"]["next"]["href"]
    assert found == [7, 6, 5, 4, 3, 2, 1]
    assert answer is not None
    assert hrefs(answer)["prev"] == "devices?max_results=3&sort=-device_name&page=2"


def test_links_repeat_other_parameters_but_not_the_projection(stand: Stand) -> None:
    stand.add(device(1), device(2))
    found = page(stand, max_results=1, projection='{"device_name":1}', pretty="", x="1", version="all", embedded="{}")
    assert hrefs(found)["self"] == "devices?max_results=1&version=all&pretty=&x=1"
    assert hrefs(page(stand, max_results=25))["self"] == "devices"
    answer = stand.get("/1/devices?x=2&y=3&x=1").json
    assert answer is not None
    assert hrefs(answer)["self"] == "devices?x=2&x=1&y=3"


def test_an_item_leads_back_to_the_page_of_the_list(stand: Stand) -> None:
    stand.add(device())
    answer = stand.get(f'/1/devices/{ID}?page=3&max_results=2&sort=-vpp_id&projection={{"vpp_id":1}}').json
    assert answer is not None
    assert hrefs(answer) == {
        "self": f"devices/{ID}",
        "parent": "/",
        "collection": "devices?max_results=2&sort=-vpp_id&page=3",
        "prev": "devices?max_results=2&sort=-vpp_id&page=2",
    }


@pytest.mark.parametrize(
    ("projection", "status"),
    [
        ('{"status.mode":1}', {"mode": "1"}),
        ('{"status.mode":1,"status.setPoint":1}', {"mode": "1", "setPoint": 20.5}),
        ('{"status.mode":1,"status":1}', {"mode": "1", "setPoint": 20.5}),
        ('{"status.nothing":1}', {}),
        ('{"status.mode":0}', {"mode": "1", "setPoint": 20.5}),
        ('{"device_name.mode":1}', None),
    ],
)
def test_members_of_a_nested_object_are_projected(stand: Stand, projection: str, status: Any) -> None:
    stand.add(device(status={"mode": "1", "setPoint": 20.5}))
    (item,) = page(stand, projection=projection)["_items"]
    assert item.get("status") == status


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("max_capacity", [3, 1, 2]),
        ("-max_capacity", [2, 1, 3]),
        ("device_type,-max_capacity", [3, 2, 1]),
        ('[("max_capacity",-1)]', [2, 1, 3]),
        ('[["max_capacity",-1]]', [2, 1, 3]),
        ('{"max_capacity":1}', [3, 1, 2]),
        ("nothing", [1, 2, 3]),
        ("-_created", [3, 2, 1]),
        ("status.setPoint", [2, 3, 1]),
        ("location", [1, 2, 3]),
        ("", [1, 2, 3]),
    ],
)
def test_sorted(stand: Stand, sort: str, found: list[int]) -> None:
    stand.add(
        device(1, max_capacity=5, device_type="Storage", status={"setPoint": 1}),
        device(2, max_capacity=10, device_type="Storage"),
        device(3, device_type="Demand", status={"setPoint": -1}),
    )
    assert numbers(page(stand, sort=sort)) == found


@pytest.mark.parametrize(
    ("projection", "names"),
    [
        ("", [*device()]),
        ("{}", [*device()]),
        ('{"device_name":1}', ["device_id", "device_name"]),
        ('{"device_name":1,"nothing":1}', ["device_id", "device_name"]),
        ('{"device_name":0}', [*device(device_name=...)]),
        ('{"device_id":0,"_etag":0,"_updated":0}', [*device()]),
        ('{"nothing":1}', ["device_id"]),
        ('{"nothing":0}', [*device()]),
        ('{"status.mode":1}', ["device_id"]),
    ],
)
def test_projected(stand: Stand, projection: str, names: list[str]) -> None:
    stand.add(device())
    (item,) = page(stand, projection=projection)["_items"]
    assert set(item) - MARKS == set(names)
    assert set(item) >= MARKS
    one = stand.get(f"/1/devices/{ID}?" + urlencode({"projection": projection})).json
    assert one is not None
    assert set(one) == set(item)


@pytest.mark.parametrize(
    "projection", ["[1]", "x", "5", '{"a":2}', '{"a":"1"}', '{"a":null}', '{"a":[]}', '{"a":1', '"a"']
)
def test_projection_is_refused(stand: Stand, projection: str) -> None:
    answer = stand.get("/1/devices?" + urlencode({"projection": projection}))
    assert answer.status_code == 400
    assert answer.json is not None
    assert "projection" in answer.json["_error"]["message"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("where", "[]"), ("where", '{"a":{"$foo":1}}'), ("where", '{"$or":{}}'), ("where", '{"a":"\\ud800"}'),
     ("where", "{" * 9999), ("where", '{"a":' * 40 + "1" + "}" * 40), ("sort", "[(1"), ("sort", '[("a",5)]')],
)  # fmt: skip
def test_a_parameter_that_makes_no_sense_is_named(stand: Stand, name: str, value: str) -> None:
    answer = stand.get("/1/devices?" + urlencode({name: value}))
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["_error"]["message"].startswith(name)


def triples_of(stand: Stand, device_id: str) -> set[Triple]:
    return {
        quad.triple
        for quad in stand.dump()
        if quad.graph == DEVICES and quad.subject.startswith(f"urn:uuid:{device_id}")
    }


def read(data: bytes, media_type: str) -> set[Triple]:
    return {
        Triple(
            Iri(quad.subject.value),
            Iri(quad.predicate.value),
            Iri(quad.object.value)
            if isinstance(quad.object, ox.NamedNode)
            else Literal(quad.object.value, Iri(quad.object.datatype.value), quad.object.language),
        )
        for quad in ox.parse(data, FORMATS[media_type])
    }


@pytest.mark.parametrize("media_type", FORMATS)
def test_rdf_is_what_stands_in_the_store(stand: Stand, media_type: str) -> None:
    stand.add(PUBLISHED, device())
    answer = stand.get(f"/1/devices/{PUBLISHED['device_id']}", headers={"Accept": media_type})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert read(answer.data, media_type) == triples_of(stand, PUBLISHED["device_id"])


@settings(max_examples=10)
@given(document=documents(PROFILE))
def test_rdf_of_any_device_is_what_stands_in_the_store(shared_stand: Stand, document: dict[str, Any]) -> None:
    shared_stand.clear()
    shared_stand.add(document)
    for media_type in FORMATS:
        answer = shared_stand.get(f"/1/devices/{document['device_id']}", headers={"Accept": media_type})
        assert read(answer.data, media_type) == triples_of(shared_stand, document["device_id"])


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/*", "application/json"),
        ("text/turtle", "text/turtle"),
        ("text/turtle;q=0.4,application/json;q=0.5", "application/json"),
        ("text/turtle;q=0.5,application/json;q=0.4", "text/turtle"),
        ("application/rdf+xml,*/*;q=0.1", "application/rdf+xml"),
        ("image/png", "application/json"),
        ("nonsense", "application/json"),
    ],
)
def test_the_serialisation_follows_the_accept_header(stand: Stand, accept: str, media_type: str) -> None:
    stand.add(device())
    answer = stand.get(f"/1/devices/{ID}", headers={"Accept": accept})
    assert answer.mimetype == media_type
    assert "Accept" in answer.headers["Vary"]
    assert "Authorization" in answer.headers["Vary"]


LATER, EARLIER = "Tue, 01 Jan 2199 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": '"ETAG"'}, 304),
        ({"If-None-Match": "ETAG"}, 304),
        ({"If-None-Match": 'W/"ETAG"'}, 304),
        ({"If-None-Match": '"other", "ETAG"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-None-Match": '"ETAG-turtle"'}, 200),
        ({"If-None-Match": '"ETAG"', "Accept": "text/turtle"}, 200),
        ({"If-None-Match": '"ETAG-turtle-MODEL"', "Accept": "text/turtle"}, 304),
        ({"If-None-Match": '"ETAG-turtle-othermod"', "Accept": "text/turtle"}, 200),
        ({"If-Modified-Since": LATER}, 304),
        ({"If-Modified-Since": EARLIER}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Modified-Since": ""}, 200),
        ({"If-None-Match": '"ETAG"', "If-Modified-Since": EARLIER}, 200),
        ({"If-None-Match": '"ETAG"', "If-Modified-Since": LATER}, 304),
        ({"If-None-Match": '"other"', "If-Modified-Since": LATER}, 200),
    ],
    ids=str,
)
def test_who_has_the_current_version_gets_no_body(stand: Stand, headers: dict[str, str], status: int) -> None:
    stand.add(device())
    etag, model = stand.etag(ID).strip('"'), stand.components.in_force.edition.name[:8]
    answer = stand.get(
        f"/1/devices/{ID}",
        headers={name: value.replace("ETAG", etag).replace("MODEL", model) for name, value in headers.items()},
    )
    assert answer.status_code == status
    assert (answer.data == b"") == (status == 304)
    assert answer.headers["ETag"].strip('"').startswith(etag)
    assert answer.headers["Cache-Control"] == "max-age=10,must-revalidate"
    assert {"Expires", "Vary"} <= set(answer.headers.keys())


def test_last_modified_sent_back_is_not_modified_until_a_change(stand: Stand) -> None:
    stand.add(device())
    first = stand.get(f"/1/devices/{ID}")
    known = {"If-None-Match": first.headers["ETag"], "If-Modified-Since": first.headers["Last-Modified"]}
    assert stand.get(f"/1/devices/{ID}", headers=known).status_code == 304
    stand.patch(ID, {"vpp_id": "x"})
    assert stand.get(f"/1/devices/{ID}", headers=known).status_code == 200


@pytest.mark.parametrize("path", ["/1", "/1/devices", f"/1/devices/{ID}"])
def test_head_is_get_without_a_body(stand: Stand, path: str) -> None:
    stand.add(device())
    varying = {"X-Request-Id", "Date", "Expires"}
    head, get = stand.call("HEAD", path), stand.get(path)
    assert (head.status_code, head.data) == (200, b"")
    assert {each for each in head.headers.items() if each[0] not in varying} == {
        each for each in get.headers.items() if each[0] not in varying
    }


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/1", "GET HEAD OPTIONS"),
        ("/1/devices", "GET HEAD OPTIONS POST"),
        (f"/1/devices/{ID}", "GET HEAD OPTIONS PATCH PUT DELETE"),
    ],
)
def test_each_path_says_its_methods(stand: Stand, path: str, methods: str) -> None:
    known = set(methods.split())
    options = stand.call("OPTIONS", path)
    assert options.status_code == 200
    assert set(options.headers["Allow"].split(", ")) == known
    for method in {"POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"} - known:
        refused = stand.call(method, path)
        assert refused.status_code == 405
        assert refused.json is not None
        assert refused.json["_error"]["code"] == 405
        assert set(refused.headers["Allow"].split(", ")) == known


@pytest.mark.parametrize("path", ["/", "/2/devices", "/1/nothing", "/1/devices/x/y", "/devices", "/1/devices/x/status"])
def test_a_path_that_does_not_exist(stand: Stand, path: str) -> None:
    answer = stand.get(path)
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["_status"] == "ERR"
    assert answer.json["_error"]["code"] == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/1", "/1/devices", f"/1/devices/{ID}"])
def test_without_a_token_there_is_nothing(stand: Stand, method: str, path: str) -> None:
    stand.add(device())
    answer = stand.call(method, path, None)
    assert answer.status_code in (401, 405)
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("scheme", ["Bearer {}", "Token {}", "{}", "bearer {}"])
def test_forms_of_the_authorization_header(stand: Stand, scheme: str) -> None:
    headers = {"Authorization": scheme.format(stand.token(AGGREGATOR))}
    assert stand.get("/1/devices", None, headers=headers).status_code == 200


def test_an_engineer_sees_no_devices(stand: Stand) -> None:
    stand.add(device())
    assert page(stand, ENGINEER)["_items"] == []
    assert stand.get(f"/1/devices/{ID}", ENGINEER).status_code == 404


def test_a_prosumer_is_known_by_the_account_in_any_case(stand: Stand) -> None:
    stand.add(device())
    caller = Caller(role=Role.PROSUMER, host=A, account=ALICE.upper())
    assert numbers(page(stand, caller)) == [1]
