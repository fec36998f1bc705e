"""The operations about the model: reading what is and was in force, its context, and publishing another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry.access import MAY_PUBLISH
from registry.http.json_ld_context import MEDIA_TYPE
from registry.http.model import TURTLE, ZIP
from registry.http.model_forms import FORMAT, FORMS, HTML, VERSION_FORMS, Form
from registry.http.representation import JSON
from registry.model_pages.frame import VERSIONS
from registry.openapi.answers import answer, graph_content, query_failures
from registry.openapi.operations import PUBLIC, Operation, PathItem, head, operation, options
from registry.openapi.parameters import query, reference

TAG = "Model"
_BINARY = {"type": "string", "format": "binary"}
_TEXT = {"type": "string"}
_REVALIDATED = ("ETag", "Cache-Control")
_UNCHANGED = answer("It has not changed.", None, _REVALIDATED)
_REFUSED = (400, 406, 409, 411, 412, 413, 415, 422, 428)
_OUTCOME = {
    "type": "object",
    "required": ["model", "version", "published", "rewritten", "impact"],
    "properties": {
        "model": {"type": "string", "description": "The digest of its files."},
        "version": {"type": "string", "description": "What it states as owl:versionInfo."},
        "published": {"type": "boolean", "description": "Whether it is in force now; not after a dry run."},
        "rewritten": {"type": "integer", "description": "How many devices have other triples for it."},
        "impact": {"type": "object", "description": "How many devices there are, and which rules some would break."},
        "check": {"type": "object", "description": "How many warnings there are about it, and the first of them."},
        "diff": {"type": "object", "description": "What changes, in words, and what that does to clients."},
    },
}

_VERSION_LIST = {
    "type": "object",
    "required": ["versions"],
    "properties": {
        "versions": {
            "type": "array",
            "description": "The one that came into force last first.",
            "items": {
                "type": "object",
                "required": ["version", "model", "since", "in_force", "links"],
                "properties": {
                    "version": {"type": "string", "description": "What it states as owl:versionInfo."},
                    "model": {"type": "string", "description": "The digest of its files."},
                    "since": {"type": "string", "format": "date-time", "description": "When it came into force."},
                    "in_force": {"type": "boolean"},
                    "links": {
                        "type": "object",
                        "required": [*FORMS],
                        "properties": {part: {"type": "string", "description": "Its path."} for part in FORMS},
                    },
                },
            },
        }
    },
}
_VERSION = {
    "name": "version",
    "in": "path",
    "required": True,
    "description": "A version, such as 1.0.0, or the digest of a model's files.",
    "schema": {"type": "string"},
}
_BY_IRI = (
    "The paths of the model's own IRIs, of ontologies, versions and terms, lead here too; a fragment is the place of a "
    "term on the page."
)


def model_paths() -> dict[str, PathItem]:
    """Return the paths of the model."""
    context = _read("context", "The context of plain JSON", {MEDIA_TYPE: {"type": "object"}}, ())
    versions = _read(
        "versions", "All published versions", {JSON: _VERSION_LIST, HTML: _TEXT}, (406,), [_format(VERSION_FORMS)]
    )
    return {
        "/context.jsonld": _public("context", context),
        "/ontology": _part("ontology", "The ontology in force", {ZIP: _BINARY}),
        "/shapes": _part("shapes", "The shapes in force", {}),
        VERSIONS: _public("versions", versions),
        "/ontology/{version}": _at("ontology", "The ontology of a version", {ZIP: _BINARY}),
        "/shapes/{version}": _at("shapes", "The shapes of a version", {}),
    }


def _part(name: str, summary: str, further: dict[str, Any]) -> PathItem:
    content = {**graph_content(), HTML: _TEXT, **further}
    get = _read(name, summary, content, (406,), [_format(FORMS[name])], description=_BY_IRI)
    return {**_public(name, get), "put": _publish(name, {TURTLE: _TEXT, **further})}


def _at(name: str, summary: str, further: dict[str, Any]) -> PathItem:
    content = {**graph_content(), HTML: _TEXT, **further}
    get = _read(f"{name}At", summary, content, (404, 406), [_format(FORMS[name])])
    return {"parameters": [_VERSION], **_public(f"{name}At", get)}


def _format(forms: Sequence[Form]) -> dict[str, Any]:
    names = {"type": "string", "enum": [form.names[0] for form in forms]}
    return query(FORMAT, "The form in place of Accept, for links.", names)


def _public(name: str, get: Operation) -> PathItem:
    return {"get": get, "head": head(get), "options": options(name)}


def _read(  # noqa: PLR0913, PLR0917  the members of an operation that differ
    name: str,
    summary: str,
    content: dict[str, Any],
    failures: tuple[int, ...],
    parameters: Sequence[Any] = (),
    description: str = "",
) -> Operation:
    own = {status: each for status, each in query_failures(*failures).items() if int(status) in (500, *failures)}
    found = {"200": answer("It.", content, _REVALIDATED), "304": _UNCHANGED, **own}
    asked = [*parameters, reference("If-None-Match")]
    return operation(name, TAG, summary, found, description=description, parameters=asked, security=PUBLIC)


def _publish(name: str, content: dict[str, Any]) -> Operation:
    dry_run = query("dry_run", "Whether to rehearse and change nothing.", {"type": "boolean"})
    return operation(
        f"{name}Publish",
        TAG,
        "Put another model in force",
        {"200": answer("What became of it.", {JSON: _OUTCOME}, _REVALIDATED), **query_failures(*_REFUSED)},
        description="It is checked, and rehearsed on a copy of the data. It is refused if it is not sound, and `check` "
        "then lists errors by file and line; or if devices would no longer conform and no migration repairs them. "
        "If-Match names the model that is replaced.",
        roles=MAY_PUBLISH,
        parameters=[reference("If-Match"), dry_run],
        body={"required": True, "content": {kind: {"schema": schema} for kind, schema in content.items()}},
    )
