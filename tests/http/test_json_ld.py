"""JSON-LD over HTTP: the context, plain JSON by it, and devices and lists of them as JSON-LD; PyLD is the client."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox
import pytest
from device_strategies import documents
from hypothesis import given, settings
from hypothesis import strategies as st
from json_ld_processing import comparable
from pyld import jsonld
from pyld_reader import read_by_pyld
from stand import AGGREGATOR, ALICE, ENGINEER, PROSUMER, SERVICE, A, Caller, Stand, device
from werkzeug.test import TestResponse

from registry.http.json_ld_context import context_file
from registry.http.link_header import LONGEST
from registry.json_ld import device_context
from registry.profile import load_profile
from sparql.graph_formats import GRAPH_FORMATS
from sparql.terms import DOUBLE, Iri, Literal, Term, Triple

PROFILE = load_profile()
HOST = "https://registry.example"
REL = "http://www.w3.org/ns/json-ld#context"
ID = device()["device_id"]
ITEM = f"/1/devices/{ID}"
CALLERS = pytest.mark.parametrize("caller", [SERVICE, AGGREGATOR, PROSUMER], ids=lambda caller: caller.role)
HOUSEHOLD = {"aggregator_id": st.just(A), "account_id": st.just(ALICE)}
PARSERS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}


def loader(stand: Stand, caller: Caller, accept: str) -> Callable[..., dict[str, Any]]:
    """Return a document loader of PyLD that asks this registry alone; it has a token for devices only."""

    def load(url: str, _: Mapping[str, Any]) -> dict[str, Any]:
        assert url.startswith(f"{HOST}/")
        path = url.removeprefix(HOST)
        answer = stand.get(path, caller if path.startswith("/1/") else None, headers={"Accept": accept})
        assert answer.status_code == 200
        link = jsonld.parse_link_header(answer.headers.get("Link", "")).get(REL)
        context = f"{HOST}{link['target']}" if link and answer.mimetype == "application/json" else None
        return {"contentType": answer.mimetype, "contextUrl": context, "documentUrl": url, "document": answer.text}

    return load


def followed(stand: Stand, caller: Caller, path: str, accept: str = "application/json") -> set[Triple]:
    return read_by_pyld(f"{HOST}{path}", loader=loader(stand, caller, accept))


def n_triples(stand: Stand, caller: Caller, path: str) -> set[Triple]:
    data = stand.get(path, caller, headers={"Accept": "application/n-triples"}).data
    return {
        Triple(Iri(quad.subject.value), Iri(quad.predicate.value), term(quad.object))
        for quad in ox.parse(data, ox.RdfFormat.N_TRIPLES)
    }


def term(found: Any) -> Term:
    if isinstance(found, ox.NamedNode):
        return Iri(found.value)
    return Literal(found.value, Iri(found.datatype.value), found.language)


def sixteen(triples: set[Triple]) -> set[tuple[Iri, Iri, Term | float]]:
    """Return triples with numbers of 16 digits for doubles, as PyLD has them."""
    return {(s, p, float(f"{float(o.lexical):.15E}") if is_double(o) else o) for s, p, o in triples}  # type: ignore[union-attr]


def is_double(term: Term) -> bool:
    return isinstance(term, Literal) and term.datatype == DOUBLE


def links(answer: TestResponse) -> dict[str, str]:
    found = jsonld.parse_link_header(answer.headers.get("Link", ""))
    return {name: link["target"] for name, link in found.items()}


def test_the_context_is_for_everybody(stand: Stand) -> None:
    answer = stand.get("/context.jsonld", None, headers={"Origin": "https://anywhere.example"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/ld+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "public" in answer.headers["Cache-Control"]
    assert "Vary" not in answer.headers
    assert json.loads(answer.data) == device_context(PROFILE)


@pytest.mark.parametrize("caller", [None, SERVICE, PROSUMER, ENGINEER])
@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/ld+json", "text/turtle", "image/png"])
def test_the_context_is_the_same_for_all(stand: Stand, caller: Caller | None, accept: str) -> None:
    answer = stand.get("/context.jsonld", caller, headers={"Accept": accept})
    assert (answer.mimetype, answer.data) == ("application/ld+json", stand.get("/context.jsonld", None).data)


@pytest.mark.parametrize(
    ("condition", "status"),
    [('"ETAG"', 304), ("ETAG", 304), ('W/"ETAG"', 304), ("*", 304), ('"other"', 200), ("", 200)],
)
def test_who_has_the_context_gets_no_body(stand: Stand, condition: str, status: int) -> None:
    etag = stand.get("/context.jsonld", None).headers["ETag"].strip('"')
    answer = stand.get("/context.jsonld", None, headers={"If-None-Match": condition.replace("ETAG", etag)})
    assert (answer.status_code, answer.data == b"") == (status, status == 304)
    assert answer.headers["ETag"] == f'"{etag}"'
    assert {"Cache-Control", "Access-Control-Allow-Origin"} <= set(answer.headers.keys())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_the_context_is_only_read(stand: Stand, method: str) -> None:
    answer = stand.call(method, "/context.jsonld", None)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", [ITEM, "/1/devices", "/1/devices?max_results=1&page=2"])
@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
def test_plain_json_leads_to_its_context(stand: Stand, path: str, accept: str) -> None:
    stand.add(device(1), device(2))
    answer = stand.get(path, headers={"Accept": accept})
    found = jsonld.parse_link_header(answer.headers["Link"])[REL]
    assert (found["target"], found["type"]) == ("/context.jsonld", "application/ld+json")


@pytest.mark.parametrize("accept", ["application/xml", *PARSERS])
@pytest.mark.parametrize("path", [ITEM, "/1/devices"])
def test_other_answers_need_no_context(stand: Stand, path: str, accept: str) -> None:
    stand.add(device())
    assert REL not in links(stand.get(path, headers={"Accept": accept}))


@CALLERS
@settings(max_examples=15)
@given(document=documents(PROFILE, **HOUSEHOLD))
def test_a_client_that_follows_the_link_reads_triples_of_its_view(
    shared_stand: Stand, caller: Caller, document: dict[str, Any]
) -> None:
    shared_stand.clear()
    shared_stand.add(document)
    path = f"/1/devices/{document['device_id']}"
    seen, held = shared_stand.get(path, caller).json, n_triples(shared_stand, caller, path)
    assert seen is not None
    for each in (path, "/1/devices"):
        found, expected = comparable(PROFILE, seen, followed(shared_stand, caller, each), held)
        assert found == expected
        assert len(found) > 6


@CALLERS
@settings(max_examples=15)
@given(document=documents(PROFILE, **HOUSEHOLD))
def test_json_ld_of_any_device_says_what_its_n_triples_say(
    shared_stand: Stand, caller: Caller, document: dict[str, Any]
) -> None:
    shared_stand.clear()
    shared_stand.add(document)
    for path in (f"/1/devices/{document['device_id']}", "/1/devices"):
        held = n_triples(shared_stand, caller, path)
        assert sixteen(followed(shared_stand, caller, path, "application/ld+json")) == sixteen(held)
        assert len(held) > 10


@pytest.mark.parametrize("media_type", PARSERS)
@CALLERS
def test_a_list_as_rdf_has_the_triples_of_its_devices(stand: Stand, caller: Caller, media_type: str) -> None:
    stand.add(*map(device, range(1, 6)), device(6, account_id=device(6)["ven_id"]))
    accept = {"Accept": media_type}
    query = urlencode({"max_results": 2, "page": 2, "sort": "-device_name", "where": '{"device_class":"dhwDevice"}'})
    plain, answer = (
        stand.get(f"/1/devices?{query}", caller).json,
        stand.get(f"/1/devices?{query}", caller, headers=accept),
    )
    assert plain is not None
    assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert answer.headers["X-Total-Count"] == str(plain["_meta"]["total"])
    expected: set[ox.Quad] = set()
    for item in plain["_items"]:
        one = stand.get(f"/1/devices/{item['device_id']}", caller, headers=accept)
        expected |= set(ox.parse(one.data, PARSERS[media_type]))
    assert set(ox.parse(answer.data, PARSERS[media_type])) == expected
    assert len(plain["_items"]) == 2


@pytest.mark.parametrize("media_type", PARSERS)
def test_an_empty_list_is_an_empty_graph(stand: Stand, media_type: str) -> None:
    for caller in (SERVICE, ENGINEER):
        answer = stand.get("/1/devices", caller, headers={"Accept": media_type})
        assert (answer.status_code, answer.headers["X-Total-Count"]) == (200, "0")
        assert set(ox.parse(answer.data, PARSERS[media_type])) == set()


def test_a_list_as_rdf_answers_304_by_a_tag_of_its_own(stand: Stand) -> None:
    stand.add(device())
    tags = {stand.get("/1/devices", headers={"Accept": form}).headers["ETag"] for form in (*PARSERS, "*/*")}
    assert len(tags) == len(GRAPH_FORMATS) + 1
    headers = {"Accept": "text/turtle"}
    tag = stand.get("/1/devices", headers=headers).headers["ETag"]
    assert stand.get("/1/devices", headers={**headers, "If-None-Match": tag}).status_code == 304
    stand.patch(ID, {"device_name": "new"})
    assert stand.get("/1/devices", headers={**headers, "If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("page", "relations"),
    [(1, "next last"), (2, "first next last prev"), (3, "first prev"), (4, "first prev"), (0, "next last")],
)
@pytest.mark.parametrize("accept", ["application/json", "application/xml", *PARSERS])
def test_the_header_leads_to_other_pages(stand: Stand, page: int, relations: str, accept: str) -> None:
    stand.add(*map(device, range(1, 6)))
    found = links(stand.get(f"/1/devices?max_results=2&page={page}", headers={"Accept": accept}))
    assert set(found) - {REL} == set(relations.split())


@pytest.mark.parametrize("path", ["/1/devices", "/1/devices/"])
def test_following_the_header_visits_every_device_once(stand: Stand, path: str) -> None:
    stand.add(*(device(number, device_name=f'<{number}>, "é"; \n&=') for number in range(1, 6)))
    where = json.dumps({"device_name": {"$regex": '[<>], "é"; \n&='}})
    address: str | None = f"{path}?{urlencode({'max_results': 2, 'where': where, 'sort': '-_created', 'x': '<>;, '})}"
    found = set()
    for _ in range(3):
        assert address is not None
        triples = n_triples(stand, SERVICE, address)
        found |= {each.subject for each in triples if each.predicate == PROFILE.identity.predicate}
        address = links(stand.get(address)).get("next")
    assert address is None
    assert len(found) == 5


def test_the_first_page_is_the_one_without_a_number(stand: Stand) -> None:
    stand.add(device(1), device(2))
    found = links(stand.get("/1/devices?max_results=1&page=2"))
    assert (found["first"], found["prev"]) == ("/1/devices?max_results=1", "/1/devices?max_results=1")
    assert links(stand.get("/1/devices?max_results=1"))["next"] == "/1/devices?max_results=1&page=2"


@given(text=st.text(st.characters(codec="utf-8"), max_size=30))
def test_a_parameter_never_leaves_its_link(shared_stand: Stand, text: str) -> None:
    shared_stand.clear()
    shared_stand.add(device(1), device(2))
    answer = shared_stand.get("/1/devices?" + urlencode({"max_results": 1, "x": text}))
    assert answer.headers["Link"].isascii()
    assert set(links(answer)) == {REL, "next", "last"}
    assert urlsplit(links(answer)["next"]).path == "/1/devices"


def test_addresses_that_are_too_long_for_a_header_are_left_out(stand: Stand) -> None:
    stand.add(device(1), device(2))
    for length, shown in ((LONGEST // 2, True), (LONGEST + 1, False)):
        answer = stand.get("/1/devices?" + urlencode({"max_results": 1, "x": "x" * length}))
        assert ("next" in links(answer)) == shown
        assert REL in links(answer)
        assert answer.json is not None
        assert "next" in answer.json["_links"]


def test_a_context_is_written_once_for_each_profile_and_kept_as_long_as_it() -> None:
    one, other = load_profile(), load_profile()
    assert context_file(one) is context_file(one)
    assert context_file(one) is not context_file(other)
    assert context_file(one) == context_file(other)
    gone = weakref.ref(other)
    del other
    gc.collect()
    assert gone() is None


def test_another_profile_has_another_context_and_tag() -> None:
    fields = {name: field for name, field in PROFILE.fields.items() if name != "vpp_id"}
    other = context_file(replace(PROFILE, fields=fields))
    assert other.etag != context_file(PROFILE).etag
    assert set(device_context(PROFILE)["@context"]) - set(json.loads(other.body)["@context"]) == {"vpp_id"}
