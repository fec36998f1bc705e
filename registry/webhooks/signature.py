"""Secrets and signatures of deliveries (Standard Webhooks 1.0, symmetric signatures: v1).

Source: https://www.standardwebhooks.com, "Signature scheme".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from registry.errors import BadRequest

PREFIX = "whsec_"
_FEWEST, _MOST = 24, 64
"""Bytes of a secret."""


def new_secret() -> str:
    """Return a secret that nobody can guess."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def check_secret(text: str) -> str:
    """Return `text` if it is a secret: `whsec_` and the base64 of 24 to 64 bytes.

    Raises:
        BadRequest: it is none.
    """
    if not text.startswith(PREFIX) or not _FEWEST <= len(_key(text)) <= _MOST:
        raise BadRequest(f"secret must be {PREFIX} and the base64 of {_FEWEST} to {_MOST} bytes")
    return text


def sign(secret: str, identifier: str, timestamp: int, body: bytes) -> str:
    """Return the value of the header webhook-signature."""
    content = f"{identifier}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""
