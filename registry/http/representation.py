"""In which media type a document of the facade is sent: JSON, or XML for who asks for it (RFC 9110, 12.5.1)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, request

from registry.http.xml import write_xml

JSON = "application/json"
XML_TYPES = ("application/xml", "text/xml", "application/x-xml")
_PAGE = "text/html"
_USUAL = ("", "*/*", JSON)


def chosen(further: Iterable[str] = ()) -> str:
    """Return the media type that the caller likes best: JSON, one of XML, or one of `further`.

    Whoever accepts none of them gets JSON, as Eve's clients do, not 406; and so does a browser, which names
    text/html, likes it best and XML second.
    """
    accept = request.headers.get("Accept", "")
    if accept in _USUAL:
        return JSON
    pages = [_PAGE] if _PAGE in accept.lower() else []
    best = request.accept_mimetypes.best_match([JSON, *XML_TYPES, *pages, *further], default=JSON)
    return JSON if best == _PAGE else best


def represent(
    document: Mapping[str, Any],
    status: int = 200,
    headers: Iterable[tuple[str, str]] = (),
    media_type: str | None = None,
) -> Response:
    """Return the answer that carries `document`, by default in the media type that the caller likes best."""
    media_type = media_type or chosen()
    if media_type in XML_TYPES:
        return Response(write_xml(document), status, list(headers), mimetype=media_type)
    return Response(_json(document), status, list(headers), content_type=JSON)


def _json(document: Mapping[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:  # a message that repeats half a pair of surrogates
        return json.dumps(document, separators=(",", ":")).encode()
