"""`/1/devices/<id>/history` and `/1/devices/<id>/<object>/history`: reads requests and writes answers.

What a principal may know of the past is decided by `registry.history`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from registry.errors import BadRequest
from registry.history.device_history import DeviceHistory
from registry.history.object_history import ObjectHistory
from registry.http.authentication import authenticate_with, principal
from registry.http.freshness import cached
from registry.http.history_documents import history_document, object_history_document
from registry.http.listing_parameters import read_page
from registry.http.moments import read_moment
from registry.http.preconditions import has_current
from registry.http.problems import answer_with_problems
from registry.http.representation import represent
from registry.in_force import Edition, InForce
from registry.journal import Recorder
from registry.publishing.library import ModelLibrary
from registry.tokens.verifier import TokenVerifier

MOST_POINTS = 2_000
"""Into so many spans of time the course of an object's values can be divided."""
_ITEM = "/devices/<device_id>"


def history_blueprint(
    in_force: InForce, recorder: Recorder, library: ModelLibrary, verifier: TokenVerifier
) -> Blueprint:
    """Return the blueprint of the past, open to whoever `verifier` knows.

    Args:
        in_force: the model in force says what is seen.
        recorder: its journal says what was.
        library: knows the versions of models.
        verifier: knows tokens.
    """
    blueprint = Blueprint("history", __name__, url_prefix="/1")
    blueprint.before_request(authenticate_with(verifier))
    answer_with_problems(blueprint, in_force.prefixes)
    views = _HistoryViews(in_force, recorder, library)
    blueprint.add_url_rule(f"{_ITEM}/history", "device", views.device, strict_slashes=False)
    blueprint.add_url_rule(f"{_ITEM}/<object_name>/history", "object", views.object, strict_slashes=False)
    return blueprint


class _HistoryViews:
    def __init__(self, in_force: InForce, recorder: Recorder, library: ModelLibrary) -> None:
        self._in_force = in_force
        self._library = library
        self._devices = DeviceHistory(recorder)
        self._objects = ObjectHistory(recorder, self._devices)

    def device(self, device_id: str) -> Response:
        return self._in_force.read(lambda edition: self._device(edition, device_id))

    def _device(self, edition: Edition, device_id: str) -> Response:
        before, (_, size) = _number("before"), read_page(request.args)
        page = self._devices.page(edition, principal(), device_id, before, size)
        versions = {name: self._version(name) for name in {each.model for each in page.changes}}
        following = None if page.before is None else urlencode({"before": page.before, "max_results": size})
        links = [f'</1/devices/{page.device}/history?{following}>; rel="next"'] if following else []
        return _answer(history_document(page, size, versions, following), page.device, links)

    def _version(self, model: str) -> str:
        try:
            return self._library.record(model).version
        except (OSError, ValueError):
            return model

    def object(self, device_id: str, object_name: str) -> Response:
        return self._in_force.read(lambda edition: self._object(edition, device_id, object_name))

    def _object(self, edition: Edition, device_id: str, object_name: str) -> Response:
        names = [name for name in request.args.get("fields", "").split(",") if name]
        course = self._objects.course(
            edition,
            principal(),
            device_id,
            object_name,
            names=names,
            start=read_moment(request.args, "from"),
            end=read_moment(request.args, "to"),
            points=_number("points", MOST_POINTS),
        )
        return _answer(object_history_document(course), course.device, [])


def _answer(document: Mapping[str, Any], device: str, links: Sequence[str]) -> Response:
    response = represent(document)
    tag = hashlib.sha1(response.get_data(), usedforsecurity=False).hexdigest()
    if has_current(request.headers, tag):
        response = Response(status=304)
    response.headers["Link"] = ", ".join([*links, f'</1/devices/{device}>; rel="latest-version"'])
    response.set_etag(tag)
    return cached(response)


def _number(name: str, most: int = 2**62) -> int | None:
    """Read a parameter that is a positive number.

    Raises:
        BadRequest: it is none, or too large.
    """
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= most):
        raise BadRequest(f"{name} must be a whole number from 1 to {most}, not {text[:40]!r}")
    return int(text)
