"""`/1/webhooks`: a service client's own webhooks. Reads requests and writes answers; delivers nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request

from registry.errors import BadRequest, UnsupportedMediaType
from registry.events.subscription import EventType, Subscription, read_types
from registry.http.authentication import authenticate_with, principal
from registry.http.problems import answer_with_problems
from registry.strict_json import read_json
from registry.tokens.verifier import TokenVerifier
from registry.webhooks.webhooks import Webhooks

PATH = "/1/webhooks"
_TEXTS = ("url", "class", "secret")
_MEMBERS = (*_TEXTS, "types", "where", "diff")


def webhooks_blueprint(
    webhooks: Webhooks, verifier: TokenVerifier, prefixes: Callable[[], Mapping[str, str]]
) -> Blueprint:
    """Return the blueprint of the webhooks, open to whoever `verifier` knows."""
    blueprint = Blueprint("webhooks", __name__, url_prefix=PATH)
    blueprint.before_request(authenticate_with(verifier))
    answer_with_problems(blueprint, prefixes)

    @blueprint.get("", strict_slashes=False)
    def own() -> Response:
        return _answer({"webhooks": [each.document() for each in webhooks.of(principal())]})

    @blueprint.post("", strict_slashes=False)
    def add() -> Response:
        webhooks.of(principal())  # a role without webhooks is told so, whatever its body
        body = _read()
        url = body.get("url")
        if url is None:
            raise BadRequest("url is missing: whom to call")
        made = webhooks.add(principal(), url, _subscription(body), body.get("secret"))
        response = _answer({**made.document(), "secret": made.secret}, 201)
        response.headers["Location"] = f"{PATH}/{made.id}"
        return response

    @blueprint.get("/<identifier>", strict_slashes=False)
    def one(identifier: str) -> Response:
        return _answer(webhooks.get(principal(), identifier).document())

    @blueprint.post("/<identifier>", strict_slashes=False)
    def resume(identifier: str) -> Response:
        return _answer(webhooks.resume(principal(), identifier).document())

    @blueprint.delete("/<identifier>", strict_slashes=False)
    def remove(identifier: str) -> Response:
        webhooks.remove(principal(), identifier)
        return Response(status=204)

    return blueprint


def _read() -> dict[str, Any]:
    """Return the body, with members of the right kinds.

    Raises:
        BadRequest, UnsupportedMediaType: it is something else; says what.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType(f"The body must be application/json, not {request.mimetype or 'of no stated type'}")
    body = read_json(request.get_data(cache=False))
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    for name, value in body.items():
        if name not in _MEMBERS:
            raise BadRequest(f"There is no member {name[:60]!r}; there are {', '.join(_MEMBERS)}")
        if name in _TEXTS and value is not None and not isinstance(value, str):
            raise BadRequest(f"{name} must be a text")
    return body


def _subscription(body: Mapping[str, Any]) -> Subscription:
    types, where, diff = body.get("types"), body.get("where"), body.get("diff", False)
    if types is not None and (not isinstance(types, list) or not all(isinstance(each, str) for each in types)):
        raise BadRequest("types must be a list of texts")
    if where is not None and not isinstance(where, dict | str):
        raise BadRequest("where must be an object, or a text as in a listing")
    if not isinstance(diff, bool):
        raise BadRequest("diff must be true or false")
    return Subscription(
        types=read_types(types) if types else frozenset(EventType),
        class_name=body.get("class") or None,
        where=(where if isinstance(where, str) else json.dumps(where)) if where else None,
        diff=diff,
    )


def _answer(document: Mapping[str, Any], status: int = 200) -> Response:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, {"Cache-Control": "no-store"}, content_type="application/json")
