"""Every example in the description works: with the demo's devices, as anybody who may see them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from rdflib import Graph
from stand import AGGREGATOR, ENGINEER, HOLDERS, PROSUMER, SERVICE, Caller, Stand, device, running_stand

from demo.households import sample_devices
from registry.http.hypermedia import ALWAYS
from registry.openapi import document
from registry.profile import compile_profile, load_profile

DOCUMENT = document(load_profile())
TESTS = Path(__file__).parents[1]
MANUAL = (TESTS.parent / "docs" / "http-api.md").read_text()
PARAMETERS = DOCUMENT["components"]["parameters"]
WHERE, SORT, PROJECTION = (
    [each["value"] for each in PARAMETERS[name]["examples"].values()][1:] for name in ("where", "sort", "projection")
)
BODIES = [
    (path, method, media_type)
    for path, item in DOCUMENT["paths"].items()
    for method in ("post", "put", "patch")
    for media_type in item.get(method, {}).get("requestBody", {}).get("content", ())
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with running_stand(tmp_path_factory.mktemp("demo")) as stand:
        stand.add(*sample_devices())
        yield stand


def listing(demo: Stand, caller: Caller = SERVICE, **parameters: str) -> dict[str, Any]:
    answer = demo.get("/1/devices", caller, query_string={"max_results": "300", **parameters})
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


@pytest.mark.parametrize("where", WHERE)
def test_an_example_of_where_finds_some_devices(demo: Stand, where: str) -> None:
    every, found = listing(demo)["_meta"]["total"], listing(demo, where=where)["_meta"]["total"]
    in_time = "_updated" in where or "_created" in where  # all are new here
    assert 0 < found <= every
    assert (found == every) == in_time


@pytest.mark.parametrize("caller", [*HOLDERS.values(), ENGINEER], ids=lambda caller: str(caller.role))
def test_examples_work_for_every_role(demo: Stand, caller: Caller) -> None:
    for name, values in (("where", WHERE), ("sort", SORT), ("projection", PROJECTION)):
        for value in values:
            listing(demo, caller, **{name: value})


@pytest.mark.parametrize("name", ["where", "sort", "projection"])
def test_the_first_example_is_as_no_parameter(demo: Stand, name: str) -> None:
    assert next(iter(PARAMETERS[name]["examples"].values()))["value"] == ""
    assert listing(demo, SERVICE, **{name: ""})["_items"] == listing(demo)["_items"]


def test_there_are_several_examples_in_both_forms_of_where() -> None:
    objects = [each for each in WHERE if each.startswith("{")]
    assert all(isinstance(json.loads(each), dict) for each in objects)
    assert len(objects) > 10
    assert len(WHERE) - len(objects) > 4


def test_examples_and_description_name_only_operators_of_the_manual() -> None:
    documented = set(re.findall(r"\$[a-zA-Z]+", MANUAL)) - {"$gtt"}  # which is there as a mistake
    assert {name for each in WHERE for name in re.findall(r"\$[a-zA-Z]+", each)} <= documented
    described = set(re.findall(r"\$[a-zA-Z]+", PARAMETERS["where"]["description"]))
    inner = {"$geometry", "$minDistance", "$maxDistance", "$box", "$polygon", "$center", "$centerSphere"}
    assert described == documented - inner


@pytest.mark.parametrize("sort", SORT)
def test_an_example_of_sort_sorts(demo: Stand, sort: str) -> None:
    assert listing(demo, sort=sort)["_items"] != listing(demo)["_items"]


def test_the_first_example_of_sort_begins_with_the_largest(demo: Stand) -> None:
    name = SORT[0].removeprefix("-")
    values = [item[name] for item in listing(demo, sort=SORT[0])["_items"] if name in item]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("projection", PROJECTION)
def test_an_example_of_projection_shows_what_it_says(demo: Stand, projection: str) -> None:
    asked = json.loads(projection)
    kept = {*ALWAYS, "_etag", "_id", "_links"}
    for item in listing(demo, projection=projection)["_items"]:
        shown = set(item) - kept
        assert shown <= set(asked) if all(asked.values()) else not shown & set(asked)


@pytest.mark.parametrize(
    ("path", "method", "media_type"), [each for each in BODIES if each[0].startswith("/1/devices")]
)
def test_an_example_of_a_body_is_taken(stand: Stand, path: str, method: str, media_type: str) -> None:
    stand.add(device())
    headers = {"If-Match": stand.etag(device()["device_id"])}
    if path.endswith("}") and method == "post":
        headers["X-HTTP-Method-Override"] = "PATCH"
    example = DOCUMENT["paths"][path][method]["requestBody"]["content"][media_type]["example"]
    # a form has no null
    body = (
        example
        if "json" in media_type or isinstance(example, str)
        else {name: value for name, value in example.items() if value is not None}
    )
    sent: Any = (
        json.dumps(body)
        if "json" in media_type
        else body
        if isinstance(body, str)
        else {name: str(value) for name, value in body.items()}
    )
    where, caller = path.replace("{device_id}", device()["device_id"]), SERVICE
    if where.startswith("/1/vpps"):  # a service would have to say whose plant
        caller, plant = AGGREGATOR, uuid4().hex
        where = where.replace("{plant_id}", plant)
        if method == "put":
            headers = {}
        else:
            stand.call("PUT", f"/1/vpps/{plant}", caller, json={})
    answer = stand.call(method.upper(), where, caller, data=sent, content_type=media_type, headers=headers)
    assert answer.status_code in (200, 201), answer.text


@pytest.mark.parametrize("caller", [AGGREGATOR, PROSUMER], ids=lambda caller: str(caller.role))
def test_everybody_may_make_the_changes_of_the_example(stand: Stand, caller: Caller) -> None:
    stand.add(device())
    example = DOCUMENT["paths"]["/1/devices/{device_id}"]["patch"]["requestBody"]["content"]["application/json"][
        "example"
    ]
    assert len(example) == 3
    assert stand.patch(device()["device_id"], example, caller).status_code == 200


def test_a_model_without_numbers_and_places_has_examples_too() -> None:
    graph = Graph(bind_namespaces="none").parse(TESTS / "profile" / "model.ttl")
    found = document(compile_profile(graph, graph))["components"]["parameters"]
    assert '{"device_class":"boiler"}' in [each["value"] for each in found["where"]["examples"].values()]
    assert "$near" not in json.dumps(found["where"]["examples"])
