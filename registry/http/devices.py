"""`/1/devices`: the REST facade. Reads requests, calls the domain, writes answers; decides nothing about devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from registry.devices.device import Device
from registry.devices.documents import device_iri
from registry.devices.writing import DeviceWriter, Precondition
from registry.errors import BadRequest, NotFound, ValidationFailed
from registry.http.authentication import authenticate_with, principal
from registry.http.bodies import as_object, read_body
from registry.http.hypermedia import home_document, item_document, list_document, write_document
from registry.http.link_header import link_header, page_links
from registry.http.list_tags import list_tag
from registry.http.listing_parameters import read_listing, read_projection
from registry.http.preconditions import http_date, if_match, if_match_of, not_modified
from registry.http.representation import chosen, represent
from registry.http.self_description import LINKS
from registry.in_force import Edition, InForce
from registry.profile import Profile
from registry.profile.codecs import DATE_FORMAT
from registry.tokens.verifier import TokenVerifier
from sparql.graph_formats import GRAPH_FORMATS, write_graph
from sparql.terms import Triple

_MAX_AGE = 10
_PREFIX, _DEVICES = "/1", "/devices"
_LIST = f"{_PREFIX}{_DEVICES}"
_FORMS = {form.media_type: form for form in GRAPH_FORMATS}


def devices_blueprint(in_force: InForce, writer: DeviceWriter, verifier: TokenVerifier) -> Blueprint:
    """Return the facade's blueprint, open to whoever `verifier` knows."""
    blueprint = Blueprint("devices", __name__, url_prefix=_PREFIX)
    blueprint.before_request(authenticate_with(verifier))
    view = _DeviceViews(in_force, writer)
    item = f"{_DEVICES}/<device_id>"
    blueprint.add_url_rule("", "home", view.home, strict_slashes=False)
    blueprint.add_url_rule(_DEVICES, "list", view.list, strict_slashes=False)
    blueprint.add_url_rule(_DEVICES, "create", view.create, methods=["POST"], strict_slashes=False)
    blueprint.add_url_rule(item, "item", view.item, strict_slashes=False)
    blueprint.add_url_rule(item, "change", view.change, methods=["PATCH"], strict_slashes=False)
    blueprint.add_url_rule(item, "replace", view.replace, methods=["PUT"], strict_slashes=False)
    blueprint.add_url_rule(item, "delete", view.delete, methods=["DELETE"], strict_slashes=False)
    return blueprint


class _DeviceViews:
    """One method for each operation."""

    def __init__(self, in_force: InForce, writer: DeviceWriter) -> None:
        self._in_force = in_force
        self._writer = writer

    def home(self) -> Response:
        response = represent(home_document())
        response.headers["Link"] = LINKS
        return _cached(response)

    def list(self) -> Response:
        return self._in_force.read(self._listed)

    def _listed(self, edition: Edition) -> Response:
        caller, arguments = principal(), request.args
        listing, projection = read_listing(arguments, edition.profile, caller.role), read_projection(arguments)
        page, media_type = edition.reader.page(caller, listing), chosen(_FORMS)
        tag = list_tag(page, listing, arguments, media_type, edition.name)
        newest = max((device.document["_updated"] for device in page.devices), default=None)
        if not_modified(request.headers, newest, tag, by_date=False):
            response = Response(status=304)
        elif media_type in _FORMS:
            response = _graph(
                [triple for device in page.devices for triple in device.triples], media_type, edition.profile
            )
        else:
            response = represent(list_document(page, listing, projection, arguments), media_type=media_type)
        response.headers.extend(link_header(media_type, page_links(_LIST, page, listing, arguments)))
        response.set_etag(tag)
        response.headers["X-Total-Count"] = str(page.total)
        if newest is not None:
            response.headers["Last-Modified"] = http_date(newest)
        return _cached(response)

    def item(self, device_id: str) -> Response:
        return self._in_force.read(lambda edition: self._one(edition, device_id))

    def _one(self, edition: Edition, device_id: str) -> Response:
        device = edition.reader.get(principal(), device_id)
        response = _represented(device, edition)
        response.headers["Last-Modified"] = http_date(device.document["_updated"])
        changed = max(device.document["_updated"], edition.since.strftime(DATE_FORMAT))
        if not_modified(request.headers, changed, str(response.get_etag()[0])):
            response.status_code = 304
            response.set_data(b"")
        return _cached(response)

    def create(self) -> Response:
        body = read_body()
        documents = body if isinstance(body, list) else [body]
        single = len(documents) == 1  # clients of Eve get the same for a document and for a list of one
        if not documents or not all(isinstance(document, dict) for document in documents):
            raise BadRequest("The body must be a JSON object or a list of at least one")
        created = [write_document(device) for device in self._writer.create(principal(), documents, single=single)]
        answer = created[0] if single else {"_status": "OK", "_items": created}
        return _located(represent(answer, 201), created[0])

    def change(self, device_id: str) -> Response:
        body = read_body()
        holds = self._precondition(device_id)
        return _written(self._writer.change(principal(), device_id, as_object(body), holds))

    def replace(self, device_id: str) -> Response:
        body = read_body()
        if device_iri(device_id) is None:
            raise NotFound("There is no such device.")
        document = {"device_id": device_id, **as_object(body)}
        if not request.headers.get("If-Match") and not self._exists(device_id):
            if str(document["device_id"]).lower() != device_id.lower():
                raise ValidationFailed("", [{"device_id": f"must be {device_id}, as the address says"}])
            (device,) = self._writer.create(principal(), [document], single=True)
            return _located(represent(write_document(device), 201), write_document(device))
        device = self._writer.replace(principal(), device_id, document, if_match(request.headers))
        response = _written(device)
        response.headers["Last-Modified"] = http_date(device.document["_updated"])
        return response

    def delete(self, device_id: str) -> Response:
        self._writer.delete(principal(), device_id, self._precondition(device_id))
        return Response(status=204, mimetype=chosen())

    def _precondition(self, device_id: str) -> Precondition:
        look = partial(self._in_force.read, lambda edition: edition.reader.get(principal(), device_id))
        return if_match_of(request.headers, look)

    def _exists(self, device_id: str) -> bool:
        try:
            self._in_force.read(lambda edition: edition.reader.get(principal(), device_id))
        except NotFound:
            return False
        return True


def _represented(device: Device, edition: Edition) -> Response:
    media_type = chosen(_FORMS)
    if media_type in _FORMS:
        response = _graph(device.triples, media_type, edition.profile)
        response.set_etag(f"{device.etag}-{_FORMS[media_type].name}-{edition.name[:8]}")
        return response
    document = item_document(device, read_projection(request.args), request.args)
    response = represent(document, media_type=media_type)
    response.headers.extend(link_header(media_type))
    response.set_etag(device.etag)
    return response


def _graph(triples: Iterable[Triple], media_type: str, profile: Profile) -> Response:
    body = write_graph(triples, _FORMS[media_type], profile.prefixes)
    return Response(body, content_type=f"{media_type}; charset=utf-8")


def _written(device: Device) -> Response:
    response = represent(write_document(device))
    response.set_etag(device.etag)
    return response


def _located(response: Response, document: Mapping[str, Any]) -> Response:
    response.headers["Location"] = f"/1/{document['_links']['self']['href']}"
    return response


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = f"max-age={_MAX_AGE},must-revalidate"
    response.headers["Expires"] = format_datetime(datetime.now(UTC) + timedelta(seconds=_MAX_AGE), usegmt=True)
    return response
