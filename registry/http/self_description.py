"""`/openapi.json` and `/docs/`: what this server is, for machines and for people. Neither needs a token.

The page is Swagger UI, from the files in the package flask-swagger-ui and from nowhere else: its policy forbids a
browser to ask any other host. A token that is pasted into it stays in the page.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

from flask import Blueprint, Response, request

from registry.errors import NotFound
from registry.http.preconditions import has_current

DESCRIPTION = "/openapi.json"
PAGE = "/docs/"
LINKS = ", ".join(
    (
        f'<{DESCRIPTION}>; rel="service-desc"; type="application/json"',
        f'<{PAGE}>; rel="service-doc"; type="text/html"',
        '</ontology>; rel="describedby"; type="text/html"',
    )
)
"""The header Link that leads to both (RFC 8631), and to the model that the data is described by."""

_PACKAGE = "flask_swagger_ui"
_STYLE = "body { margin: 0; }"
_START = """\
window.ui = SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
"""
_HTML = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The interface of the DER registry</title>
<link rel="stylesheet" href="swagger-ui.css">
<link rel="icon" type="image/png" href="favicon-32x32.png">
<style>{_STYLE}</style>
</head>
<body>
<div id="swagger-ui"></div>
<noscript><p>This page needs JavaScript. The description itself is <a href="..{DESCRIPTION}">here</a>.</p></noscript>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
"""
_DIGEST = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{_DIGEST}'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Described(Protocol):
    """A description as it is sent: its bytes, and their entity tag."""

    @property
    def body(self) -> bytes:
        """JSON."""

    @property
    def tag(self) -> str:
        """The entity tag."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the page in memory."""

    body: bytes
    content_type: str
    tag: str


def description_blueprint(describe: Callable[[], Described]) -> Blueprint:
    """Return the blueprint of the description.

    Args:
        describe: returns the description in force; called for each request.
    """
    blueprint = Blueprint("self_description", __name__)
    page, assets = _file(_HTML.encode(), "text/html; charset=utf-8"), _assets()

    @blueprint.get(DESCRIPTION)
    def document() -> Response:
        found = describe()
        return _answer(_File(found.body, "application/json", found.tag))

    @blueprint.get(PAGE.rstrip("/"))
    def without_slash() -> Response:
        return Response(status=308, headers={"Location": PAGE.lstrip("/")})

    @blueprint.get(PAGE)
    def read() -> Response:
        response = _answer(page)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    @blueprint.get(f"{PAGE}<name>")
    def asset(name: str) -> Response:
        if name not in assets:
            raise NotFound("The page has no such file")
        return _answer(assets[name])

    return blueprint


def _assets() -> Mapping[str, _File]:
    folder = files(_PACKAGE) / "dist"
    types = {
        "swagger-ui.css": "text/css; charset=utf-8",
        "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "favicon-32x32.png": "image/png",
    }
    found = {name: _file((folder / name).read_bytes(), content_type) for name, content_type in types.items()}
    return {**found, "start.js": _file(_START.encode(), "text/javascript; charset=utf-8")}


def _file(body: bytes, content_type: str) -> _File:
    return _File(body, content_type, hashlib.sha1(body, usedforsecurity=False).hexdigest())


def _answer(file: _File) -> Response:
    """Answer with `file`, or with 304 if that is what the client has (RFC 9110, section 13.1.2)."""
    known = has_current(request.headers, file.tag)
    response = Response(status=304) if known else Response(file.body, content_type=file.content_type)
    response.set_etag(file.tag)
    response.headers["Cache-Control"] = "no-cache"
    return response
