"""`/context.jsonld`: the context by which devices in plain JSON are JSON-LD. For everybody, from every origin.

It names fields and codes, never a device, so no token is needed: the shapes are public, as is the access matrix.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from flask import Blueprint, Response, request

from registry.http.preconditions import has_current
from registry.json_ld import device_context
from registry.profile import Profile

PATH = "/context.jsonld"
MEDIA_TYPE = "application/ld+json"
_HEADERS = {
    "Cache-Control": "public, no-cache",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@dataclass(frozen=True, slots=True)
class ContextFile:
    """A context as it is sent, with its entity tag."""

    body: bytes
    etag: str


_FILES: WeakKeyDictionary[Profile, ContextFile] = WeakKeyDictionary()


def context_blueprint(profile: Callable[[], Profile]) -> Blueprint:
    """Return the blueprint of the context of the profile in force, which `profile` returns."""
    blueprint = Blueprint("context", __name__)

    @blueprint.get(PATH)
    def context() -> Response:
        file = context_file(profile())
        known = has_current(request.headers, file.etag)
        response = Response(status=304) if known else Response(file.body, content_type=MEDIA_TYPE)
        response.headers.extend(_HEADERS)
        response.set_etag(file.etag)
        return response

    return blueprint


def context_file(profile: Profile) -> ContextFile:
    """Return the context of `profile`, written once for as long as the profile is in use."""
    file = _FILES.get(profile)
    if file is None:
        body = json.dumps(device_context(profile), ensure_ascii=False, indent=1).encode()
        file = _FILES[profile] = ContextFile(body, hashlib.sha256(body).hexdigest()[:40])
    return file
