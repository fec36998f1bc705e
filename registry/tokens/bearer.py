"""The Authorization header of a request, and the challenge that answers a bad one (RFC 6750).

Takes a token out of its header; says nothing about what the token is worth.
"""

from __future__ import annotations

import re

from registry.errors import Unauthorized

REALM = "der-registry"
SCHEMES = ("bearer", "token")
"""Schemes in front of a token. Clients of the former registry say Token, or send the token alone."""

_NOT_QUOTABLE = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")
"""What an error_description must not contain (RFC 6750, section 3): quotes, backslashes, controls, non-ASCII."""


def token_of(authorization: str | None) -> str:
    """Return the token in the value of an Authorization header: `Bearer <t>`, `Token <t>` or `<t>` alone.

    Raises:
        Unauthorized: there is none, and then the challenge carries no error code (RFC 6750, section 3.1:
            "the resource server SHOULD NOT include an error code or other error information").
    """
    parts = (authorization or "").split()
    if len(parts) == 2 and parts[0].lower() in SCHEMES:
        return parts[1]
    if len(parts) == 1 and parts[0].lower() not in SCHEMES:
        return parts[0]
    if len(parts) > 2 and parts[0].lower() in SCHEMES:
        raise invalid_token("The Authorization header holds more than a scheme and one token.")
    raise Unauthorized(
        "This needs an access token: send the header 'Authorization: Bearer <token>'.",
        headers={"WWW-Authenticate": f'Bearer realm="{REALM}"'},
    )


def invalid_token(reason: str) -> Unauthorized:
    """Return the error for a token that can't be accepted, with its challenge (RFC 6750, section 3.1)."""
    description = _NOT_QUOTABLE.sub("'", reason)
    challenge = f'Bearer realm="{REALM}", error="invalid_token", error_description="{description}"'
    return Unauthorized(reason, headers={"WWW-Authenticate": challenge})
