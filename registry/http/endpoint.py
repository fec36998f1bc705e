"""The IRI by which clients reach the SPARQL endpoint: said by the configuration, else by the request."""

from __future__ import annotations

import re

from flask import request

from registry.errors import BadRequest
from sparql.terms import Iri

PATH = "/sparql"
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")


def endpoint_iri(base_url: str | None) -> Iri:
    """Return the IRI of the endpoint, which is also the base of relative IRIs in queries.

    Args:
        base_url: the setting `server.base_url`; None takes the Host of the current request.

    Raises:
        BadRequest: there is no base URL, and the Host is none.
    """
    if base_url is not None:
        return Iri(base_url.rstrip("/") + PATH)
    host = request.headers.get("Host", "")
    if not _HOST.fullmatch(host):
        raise BadRequest("The header Host names no host")
    return Iri(f"{request.scheme}://{host}{PATH}")
