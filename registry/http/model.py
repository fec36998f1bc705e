"""`PUT /ontology` and `PUT /shapes`: an engineer publishes a model. Reads requests and writes answers.

What a model must be, and what it does to the devices, is the publisher's to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request

from registry.access import MAY_PUBLISH
from registry.errors import (
    BadRequest,
    Forbidden,
    PreconditionFailed,
    PreconditionRequired,
    RegistryError,
    UnsupportedMediaType,
)
from registry.http.authentication import authenticate_with, principal
from registry.http.preconditions import entity_tags
from registry.http.problems import answer_with_problems
from registry.in_force import Edition, InForce
from registry.journal import Author
from registry.principal import Principal
from registry.publishing.model_files import ModelFiles, from_zip
from registry.publishing.publisher import Publisher
from registry.tokens.verifier import TokenVerifier

PATHS = ("/ontology", "/shapes")
ZIP = "application/zip"
TURTLE = "text/turtle"
_ZIPS = (ZIP, "application/x-zip-compressed")
_TRUE = ("1", "true", "yes")
_FALSE = ("", "0", "false", "no")


def publishing_blueprint(
    publisher: Publisher, in_force: InForce, verifier: TokenVerifier, observe: Callable[[str], None] = lambda _: None
) -> Blueprint:
    """Return the blueprint of what only engineers may do, known by tokens of `verifier`.

    `observe` is told what becomes of each model: published, rehearsed, or by the kind of failure refused.
    """
    blueprint = Blueprint("publishing", __name__)
    blueprint.before_request(authenticate_with(verifier))
    answer_with_problems(blueprint, in_force.prefixes)
    views = _PublishingViews(publisher, in_force, observe)
    for path in PATHS:
        name = path.removeprefix("/")
        blueprint.add_url_rule(path, name, views.put, methods=["PUT"], defaults={"part": name}, strict_slashes=False)
    return blueprint


class _PublishingViews:
    def __init__(self, publisher: Publisher, in_force: InForce, observe: Callable[[str], None]) -> None:
        self._publisher = publisher
        self._in_force = in_force
        self._observe = observe

    def put(self, part: str) -> Response:
        caller = principal()
        if caller.role not in MAY_PUBLISH:
            raise Forbidden(f"The role {caller.role} may not publish models; engineers may.")
        known, dry_run = _if_match(), _flag("dry_run")
        outcome = "failed"
        try:
            response, outcome = self._published(part, caller, known, dry_run=dry_run)
        except RegistryError as error:
            outcome = type(error).__name__
            raise
        finally:
            self._observe(outcome)
        return response

    def _published(self, part: str, caller: Principal, known: set[str], *, dry_run: bool) -> tuple[Response, str]:
        outcome = self._publisher.publish(
            self._files(part, self._in_force.edition),
            f"{caller.subject} of {caller.issuer}",
            author=Author.of(caller),
            dry_run=dry_run,
            current=lambda edition: _require_current(edition, known),
        )
        response = _answer(outcome.document(with_ids=False))
        response.set_etag(outcome.name if outcome.published else self._in_force.edition.name)
        return response, "rehearsed" if dry_run else "published"

    def _files(self, part: str, edition: Edition) -> ModelFiles:
        data = request.get_data(cache=False)
        if request.mimetype in _ZIPS and part == "ontology":
            return from_zip(data)
        if request.mimetype == TURTLE:
            return self._publisher.library.files(edition.name).with_part(part, data)
        offered = f"{TURTLE} for this part alone" + (f", or {ZIP} of the model's folder" if part == "ontology" else "")
        raise UnsupportedMediaType(f"The body must be {offered}, not {request.mimetype or 'of no stated type'}")


def _if_match() -> set[str]:
    header = request.headers.get("If-Match")
    if not header:
        raise PreconditionRequired("Name the model that is to be replaced: If-Match with the ETag of GET /ontology")
    return {tag.partition("-")[0] for tag in entity_tags(header)}


def _require_current(edition: Edition, known: set[str]) -> None:
    if edition.name not in known:
        raise PreconditionFailed("Another model is in force than the one that If-Match names; read GET /ontology again")


def _flag(name: str) -> bool:
    text = request.args.get(name, "").lower()
    if text not in (*_TRUE, *_FALSE):
        raise BadRequest(f"{name} must be true or false, not {text!r}")
    return text in _TRUE


def _answer(document: Mapping[str, Any]) -> Response:
    body = json.dumps(document, ensure_ascii=False, indent=2)
    return Response(f"{body}\n", content_type="application/json", headers={"Cache-Control": "no-store"})
