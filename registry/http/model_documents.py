"""`GET /ontology` and `GET /shapes`: the model in force, as RDF or as the zip of its folder. No token is needed.

A model holds nobody's data: it says what can be said of devices, as does the published access matrix.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from flask import Blueprint, Response, request

from registry.errors import NotAcceptable
from registry.http.model import ZIP
from registry.http.preconditions import entity_tags
from registry.http.problems import answer_with_problems
from registry.in_force import Edition, InForce
from registry.profile import Profile
from registry.publishing.library import ModelLibrary
from sparql.graph_formats import GRAPH_FORMATS, to_triples, write_graph
from sparql.negotiation import best, parse_accept

_FORMS = {form.media_type: form for form in GRAPH_FORMATS}
_PARTS = ("ontology", "shapes")
_bodies: WeakKeyDictionary[Profile, dict[tuple[str, str], bytes]] = WeakKeyDictionary()


def model_documents_blueprint(library: ModelLibrary, in_force: InForce) -> Blueprint:
    """Return the blueprint of the model's documents."""
    blueprint = Blueprint("model_documents", __name__)
    answer_with_problems(blueprint, in_force.prefixes)

    def document(part: str) -> Response:
        edition = in_force.edition
        offered = [*_FORMS, *([ZIP] if part == "ontology" else [])]
        chosen = best(parse_accept(request.headers.get("Accept")), offered)
        if chosen is None:
            raise NotAcceptable(f"The model comes as {', '.join(offered)}")
        tag = f"{edition.name}-{_FORMS[chosen].name if chosen in _FORMS else 'zip'}"
        if {"*", tag}.isdisjoint(entity_tags(request.headers.get("If-None-Match", ""))):
            response = _written(library, edition, part, chosen)
        else:
            response = Response(status=304)
        response.set_etag(tag)
        response.headers["Cache-Control"] = "no-cache"
        return response

    for part in _PARTS:
        blueprint.add_url_rule(f"/{part}", part, document, defaults={"part": part}, strict_slashes=False)
    return blueprint


def _written(library: ModelLibrary, edition: Edition, part: str, media_type: str) -> Response:
    if media_type == ZIP:
        return Response(library.files(edition.name).zipped(), content_type=ZIP)
    return Response(_body(edition.profile, part, media_type), content_type=f"{media_type}; charset=utf-8")


def _body(profile: Profile, part: str, media_type: str) -> bytes:
    """Return a part of a model in a form, written once for as long as the profile is in use."""
    bodies: dict[tuple[str, str], bytes] = _bodies.setdefault(profile, {})
    key = part, media_type
    if key not in bodies:
        graph = profile.ontology if part == "ontology" else profile.shapes
        bodies[key] = write_graph(to_triples(graph), _FORMS[media_type], profile.prefixes)
    return bodies[key]
