"""`GET /ontology` and `GET /shapes`: the model in force, as RDF or as a zip of its files. No token is needed.

A model holds nobody's data: it says what can be said of devices, as does the published access matrix.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from flask import Blueprint, Response, request

from registry.errors import NotAcceptable
from registry.http.model import ZIP
from registry.http.preconditions import has_current
from registry.http.problems import answer_with_problems
from registry.in_force import Edition, InForce
from registry.profile import Profile
from registry.publishing.library import ModelLibrary
from registry.publishing.model_files import ModelFiles
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
        if has_current(request.headers, tag):
            response = Response(status=304)
        else:
            kind = chosen if chosen == ZIP else f"{chosen}; charset=utf-8"
            response = Response(_body(library, edition, part, chosen), content_type=kind)
        response.set_etag(tag)
        response.headers["Cache-Control"] = "no-cache"
        return response

    for part in _PARTS:
        blueprint.add_url_rule(f"/{part}", part, document, defaults={"part": part}, strict_slashes=False)
    return blueprint


def _body(library: ModelLibrary, edition: Edition, part: str, media_type: str) -> bytes:
    """Return a part of the model in a form, written once for as long as its profile is in use.

    What a candidate brought along, migrations and examples, may speak of devices: the zip holds none of it.
    """
    bodies: dict[tuple[str, str], bytes] = _bodies.setdefault(edition.profile, {})
    key = part, media_type
    if key not in bodies:
        bodies[key] = _zip(library, edition) if media_type == ZIP else _graph(edition.profile, part, media_type)
    return bodies[key]


def _zip(library: ModelLibrary, edition: Edition) -> bytes:
    return ModelFiles(library.files(edition.name).model).zipped()


def _graph(profile: Profile, part: str, media_type: str) -> bytes:
    graph = profile.ontology if part == "ontology" else profile.shapes
    return write_graph(to_triples(graph), _FORMS[media_type], profile.prefixes)
