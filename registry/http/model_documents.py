"""`GET /ontology`, `GET /shapes`, their versions, and the paths of the model's own IRIs: the model, for all to read.

A model is public and says nothing of any device, as does the published access matrix, so no token is needed and every
origin may read it. How it is written is not decided here.
"""

from __future__ import annotations

import hashlib
import json

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound as NoRoute
from werkzeug.wrappers import Response as BaseResponse

from registry.access import ONTOLOGY, SHAPES
from registry.errors import MethodNotAllowed, RegistryError
from registry.http.headers import PUBLIC
from registry.http.model_forms import ARCHIVE, FORMS, PAGE, VERSION_FORMS, Form, asked_for
from registry.http.preconditions import has_current
from registry.http.problems import answer_with_problems, registry_problem, render
from registry.http.published_documents import PublishedDocuments, Wanted, list_document
from registry.in_force import InForce
from registry.model_pages import CONTENT_SECURITY_POLICY, Place, versions_page
from registry.model_pages.frame import VERSIONS
from registry.model_pages.places import fragment
from registry.publishing.publisher import Publisher

REVALIDATED = "public, no-cache"
FOR_GOOD = "public, max-age=31536000, immutable"
"""What was published never changes (RFC 8246); its page may, as it says whether that is in force."""
_PLACES = {"ontology": Place("ontology", ONTOLOGY), "shapes": Place("shapes", SHAPES)}
_METHODS = ("GET", "HEAD", "OPTIONS")
_FOR_ALL = {
    "Vary": "Accept",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def model_documents_blueprint(publisher: Publisher, in_force: InForce) -> Blueprint:
    """Return the blueprint of the published models."""
    blueprint = Blueprint("model_documents", __name__)
    answer_with_problems(blueprint, in_force.prefixes)
    views = _ModelViews(PublishedDocuments(publisher, in_force))
    blueprint.add_url_rule(VERSIONS, "versions", views.versions, strict_slashes=False)
    for part, place in _PLACES.items():
        at_place = {"place": place}
        blueprint.add_url_rule(f"/{part}", part, views.current, defaults=at_place, strict_slashes=False)
        blueprint.add_url_rule(f"/{part}/<version>", f"{part}_at", views.at, defaults=at_place, strict_slashes=False)
    blueprint.before_app_request(views.by_path)
    return blueprint


class _ModelViews:
    def __init__(self, documents: PublishedDocuments) -> None:
        self._documents = documents

    def current(self, place: Place) -> Response:
        return self._answer(self._documents.current(place))

    def at(self, version: str, place: Place) -> Response:
        return self._answer(self._documents.at(version, place))

    def versions(self) -> Response:
        form, versions = asked_for(VERSION_FORMS), self._documents.versions()
        if form is PAGE:
            text = versions_page(versions)
        else:
            text = f"{json.dumps(list_document(versions), ensure_ascii=False, indent=1)}\n"
        body = text.encode()
        return _sent(body, hashlib.sha1(body, usedforsecurity=False).hexdigest(), form)

    def by_path(self) -> BaseResponse | None:
        """Answer a request for the path of one of the model's IRIs, if there is nothing else at that path."""
        if not isinstance(request.routing_exception, NoRoute):
            return None
        wanted = self._documents.by_path(request.path)
        if wanted is None:
            return None
        try:
            return self._at_path(wanted)
        except RegistryError as error:  # no blueprint answers for a path without a route
            return render(registry_problem(error))

    def _at_path(self, wanted: Wanted) -> Response:
        allow = {"Allow": ", ".join(_METHODS)}
        if request.method == "OPTIONS":
            return Response(status=200, headers=allow)
        if request.method not in _METHODS:
            raise MethodNotAllowed("What the model names can be read here, not written", headers=allow)
        if not wanted.place.anchor or asked_for(FORMS[wanted.place.part]) is not PAGE:
            return self._answer(wanted)
        part = wanted.place.part
        page = wanted.model.path(part) if wanted.fixed else f"/{part}"
        response = Response(status=303, headers={"Location": f"{page}{fragment(wanted.place.anchor)}"})
        return _for_all(response, REVALIDATED)

    def _answer(self, wanted: Wanted) -> Response:
        form = asked_for(FORMS[wanted.place.part])
        document = self._documents.document(wanted, form)
        response = _sent(document.body, document.tag, form, for_good=wanted.fixed and form is not PAGE)
        links = [f'<{VERSIONS}>; rel="version-history"']
        if wanted.fixed:
            links.append(f'</{wanted.place.part}>; rel="latest-version"')
        response.headers["Link"] = ", ".join(links)
        if form is ARCHIVE:
            name = wanted.model.name if wanted.model.name == wanted.model.version else wanted.model.model[:12]
            response.headers.set("Content-Disposition", "attachment", filename=f"model-{name}.zip")
        return response


def _sent(body: bytes, tag: str, form: Form, *, for_good: bool = False) -> Response:
    """Return `body`, or 304 if that is what the client has (RFC 9110, section 13.1.2)."""
    known = has_current(request.headers, tag)
    response = Response(status=304) if known else Response(body, content_type=form.content_type)
    response.set_etag(tag)
    if form is PAGE:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return _for_all(response, FOR_GOOD if for_good else REVALIDATED)


def _for_all(response: Response, cached: str) -> Response:
    """Say that the answer is the same whoever asks."""
    response.headers.extend({**_FOR_ALL, "Cache-Control": cached})
    request.environ[PUBLIC] = True
    return response
