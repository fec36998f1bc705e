"""The claims of a token whose signature holds: are they meant for us, and for now? (RFC 7519, section 4.1)

Nothing in a token is taken to have the right type. What the claims grant stands in `registry.tokens.grants`.
"""

from __future__ import annotations

import math
from typing import Any

from registry.tokens.bearer import invalid_token
from registry.tokens.issuer import Issuer

MAX_SUBJECT = 255
"""Characters of a `sub` (OpenID Connect Core 1.0, section 2)."""


def check_claims(claims: dict[str, Any], issuer: Issuer, now: float) -> None:
    """Check iss, aud, exp, nbf, iat and sub at the time `now`, in seconds since 1970.

    Raises:
        Unauthorized: one is missing, of a wrong type, or not satisfied.
    """
    if claims.get("iss") != issuer.issuer:
        raise invalid_token("The token is of another issuer.")
    if issuer.audience not in _audiences(claims):
        raise invalid_token("The token is not meant for this registry: its aud is another.")
    expires = _numeric_date(claims, "exp")
    if expires is None:
        raise invalid_token("The token has no exp, it would never expire.")
    if now >= expires + issuer.leeway:
        raise invalid_token("The token has expired.")
    for name in ("nbf", "iat"):
        since = _numeric_date(claims, name)
        if since is not None and now < since - issuer.leeway:
            raise invalid_token(f"The token is not valid yet: its {name} lies in the future.")
    subject_of(claims)


def subject_of(claims: dict[str, Any]) -> str:
    """Return `sub`, whom the token is about.

    Raises:
        Unauthorized: there is none that is a readable text of at most 255 characters.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or not subject.isprintable():
        raise invalid_token(f"The token has no sub that is a text of 1 to {MAX_SUBJECT} characters.")
    return subject


def _audiences(claims: dict[str, Any]) -> list[str]:
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or not all(isinstance(each, str) for each in audiences):
        raise invalid_token("The token's aud is no text or list of texts.")
    return audiences


def _numeric_date(claims: dict[str, Any], name: str) -> int | float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_token(f"The token's {name} is no number of seconds.")
    if isinstance(value, float) and not math.isfinite(value):
        raise invalid_token(f"The token's {name} is no finite number.")
    return value
