"""From an access token to a Principal: the one place where all checks stand in their order.

JWT access tokens of several issuers (RFC 9068, section 4, and plain OpenID Connect ones). Opaque tokens and
introspection are not supported; tokens can't be revoked before they expire.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from registry.principal import Principal
from registry.tokens.bearer import invalid_token
from registry.tokens.claims import check_claims
from registry.tokens.grants import principal_of
from registry.tokens.issuer import Issuer
from registry.tokens.jws import parse
from registry.tokens.keys import KeySource
from registry.tokens.metadata import Fetch, fetch_json


class TokenVerifier:
    """Verifies access tokens; may be used by many threads.

    Args:
        issuers: whose tokens are accepted.
        now: the time in seconds since 1970.
        fetch: GETs a URL of a provider and returns its JSON.
    """

    def __init__(
        self, issuers: Iterable[Issuer], *, now: Callable[[], float] = time.time, fetch: Fetch = fetch_json
    ) -> None:
        self._now = now
        self._issuers = {issuer.issuer: issuer for issuer in issuers}
        self._keys = {name: KeySource(each, fetch=fetch, now=now) for name, each in self._issuers.items()}

    def verify(self, token: str) -> Principal:
        """Return who the bearer of `token` is.

        Raises:
            Unauthorized: it is no token that can be accepted.
            Forbidden: it is a good token, but it grants no role here.
            ServiceUnavailable: its issuer's keys could not be had so far.
        """
        unverified = parse(token)
        issuer = self._issuer(unverified.claims)
        algorithm = unverified.algorithm(issuer.algorithms)
        key = self._keys[issuer.issuer].find(unverified.kid, algorithm)
        unverified.check_signature(key)
        claims = unverified.claims
        check_claims(claims, issuer, self._now())
        return principal_of(claims, issuer)

    def expires(self, token: str) -> float:
        """Return when `token`, which was verified, is no longer accepted, in seconds since 1970."""
        claims = parse(token).claims
        return float(claims["exp"]) + self._issuer(claims).leeway

    def _issuer(self, claims: dict[str, Any]) -> Issuer:
        name = claims.get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            raise invalid_token("The token's issuer is none that this registry trusts.")
        return issuer
