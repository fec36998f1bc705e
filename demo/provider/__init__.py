"""The demo's OpenID provider: one issuer for each cooperative and one for the middleware, on a loopback address.

Real OAuth 2.0 and OpenID Connect by authlib's server side, with people and passwords that are on display. Not for
production: state lives in memory, and keys are new at each start.
"""

from __future__ import annotations

from demo.provider.tenants import AUDIENCE, issuer_url, tenants
from registry.tokens.issuer import Issuer

__all__ = ["issuers"]


def issuers(port: int, host: str = "127.0.0.1") -> tuple[Issuer, ...]:
    """Return what the registry has to trust of a provider that listens on `port`."""
    return tuple(
        Issuer(
            issuer=issuer_url(tenant.slug, port, host),
            audience=AUDIENCE,
            roles=tenant.roles,
            aggregator_id=tenant.aggregator_id,
        )
        for tenant in tenants()
    )
