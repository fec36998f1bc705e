"""The operations about the server itself: its health, numbers and description. Only the numbers need a token."""

from __future__ import annotations

from registry.http.representation import JSON
from registry.openapi.answers import Answer, answer, facade_failures
from registry.openapi.operations import OPTIONAL, PUBLIC, PathItem, head, operation, options
from registry.openapi.parameters import reference
from registry.openapi.schemas import schema_reference
from registry.principal import Role

TAG = "Server"
_HTML = "text/html"
_TEXT = {"type": "string"}
_REVALIDATED = ("ETag", "Cache-Control")
_UNCHANGED = answer("It has not changed.", None, _REVALIDATED)


def service_paths() -> dict[str, PathItem]:
    """Return the paths of probes, of the description and of its page."""
    page = {_HTML: _TEXT}
    asset = dict.fromkeys(("text/css", "text/javascript", "image/png"), _TEXT)
    ready = {"503": answer("Something is out of reach.", _HEALTH, ["Cache-Control"])}
    return {
        "/health/live": _probe("live", "Whether the process answers", {}),
        "/health/ready": _probe("ready", "Whether all that answers need is at hand", ready),
        "/metrics": _metrics(),
        "/openapi.json": _kept(
            "describe", "This description", answer("OpenAPI 3.1.", {JSON: {"type": "object"}}, _REVALIDATED)
        ),
        "/docs": _path("docs", "The way to the page", {"308": answer("It is at /docs/.", None, ["Location"])}),
        "/docs/": _kept("docsPage", "This description as a page", answer("The page.", page, _REVALIDATED)),
        "/docs/{name}": {
            "parameters": [
                {"name": "name", "in": "path", "required": True, "description": "A file of the page.", "schema": _TEXT}
            ],
            **_kept("docsFile", "What the page is made of", answer("The file.", asset, _REVALIDATED), 404),
        },
    }


def _metrics() -> PathItem:
    content = dict.fromkeys(("text/plain", "application/openmetrics-text"), _TEXT)
    get = operation(
        "metrics",
        TAG,
        "Numbers for Prometheus",
        {"200": answer("The numbers.", content, ["Cache-Control"])} | facade_failures(404),
        description="The server may be configured to show them to everybody, or to nobody: then it is 404.",
        roles=[Role.SERVICE],
        security=OPTIONAL,
    )
    return {"get": get, "head": head(get), "options": options("metrics")}


_HEALTH = {JSON: schema_reference("Health")}


def _probe(name: str, summary: str, failures: dict[str, Answer]) -> PathItem:
    return _path(name, summary, {"200": answer("Yes.", _HEALTH, ["Cache-Control"]), **failures})


def _kept(name: str, summary: str, found: Answer, *failures: int) -> PathItem:
    """Return a path whose answer clients may keep and ask for again by If-None-Match."""
    others = {status: each for status, each in facade_failures(*failures).items() if int(status) in failures}
    return _path(name, summary, {"200": found, "304": _UNCHANGED, **others}, [reference("If-None-Match")])


def _path(
    name: str, summary: str, answers: dict[str, Answer], parameters: list[dict[str, str]] | None = None
) -> PathItem:
    found = answers | {"500": facade_failures()["500"]}
    get = operation(name, TAG, summary, found, parameters=parameters or (), security=PUBLIC)
    return {"get": get, "head": head(get), "options": options(name)}
