"""The description as a document: valid OpenAPI, about exactly what the server has, written once for each profile."""

from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
import weakref
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from rdflib import Graph
from stand import Stand

from registry.access import ALLOWED, Operation
from registry.access_matrix import ROLES
from registry.openapi import description, document
from registry.profile import Profile, compile_profile, load_profile

PROFILE = load_profile()
DOCUMENT = document(PROFILE)
METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
SMALLEST = Path(__file__).parents[1] / "profile" / "model.ttl"
OF_ACCESS = {
    ("/1/devices", "get"): Operation.READ,
    ("/1/devices/{device_id}", "get"): Operation.READ,
    ("/1/devices/{device_id}", "patch"): Operation.CHANGE,
    ("/1/devices", "post"): Operation.CREATE,
    ("/1/devices/{device_id}", "put"): Operation.REPLACE,
    ("/1/devices/{device_id}", "delete"): Operation.DELETE,
}
OVERRIDDEN = ("/1/devices/{device_id}", "POST")
"""Has no route: the method of a POST with X-HTTP-Method-Override is another one before there are routes."""


def smallest() -> Profile:
    graph = Graph(bind_namespaces="none").parse(SMALLEST)
    return compile_profile(graph, graph)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


@pytest.mark.parametrize("profile", [PROFILE, smallest()], ids=["shipped", "smallest"])
def test_it_is_valid_openapi_3_1(profile: Profile) -> None:
    found = document(profile)
    assert found["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(found).iter_errors()) == []


def test_it_describes_every_route_and_every_method_and_no_other(stand: Stand) -> None:
    rules = {rule.rule: rule.endpoint for rule in stand.app.url_map.iter_rules()}
    routed: set[tuple[str, str]] = set()
    for rule in stand.app.url_map.iter_rules():
        bare = rule.rule.rstrip("/")
        path = bare if rules.get(bare) == rule.endpoint else rule.rule  # the same with a slash at the end
        routed |= {(re.sub(r"<(\w+)>", r"{\1}", path), method) for method in rule.methods or ()}
    described = {(path, method.upper()) for path, method, _ in operations()}
    # OpenAPI 3.1 has no member for the method QUERY; 3.2 calls it `query`
    described |= {(path, "QUERY") for path, item in DOCUMENT["paths"].items() if "x-query" in item}
    assert described - routed == {OVERRIDDEN}
    for path, method in sorted(routed - described):  # routes that are there to say no, with a reason
        answer = stand.call(method, path)
        assert answer.status_code == 405, (path, method)
        assert {each.strip() for each in answer.headers["Allow"].split(",")} <= {
            known for where, known in described if where == path
        }


def test_a_post_to_a_device_is_its_other_methods_and_nothing_else(stand: Stand) -> None:
    path = OVERRIDDEN[0].replace("{device_id}", "00000000-0000-4000-8000-000000000001")
    status = {
        method: stand.call("POST", path, headers={"X-HTTP-Method-Override": method}).status_code
        for method in ("", "POST", "HEAD", "GET", "DELETE")
    }
    assert status == {"": 405, "POST": 405, "HEAD": 405, "GET": 404, "DELETE": 404}
    assert set(DOCUMENT["paths"][OVERRIDDEN[0]]["post"]["responses"]) >= {"405", "404"}


def test_every_operation_has_its_own_name_and_a_summary() -> None:
    names = Counter(operation["operationId"] for _, _, operation in operations())
    assert [name for name, times in names.items() if times > 1] == []
    assert all(operation["summary"] for _, _, operation in operations())
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    assert {tag for _, _, operation in operations() for tag in operation["tags"]} == tags


@pytest.mark.parametrize(("path", "method"), OF_ACCESS)
def test_roles_are_those_of_the_access_rule(path: str, method: str) -> None:
    operation = DOCUMENT["paths"][path][method]
    allowed = ALLOWED[OF_ACCESS[path, method]]
    assert operation["x-roles"] == [role for role in ROLES if role in allowed]
    assert f"Roles: {', '.join(operation['x-roles'])}." in operation["description"]


def test_a_browser_gets_the_page_of_the_endpoint_without_a_token(stand: Stand) -> None:
    assert DOCUMENT["paths"]["/sparql"]["get"]["security"] == [{"bearer": []}, {}]
    assert stand.get("/sparql", None, headers={"Accept": "text/html"}).status_code == 200


def test_what_needs_no_token_says_so(stand: Stand) -> None:
    for path, method, operation in operations():
        if "{" in path and path != "/docs/{name}":
            continue
        answer = stand.call(method.upper(), path.replace("{name}", "start.js"), None)
        security = operation.get("security", DOCUMENT["security"])
        assert (answer.status_code == 401) == bool(security), (path, method)


@pytest.mark.parametrize("kind", DOCUMENT["components"])
def test_every_component_that_is_referred_to_exists_and_most_are_used(kind: str) -> None:
    used = {each.rpartition("/")[2] for each in references(DOCUMENT) if f"/{kind}/" in each}
    known = set(DOCUMENT["components"][kind])
    assert used <= known
    if kind in ("schemas", "parameters"):
        assert used == known


def test_every_answer_with_a_body_has_its_schema() -> None:
    answers = [each for _, _, operation in operations() for each in operation["responses"].values()]
    for answer in [*answers, *DOCUMENT["components"]["responses"].values()]:
        assert all("schema" in content for content in answer.get("content", {}).values())
        assert "$ref" in answer or "X-Request-Id" in answer["headers"]


def test_it_is_written_once_for_each_profile_and_forgotten_with_it() -> None:
    other = smallest()
    assert description(PROFILE) is description(PROFILE)
    assert json.loads(description(PROFILE).body) == DOCUMENT
    assert description(other).tag != description(PROFILE).tag
    gone = weakref.ref(other)
    del other
    gc.collect()
    assert gone() is None


def test_its_tag_is_the_same_in_every_process() -> None:
    program = "from registry.openapi import description; from registry.profile import load_profile;"
    program += "print(description(load_profile()).tag)"
    tags = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert tags == {description(PROFILE).tag}
