"""`POST /1/erasures`: a service has all that is held of an account erased. Reads requests and writes answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request

from registry.errors import BadRequest, UnsupportedMediaType
from registry.http.authentication import authenticate_with, principal
from registry.http.problems import answer_with_problems
from registry.journal.erasure import Account, account_of
from registry.operations.erasing import Eraser
from registry.strict_json import read_json
from registry.tokens.verifier import TokenVerifier

PATH = "/1/erasures"
_MEMBERS = {"aggregator_id", "account_id"}


def erasures_blueprint(eraser: Eraser, prefixes: Callable[[], Mapping[str, str]], verifier: TokenVerifier) -> Blueprint:
    """Return the blueprint of erasures, known by tokens of `verifier`."""
    blueprint = Blueprint("erasures", __name__)
    blueprint.before_request(authenticate_with(verifier))
    answer_with_problems(blueprint, prefixes)

    @blueprint.post(PATH, strict_slashes=False)
    def erase() -> Response:
        done = eraser.erase_for(principal(), _account())
        body = json.dumps(asdict(done), indent=2)
        return Response(f"{body}\n", content_type="application/json", headers={"Cache-Control": "no-store"})

    return blueprint


def _account() -> Account:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType(f"The body must be application/json, not {request.mimetype or 'of no stated type'}")
    body: Any = read_json(request.get_data(cache=False))
    if not isinstance(body, dict) or body.keys() != _MEMBERS:
        raise BadRequest("The body must be a JSON object with the members aggregator_id and account_id, and no other")
    return account_of(body["aggregator_id"], body["account_id"])
