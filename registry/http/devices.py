"""`/1/devices`: the REST facade. Reads requests, calls the domain, writes answers; decides nothing about devices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from flask import Blueprint, Response, request

from registry.devices.device import Device
from registry.devices.reading import DeviceReader
from registry.devices.writing import DeviceWriter
from registry.errors import BadRequest, NotFound, ValidationFailed
from registry.http.authentication import authenticate_with, principal
from registry.http.hypermedia import home_document, item_document, list_document, write_document
from registry.http.listing_parameters import read_listing, read_projection
from registry.http.preconditions import http_date, if_match, not_modified
from registry.profile import Profile
from registry.strict_json import read_json
from registry.tokens.verifier import TokenVerifier
from sparql.graph_formats import GRAPH_FORMATS, write_graph

_MAX_AGE = 10
_JSON = "application/json"
_JSON_TYPES = (_JSON, "application/merge-patch+json")


def devices_blueprint(
    reader: DeviceReader, writer: DeviceWriter, profile: Profile, verifier: TokenVerifier
) -> Blueprint:
    """Return the facade's blueprint, open to whoever `verifier` knows."""
    blueprint = Blueprint("devices", __name__, url_prefix="/1")
    blueprint.before_request(authenticate_with(verifier))
    view = _DeviceViews(reader, writer, profile)
    item = "/devices/<device_id>"
    blueprint.add_url_rule("", "home", view.home, strict_slashes=False)
    blueprint.add_url_rule("/devices", "list", view.list, strict_slashes=False)
    blueprint.add_url_rule("/devices", "create", view.create, methods=["POST"], strict_slashes=False)
    blueprint.add_url_rule(item, "item", view.item, strict_slashes=False)
    blueprint.add_url_rule(item, "change", view.change, methods=["PATCH"], strict_slashes=False)
    blueprint.add_url_rule(item, "replace", view.replace, methods=["PUT"], strict_slashes=False)
    blueprint.add_url_rule(item, "delete", view.delete, methods=["DELETE"], strict_slashes=False)
    return blueprint


class _DeviceViews:
    """One method for each operation."""

    def __init__(self, reader: DeviceReader, writer: DeviceWriter, profile: Profile) -> None:
        self._reader = reader
        self._writer = writer
        self._profile = profile

    def home(self) -> Response:
        return _json(home_document())

    def list(self) -> Response:
        caller, arguments = principal(), request.args.to_dict()
        listing, projection = read_listing(arguments, self._profile, caller.role), read_projection(arguments)
        page = self._reader.page(caller, listing)
        response = _json(list_document(page, listing, projection, arguments))
        response.headers["X-Total-Count"] = str(page.total)
        newest = max((device.document["_updated"] for device in page.devices), default=None)
        if newest is not None:
            response.headers["Last-Modified"] = http_date(newest)
        return _cached(response)

    def item(self, device_id: str) -> Response:
        device = self._reader.get(principal(), device_id)
        response = self._represent(device)
        response.headers["Last-Modified"] = http_date(device.document["_updated"])
        if not_modified(request.headers, device, str(response.get_etag()[0])):
            response.status_code = 304
            response.set_data(b"")
        return _cached(response)

    def create(self) -> Response:
        body = _body()
        single = not isinstance(body, list)
        documents = [body] if single else body
        if not documents or not all(isinstance(document, dict) for document in documents):
            raise BadRequest("The body must be a JSON object or a list of at least one")
        created = [write_document(device) for device in self._writer.create(principal(), documents, single=single)]
        if not single:
            return _json({"_status": "OK", "_items": created}, 201)
        return _located(_json(created[0], 201), created[0])

    def change(self, device_id: str) -> Response:
        device = self._writer.change(principal(), device_id, _object(), if_match(request.headers))
        return _written(device)

    def replace(self, device_id: str) -> Response:
        document = {"device_id": device_id, **_object()}
        if not request.headers.get("If-Match") and not self._exists(device_id):
            if str(document["device_id"]).lower() != device_id.lower():
                raise ValidationFailed("", [{"device_id": f"must be {device_id}, as the address says"}])
            (device,) = self._writer.create(principal(), [document], single=True)
            return _located(_json(write_document(device), 201), write_document(device))
        return _written(self._writer.replace(principal(), device_id, document, if_match(request.headers)))

    def delete(self, device_id: str) -> Response:
        self._writer.delete(principal(), device_id, if_match(request.headers))
        return Response(status=204)

    def _exists(self, device_id: str) -> bool:
        try:
            self._reader.get(principal(), device_id)
        except NotFound:
            return False
        return True

    def _represent(self, device: Device) -> Response:
        offers = [_JSON, *(form.media_type for form in GRAPH_FORMATS)]
        chosen = request.accept_mimetypes.best_match(offers, default=_JSON)
        for form in GRAPH_FORMATS:
            if form.media_type == chosen:
                body = write_graph(device.triples, form, self._profile.prefixes)
                response = Response(body, content_type=f"{chosen}; charset=utf-8")
                response.set_etag(f"{device.etag}-{form.name}")
                return response
        response = _json(item_document(device, read_projection(request.args)))
        response.set_etag(device.etag)
        return response


def _json(document: Mapping[str, Any], status: int = 200) -> Response:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, content_type=_JSON)


def _written(device: Device) -> Response:
    response = _json(write_document(device))
    response.set_etag(device.etag)
    return response


def _located(response: Response, document: Mapping[str, Any]) -> Response:
    response.headers["Location"] = f"/1/{document['_links']['self']['href']}"
    return response


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = f"max-age={_MAX_AGE},must-revalidate"
    response.headers["Expires"] = format_datetime(datetime.now(UTC) + timedelta(seconds=_MAX_AGE), usegmt=True)
    return response


def _body() -> Any:
    if request.mimetype not in _JSON_TYPES:
        raise BadRequest(f"The body must be {_JSON}, not {request.mimetype or 'of no stated type'}")
    return read_json(request.get_data(cache=False))


def _object() -> dict[str, Any]:
    body = _body()
    if not isinstance(body, dict):
        raise ValidationFailed("The body must be a JSON object", [{}])
    return body
