"""The operations about the model: reading the one in force, its context, and publishing another."""

from __future__ import annotations

from typing import Any

from registry.access import MAY_PUBLISH
from registry.http.json_ld_context import MEDIA_TYPE
from registry.http.model import TURTLE, ZIP
from registry.http.representation import JSON
from registry.openapi.answers import answer, graph_content, query_failures
from registry.openapi.operations import PUBLIC, Operation, PathItem, head, operation, options
from registry.openapi.parameters import query, reference

TAG = "Model"
_BINARY = {"type": "string", "format": "binary"}
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


def model_paths() -> dict[str, PathItem]:
    """Return the paths of the model."""
    context = _read("context", "The context of plain JSON", {MEDIA_TYPE: {"type": "object"}}, ())
    return {
        "/context.jsonld": _public("context", context),
        "/ontology": _part("ontology", "The ontology in force", {ZIP: _BINARY}),
        "/shapes": _part("shapes", "The shapes in force", {}),
    }


def _part(name: str, summary: str, further: dict[str, Any]) -> PathItem:
    get = _read(name, summary, {**graph_content(), **further}, (406,))
    return {**_public(name, get), "put": _publish(name, {TURTLE: {"type": "string"}, **further})}


def _public(name: str, get: Operation) -> PathItem:
    return {"get": get, "head": head(get), "options": options(name)}


def _read(name: str, summary: str, content: dict[str, Any], failures: tuple[int, ...]) -> Operation:
    own = {status: each for status, each in query_failures(*failures).items() if int(status) in (500, *failures)}
    found = {"200": answer("It.", content, _REVALIDATED), "304": _UNCHANGED, **own}
    return operation(name, TAG, summary, found, parameters=[reference("If-None-Match")], security=PUBLIC)


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
