"""The operations of virtual power plants."""

from __future__ import annotations

from typing import Any

from registry.access import MAY_AGREE
from registry.http.representation import JSON
from registry.openapi.answers import Answer, answer, facade_content, facade_failures
from registry.openapi.fields import Schema
from registry.openapi.operations import Operation, PathItem, head, operation, options
from registry.openapi.parameters import query, reference
from registry.openapi.schemas import schema_reference
from registry.vpps.members import MOST_CHANGED

TAG = "Virtual power plants"
_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_BODY = (400, 408, 411, 413, 422, 503)
_WHOSE = query("aggregator_id", "Whose plants; a service must say it.", _TEXT)
_SPAN = [query(name, f"{name} when power must be free, for totals.", _TIME) for name in ("from", "to")]


def vpp_paths() -> dict[str, PathItem]:
    """Return the paths of virtual power plants."""
    return {
        "/1/vpps": _readable(
            "listVpps", "A page of an aggregator's plants, those too that only devices name", "VppPage", _page()
        ),
        "/1/vpps/proposal": {"post": _propose(), "options": options("proposeVpp", failures=facade_failures())},
        "/1/vpps/{plant_id}": {
            **_readable("getVpp", "One plant, and what its devices add up to", "Vpp", _SPAN, 404),
            "parameters": [_path("plant_id", _TEXT)],
            "put": _put(),
            "delete": _disband(),
        },
        "/1/vpps/{plant_id}/members": {
            **_readable("listMembers", "A page of the devices in a plant", "MemberPage", _page(), 404),
            "parameters": [_path("plant_id", _TEXT)],
            "post": _fill(),
        },
        "/1/vpps/{plant_id}/members/{device_id}": {
            "parameters": [_path("plant_id", _TEXT), reference("device_id")],
            "delete": _release(),
            "options": options("releaseMember", failures=facade_failures()),
        },
    }


def _readable(name: str, summary: str, schema: str, parameters: list[Any], *failures: int) -> PathItem:
    get = operation(
        name,
        TAG,
        summary,
        {"200": answer("It is here.", facade_content(schema), ["Cache-Control"])}
        | facade_failures(400, 503, *failures),
        roles=MAY_AGREE,
        parameters=[_WHOSE, *parameters],
    )
    return {"get": get, "head": head(get), "options": options(name, failures=facade_failures())}


def _put() -> Operation:
    return operation(
        "putVpp",
        TAG,
        "Name a plant, or change it",
        {"200": _one("It was changed."), "201": _one("It is new.", "Location")} | facade_failures(*_BODY, 412, 428),
        description="Devices are put into it apart. To change a plant send If-Match.",
        roles=MAY_AGREE,
        parameters=[_WHOSE, reference("If-Match")],
        body=_body("NewVpp", {"name": "Heat pumps of the old town", "query": {"where": {}}}),
    )


def _disband() -> Operation:
    return operation(
        "disbandVpp",
        TAG,
        "Forget a plant, and take its devices out of it",
        {"200": _changed()} | facade_failures(400, 404, 412, 428, 503),
        roles=MAY_AGREE,
        parameters=[_WHOSE, reference("If-Match")],
    )


def _fill() -> Operation:
    example = {"devices": ["3f2c8a7e-1d4b-4a6c-9e8f-7b5d2c1a0e9d"]}
    return operation(
        "fillVpp",
        TAG,
        "Put devices into a plant: by a list, by conditions, by a SPARQL query, or by its saved query",
        {"200": _changed()} | facade_failures(*_BODY, 404),
        description=f"A device is in one plant at a time. At most {MOST_CHANGED:,} at once, each a change of its own.",
        roles=MAY_AGREE,
        parameters=[_WHOSE],
        body=_body({"type": "object", "minProperties": 1, "maxProperties": 1}, example),
    )


def _release() -> Operation:
    return operation(
        "releaseMember",
        TAG,
        "Take a device out of a plant",
        {"204": answer("It is out.")} | facade_failures(400, 404, 503),
        roles=MAY_AGREE,
        parameters=[_WHOSE],
    )


def _propose() -> Operation:
    example = {
        "target_kw": 20,
        "from": "2026-12-01T17:00:00+01:00",
        "to": "2026-12-01T19:00:00+01:00",
        "prefer": "fewest",
        "where": {},
    }
    return operation(
        "proposeVpp",
        TAG,
        "Ask for devices that reach a target power in a span of time",
        {"200": answer("The proposal; nothing is changed.", facade_content("Proposal"), ["Cache-Control"])}
        | facade_failures(*_BODY),
        description=(
            "fewest: as few devices as reach the target, with little power beyond it. reserve: the devices with the "
            "most free power, most_devices of them. An area is asked for in where, as of /1/devices."
        ),
        roles=MAY_AGREE,
        parameters=[_WHOSE],
        body=_body({"type": "object", "required": ["target_kw", "from", "to"]}, example),
    )


def _one(description: str, *headers: str) -> Answer:
    return answer(description, facade_content("Vpp"), ["ETag", "Cache-Control", *headers])


def _changed() -> Answer:
    return answer("What became of the devices.", facade_content("MembersChanged"))


def _page() -> list[Any]:
    return [reference("page"), reference("max_results")]


def _path(name: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": "What devices call it.", "schema": schema}


def _body(schema: str | Schema, example: Any) -> dict[str, Any]:
    found = schema_reference(schema) if isinstance(schema, str) else schema
    return {"required": True, "content": {JSON: {"schema": found, "example": example}}}
