"""What a provider publishes about itself: its discovery document and its keys, over HTTP.

OpenID Connect Discovery 1.0 and RFC 7517. Every call goes out; `registry.tokens.keys` decides when to call. Symmetric
keys and private parts have no place in a published key set and are left unread.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import httpx
from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from joserfc.util import base64_to_int

from registry.tokens.issuer import Issuer

Fetch: TypeAlias = Callable[[str], Any]
"""GETs a URL and returns the JSON it answers, or raises FetchError."""

DISCOVERY = "/.well-known/openid-configuration"
TIMEOUT = 3.0
"""Seconds to connect, and between two pieces of an answer."""
DEADLINE = 6.0
"""Seconds for a whole answer, however it drips."""
MAX_BYTES = 256 * 1024
MIN_RSA_BITS = 2048
"""RFC 7518, section 3.3: "A key of size 2048 bits or larger MUST be used"."""

_PUBLIC_PARTS: dict[str, tuple[str, ...]] = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
_PARAMETERS = ("kty", "kid", "use", "key_ops", "alg")


class FetchError(Exception):
    """A provider's document can't be had or used; the message is for the operator's log."""


def fetch_json(url: str) -> Any:
    """GET `url` and return its JSON; redirects are not followed, proxies are as the environment says.

    Raises:
        FetchError: no connection, no 200, over 256 kB, too slow, or no JSON.
    """
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, headers=headers) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise FetchError(f"{url} answers {answer.status_code}")
            body = _limited(url, answer.iter_raw())
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise FetchError(f"{url} can't be reached: {type(error).__name__} {error}") from error
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FetchError(f"{url} does not answer JSON: {error}") from error


def _limited(url: str, chunks: Iterator[bytes]) -> bytes:
    deadline = time.monotonic() + DEADLINE
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_BYTES:
            raise FetchError(f"{url} answers more than {MAX_BYTES} bytes")
        if time.monotonic() > deadline:
            raise FetchError(f"{url} takes more than {DEADLINE:g} s")
    return bytes(body)


def fetch_keys(issuer: Issuer, fetch: Fetch) -> tuple[Key, ...]:
    """Return the public keys that `issuer` signs with, in the order of its key set.

    A key that is not understood is left out, the others stay usable (RFC 7517, section 5).

    Raises:
        FetchError: a document can't be had, or is not what it should be.
    """
    url = issuer.jwks_uri or _discovered_jwks_uri(issuer, fetch)
    document = fetch(url)
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise FetchError(f"{url} is no JSON Web Key Set, an object with a list of keys")
    keys = tuple(key for key in map(_public_key, entries) if key is not None)
    if not keys:
        raise FetchError(f"{url} holds no key that could verify a token")
    return keys


def _discovered_jwks_uri(issuer: Issuer, fetch: Fetch) -> str:
    url = issuer.issuer.rstrip("/") + DISCOVERY
    document = fetch(url)
    if not isinstance(document, dict):
        raise FetchError(f"{url} is no JSON object")
    if document.get("issuer") != issuer.issuer:
        # OpenID Connect Discovery 1.0, section 4.3: it "MUST exactly match", or one provider could speak for another
        raise FetchError(f"{url} is the document of issuer {document.get('issuer')!r}, not of {issuer.issuer!r}")
    uri = document.get("jwks_uri")
    schemes = ("https",) if issuer.issuer.startswith("https:") else ("https", "http")
    if not isinstance(uri, str) or not uri.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise FetchError(f"{url} has no jwks_uri that is a URL of {' or '.join(schemes)}: {uri!r}")
    return uri


def _public_key(entry: object) -> Key | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    try:
        parts = _PUBLIC_PARTS.get(entry["kty"], ())
        if not parts or (entry["kty"] == "RSA" and base64_to_int(entry["n"]).bit_length() < MIN_RSA_BITS):
            return None
        return import_key({name: entry[name] for name in (*_PARAMETERS, *parts) if name in entry})
    except (JoseError, UnsupportedAlgorithm, ValueError, TypeError, LookupError, ArithmeticError):
        return None
