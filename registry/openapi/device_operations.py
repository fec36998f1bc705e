"""The operations of the REST facade: the API's home, the list of devices, and one device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry import access
from registry.access import ALLOWED
from registry.access_matrix import ROLES
from registry.http.bodies import FORM, MULTIPART
from registry.http.representation import JSON
from registry.openapi import examples
from registry.openapi.answers import Answers, answer, facade_content, facade_failures, graph_content
from registry.openapi.operations import Operation, PathItem, head, operation, options
from registry.openapi.parameters import query, reference
from registry.openapi.schemas import schema_reference
from registry.profile import Profile

TAG = "Devices"
MERGE_PATCH = "application/merge-patch+json"
_CACHED = ("Cache-Control", "Expires")
_BODY = (400, 408, 411, 413, 422)
_CHANGE = (*_BODY, 404, 412, 428)
_LISTING = ("where", "stale", "sort", "projection", "page", "max_results", "at")
_MOMENT = {"type": "string", "format": "date-time"}
_FREE = [
    query("free_from", "With free_to: only devices with power that is free from this moment on.", _MOMENT),
    query("free_to", "The end of the time in which it must be free.", _MOMENT),
    query("min_kw", "How much must be free all that time, in kW; without it, any.", {"type": "number", "minimum": 0}),
]


def device_paths(profile: Profile) -> dict[str, PathItem]:
    """Return the paths of the facade."""
    home, page = _home(), _list()
    return {
        "/1": {"get": home, "head": head(home), "options": options("home", failures=facade_failures())},
        "/1/devices": {
            "get": page,
            "head": head(page),
            "post": _create(profile),
            "options": options("listDevices", failures=facade_failures()),
        },
        "/1/devices/{device_id}": _item(profile),
    }


def _item(profile: Profile) -> PathItem:
    get = _get()
    return {
        "parameters": [reference("device_id")],
        "get": get,
        "head": head(get),
        "patch": _change(profile),
        "put": _replace(profile),
        "delete": _delete(),
        "post": _override(profile),
        "options": options("getDevice", failures=facade_failures()),
    }


def _home() -> Operation:
    answers = {"200": answer("Links to what there is.", facade_content("Home"), [*_CACHED, "Link"])}
    return operation("home", TAG, "The API's home", answers | facade_failures(), roles=ROLES)


def _list() -> Operation:
    parameters = [*map(reference, _LISTING), *_FREE, reference("If-None-Match")]
    return operation(
        "listDevices",
        TAG,
        "A page of the devices in your view",
        _page_answers() | facade_failures(400, 410),
        description="For a role that sees no devices the list is empty.",
        roles=ALLOWED[access.Operation.READ],
        parameters=parameters,
    )


def _page_answers() -> Answers:
    headers = ["ETag", "X-Total-Count", *_CACHED]
    return {
        "200": answer("The page.", facade_content("DevicePage"), headers, ["Last-Modified"]),
        "304": answer("Nothing on this page, nor the total, has changed.", None, headers),
    }


def _create(profile: Profile) -> Operation:
    one, many = schema_reference("NewDevice"), {"type": "array", "minItems": 1, "items": schema_reference("NewDevice")}
    created = answer("Everything was added.", facade_content("WrittenDevice"), (), ["Location"])
    created["content"][JSON]["schema"] = {
        "anyOf": [schema_reference(name) for name in ("WrittenDevice", "WrittenDevices")]
    }
    return operation(
        "createDevices",
        TAG,
        "Add one device, or a list of them: all or none",
        {"201": created} | _page_answers() | facade_failures(*_BODY, 405, 410),
        description=(
            "`Location` names a device that was added alone. With X-HTTP-Method-Override: GET it is a request for a "
            "page, with the parameters of GET."
        ),
        roles=ALLOWED[access.Operation.CREATE],
        parameters=[reference("X-HTTP-Method-Override"), reference("Accept-Language")],
        body=_body(profile, {"anyOf": [one, many]}, one, examples.new_device(profile)),
    )


def _get() -> Operation:
    parameters = [reference(name) for name in ("projection", "at", "If-None-Match", "If-Modified-Since")]
    return operation(
        "getDevice",
        TAG,
        "One device",
        _item_answers() | facade_failures(400, 404, 410),
        description="In RDF the device has its superclasses too, those of aligned ontologies included.",
        roles=ALLOWED[access.Operation.READ],
        parameters=parameters,
    )


def _item_answers() -> Answers:
    headers = ["ETag", *_CACHED]
    return {
        "200": answer(
            "The device.", {**facade_content("Device"), **graph_content()}, [*headers, "Last-Modified", "Link"]
        ),
        "304": answer("It has not changed.", None, headers),
    }


def _change(profile: Profile) -> Operation:
    schema = schema_reference("DevicePatch")
    return operation(
        "changeDevice",
        TAG,
        "Merge changes into a device (RFC 7396)",
        {"200": _written("It was changed, or was so already.")} | facade_failures(*_CHANGE),
        description="Which role may change which field is said by each field: `x-writable-by`.",
        roles=ALLOWED[access.Operation.CHANGE],
        parameters=[reference("If-Match"), reference("Accept-Language")],
        body=_body(profile, schema, schema, examples.patch(profile), patch=True),
    )


def _replace(profile: Profile) -> Operation:
    schema = schema_reference("DeviceReplacement")
    created = answer("There was none; it was added.", facade_content("WrittenDevice"), ["Location"])
    example = examples.new_device(profile)
    del example[profile.identity.name]
    return operation(
        "replaceDevice",
        TAG,
        "Replace a device, or add it",
        {"200": _written("It was replaced.", ["Last-Modified"]), "201": created} | facade_failures(*_CHANGE),
        roles=ALLOWED[access.Operation.REPLACE],
        parameters=[reference("If-Match"), reference("Accept-Language")],
        body=_body(profile, schema, schema, example),
    )


def _delete() -> Operation:
    return operation(
        "deleteDevice",
        TAG,
        "Remove a device",
        {"204": answer("It is gone.")} | facade_failures(404, 412, 428),
        roles=ALLOWED[access.Operation.DELETE],
        parameters=[reference("If-Match")],
    )


def _override(profile: Profile) -> Operation:
    """Return what a POST to a device is: any of its other methods."""
    schema = {"anyOf": [schema_reference("DevicePatch"), schema_reference("DeviceReplacement")]}
    meant = {**reference("X-HTTP-Method-Override")}
    answers = _item_answers()
    body = {"anyOf": [schema_reference("Device"), schema_reference("WrittenDevice")]}
    content = {media_type: each["schema"] for media_type, each in answers["200"]["content"].items()}
    answers["200"] = answer(
        "As the method that is meant.", {**content, JSON: body}, (), ["ETag", "Last-Modified", "Link"]
    )
    answers |= {
        "201": answer("PUT: it was added.", facade_content("WrittenDevice"), ["Location"]),
        "204": answer("DELETE: it is gone."),
    }
    return operation(
        "overriddenDevice",
        TAG,
        "GET, PUT, PATCH or DELETE for clients that know no other method than POST",
        answers | facade_failures(*_CHANGE, 405, 410),
        description="Without X-HTTP-Method-Override, or with POST in it, this is 405.",
        roles=ROLES,
        parameters=[meant, reference("If-Match")],
        body={**_body(profile, schema, schema, examples.patch(profile)), "required": False},
    )


def _written(description: str, headers: list[str] | None = None) -> dict[str, Any]:
    return answer(description, facade_content("WrittenDevice"), ["ETag", *(headers or [])])


def _body(
    profile: Profile, schema: Mapping[str, Any], in_forms: Mapping[str, Any], example: Any, *, patch: bool = False
) -> dict[str, Any]:
    """Return a request body in all media types that are read; in a form, objects and lists are JSON."""
    encoding = {name: {"contentType": JSON} for name in _structured(profile)}
    form = {"schema": in_forms, "encoding": encoding, "example": example}
    json_types = [JSON, MERGE_PATCH] if patch else [JSON]
    content = {each: {"schema": schema, "example": example} for each in json_types}
    return {"required": True, "content": {**content, FORM: form, MULTIPART: form}}


def _structured(profile: Profile) -> list[str]:
    fields = [field.name for field in profile.fields.values() if field.codec.kind in ("point", "calendar")]
    return [*profile.objects, *fields]
