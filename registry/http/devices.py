"""`/1/devices`: the REST facade. Reads requests, calls the domain, writes answers; decides nothing about devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from registry.contracts.free_capacity import FreeCapacity
from registry.devices.criteria import All
from registry.devices.device import Device
from registry.devices.documents import device_iri
from registry.devices.writing import DeviceWriter, Precondition
from registry.errors import BadRequest, NotFound, ValidationFailed
from registry.history.past import Past
from registry.http.authentication import authenticate_with, principal
from registry.http.bodies import as_object, read_body
from registry.http.free_capacity import read_free_span
from registry.http.freshness import cached
from registry.http.hypermedia import home_document, item_document, list_document, write_document
from registry.http.link_header import link_header, page_links, version_links
from registry.http.list_tags import list_tag
from registry.http.listing_parameters import read_listing, read_projection
from registry.http.moments import moment_or_now, read_past_moment
from registry.http.preconditions import http_date, if_match, if_match_of, not_modified
from registry.http.representation import chosen, represent
from registry.http.self_description import LINKS
from registry.in_force import Edition, InForce
from registry.profile import Profile
from registry.profile.codecs import DATE_FORMAT
from registry.tokens.verifier import TokenVerifier
from sparql.graph_formats import GRAPH_FORMATS, write_graph
from sparql.terms import Triple

AT = "at"
"""The parameter of the moment at which the past is read."""
_SAFE = ("GET", "HEAD", "OPTIONS")
_PREFIX, _DEVICES = "/1", "/devices"
_LIST = f"{_PREFIX}{_DEVICES}"
_FORMS = {form.media_type: form for form in GRAPH_FORMATS}


def devices_blueprint(
    in_force: InForce, writer: DeviceWriter, past: Past, verifier: TokenVerifier, free: FreeCapacity
) -> Blueprint:
    """Return the facade's blueprint, open to whoever `verifier` knows."""
    blueprint = Blueprint("devices", __name__, url_prefix=_PREFIX)
    blueprint.before_request(authenticate_with(verifier))
    blueprint.before_request(_keep_the_past)
    view = _DeviceViews(in_force, writer, past, free)
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

    def __init__(self, in_force: InForce, writer: DeviceWriter, past: Past, free: FreeCapacity) -> None:
        self._in_force = in_force
        self._free = free
        self._writer = writer
        self._past = past

    def home(self) -> Response:
        response = represent(home_document())
        response.headers["Link"] = LINKS
        return cached(response)

    def list(self) -> Response:
        return self._in_force.read(self._listed)

    def _listed(self, edition: Edition) -> Response:
        caller, arguments = principal(), request.args
        moment, media_type = read_past_moment(arguments, AT), chosen(_FORMS)
        listing = read_listing(arguments, edition.profile, caller.role, moment_or_now(moment))
        projection = read_projection(arguments)
        if asked := read_free_span(arguments):
            if moment is not None:
                raise BadRequest(f"What is free is known of the present alone: leave {AT} out")
            free = self._free.criteria(edition.profile, caller, asked)
            listing = replace(listing, criteria=All((listing.criteria, free)))
        if moment is None:
            page = edition.reader.page(caller, listing)
        else:
            page = self._past.page(edition, caller, listing, moment)
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
        return cached(response)

    def item(self, device_id: str) -> Response:
        return self._in_force.read(lambda edition: self._one(edition, device_id))

    def _one(self, edition: Edition, device_id: str) -> Response:
        moment = read_past_moment(request.args, AT)
        if moment is None:
            device = edition.reader.get(principal(), device_id)
        else:
            device = self._past.get(edition, principal(), device_id, moment)
        response = _represented(device, edition, past=moment is not None)
        response.headers["Last-Modified"] = http_date(device.document["_updated"])
        changed = max(device.document["_updated"], edition.since.strftime(DATE_FORMAT))
        if not_modified(request.headers, changed, str(response.get_etag()[0])):
            response.status_code = 304
            response.set_data(b"")
        return cached(response)

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


def _keep_the_past() -> None:
    if AT in request.args and request.method not in _SAFE:
        raise BadRequest(f"The past can't be changed: {AT} goes with GET alone")


def _represented(device: Device, edition: Edition, *, past: bool) -> Response:
    media_type = chosen(_FORMS)
    if media_type in _FORMS:
        response = _graph(device.triples, media_type, edition.profile)
        response.set_etag(f"{device.etag}-{_FORMS[media_type].name}-{edition.name[:8]}")
    else:
        document = item_document(device, read_projection(request.args), request.args)
        response = represent(document, media_type=media_type)
        response.set_etag(device.etag)
    response.headers.extend(link_header(media_type, version_links(device.document["device_id"], past=past)))
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
