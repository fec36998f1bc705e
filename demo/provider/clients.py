"""The OAuth clients of the demo's provider: one public app for people, one confidential client for each staff role."""

from __future__ import annotations

import re
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError  # type: ignore[import-untyped]

from demo.provider.tenants import DEMO_APP, PASSWORD, Tenant
from registry.principal import Role

_REDIRECT_URI = re.compile(r"http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?/[!-\"$-\[\]-~]*")
"""Loopback on any port and any path (RFC 8252, section 7.3); printable ASCII without `#` and backslash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client(ClientMixin):  # type: ignore[misc]  # authlib has no types
    """An OAuth client (RFC 6749, section 2).

    Attributes:
        client_id: its name.
        role: the role of its own tokens; None for the public app, whose tokens have the role of their user.
    """

    client_id: str
    role: Role | None = None

    def get_client_id(self) -> str:
        """Return its name."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """Return that there is none: each request names it."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return the part of the requested scope that exists here."""
        return " ".join(each for each in (scope or "").split() if each in {"openid", "profile"})

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether the browser may be sent there: back to this machine only.

        Raises:
            InvalidRequestError: it may not; authlib's own message breaks on some characters of the URI.
        """
        if _REDIRECT_URI.fullmatch(redirect_uri):
            return True
        raise InvalidRequestError("The redirect_uri has to be http://127.0.0.1:port/ or http://localhost:port/.")

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether this is the secret: the demo's public word."""
        return self.role is not None and client_secret == PASSWORD

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether the client may authenticate so: the app can't keep a secret, the others have to."""
        return endpoint == "token" and (method == "none") == (self.role is None)

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether the client may start a login."""
        return self.role is None and response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether the client may use the grant."""
        return grant_type == ("authorization_code" if self.role is None else "client_credentials")


def clients(tenant: Tenant) -> dict[str, Client]:
    """Return the clients of a tenant by their names; a confidential one is called as its role."""
    programs = (Client(client_id=role.value, role=role) for role in tenant.roles if role is not Role.PROSUMER)
    return {client.client_id: client for client in (Client(client_id=DEMO_APP), *programs)}
