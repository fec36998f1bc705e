"""From the Authorization header to the principal of a request."""

from __future__ import annotations

from collections.abc import Callable

from flask import g, request

from registry.http.request_log import note_role
from registry.principal import Principal
from registry.tokens.bearer import token_of
from registry.tokens.verifier import TokenVerifier


def authenticate_with(verifier: TokenVerifier) -> Callable[[], None]:
    """Return the step before every request of a blueprint that only tokens open.

    Raises:
        Unauthorized: there is no token, or a bad one.
        Forbidden: the token's role is unknown, or not its issuer's to grant.
    """

    def authenticate() -> None:
        g.principal = verifier.verify(token_of(request.headers.get("Authorization")))
        note_role(g.principal.role)

    return authenticate


def principal() -> Principal:
    """Return who makes the current request."""
    caller: Principal = g.principal
    return caller
