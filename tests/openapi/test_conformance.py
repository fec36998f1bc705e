"""The server does what its description says: schemathesis asks as every role, with data that fit and data that don't.

Each caller prefers a media type of its own, so that JSON, XML and problem documents all come. A second round asks about
a device that exists, and knows its entity tag, so that changes really happen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from stand import AGGREGATOR, PROSUMER, SERVICE, Caller, Stand, device, running_stand

from registry.openapi import document
from registry.profile import load_profile

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
CONFIG: dict[str, Any] = {
    "seed": 1,
    "generation": {"mode": "all", "max-examples": 12, "deterministic": True, "no-shrink": True},
    "phases": {"coverage": {"enabled": False}},  # a thousand requests for each operation with a body
}
ANY = "*/*"
CALLERS: dict[str, tuple[Caller | None, str]] = {
    "service": (SERVICE, ANY),
    "aggregator": (AGGREGATOR, f"application/problem+json, {ANY};q=0.1"),
    "prosumer": (PROSUMER, "application/xml"),
    "nobody": (None, ANY),
}
KNOWN = device(1)
INTERFACE = schemathesis.openapi.from_dict(document(load_profile()), config=SchemathesisConfig.from_dict(CONFIG))
EACH_CALLER = pytest.mark.parametrize("caller", CALLERS)


@schemathesis.serializer("application/sparql-query")
def query_text(_: Any, value: Any) -> bytes:
    return str(value).encode(errors="replace")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with running_stand(tmp_path_factory.mktemp("registry")) as stand:
        stand.add(*(device(number) for number in range(2, 5)))
        yield stand


def check(case: Any, registry: Stand, caller: str) -> None:
    asking, accepted = CALLERS[caller]
    headers = {"Accept": accepted}
    if asking is not None:
        headers["Authorization"] = f"Bearer {registry.token(asking)}"
    case.call_and_validate(headers=headers, checks=CHECKS, app=registry.app)


@INTERFACE.parametrize()
@EACH_CALLER
def test_every_answer_is_as_described(case: Any, registry: Stand, caller: str) -> None:
    check(case, registry, caller)


@INTERFACE.include(path="/1/devices/{device_id}").parametrize()
@EACH_CALLER
def test_answers_about_a_device_that_exists_are_as_described(case: Any, registry: Stand, caller: str) -> None:
    asking, _ = CALLERS[caller]
    item = f"/1/devices/{KNOWN['device_id']}"
    seen = registry.get(item, asking or SERVICE)
    if seen.status_code == 404:  # it was deleted, or has gone to another account
        registry.clear()
        registry.add(KNOWN)
        seen = registry.get(item, asking or SERVICE)
    case.path_parameters["device_id"] = KNOWN["device_id"]
    case.headers["If-Match"] = seen.headers["ETag"]
    check(case, registry, caller)
