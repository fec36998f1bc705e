"""An issuer of tokens as the registry is configured to trust it, and what it may grant at most.

A value only: reading it from a file is the business of `registry.settings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from registry.principal import Role

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
"""Every signature algorithm that can be allowed (RFC 7518, section 3.1; RFC 8037; RFC 9864): asymmetric ones only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One OpenID provider, or one tenant of it.

    Attributes:
        issuer: the exact `iss` of its tokens, and where its discovery document lies.
        audience: the `aud` that its tokens carry for this registry.
        jwks_uri: where its keys are; None to learn that from discovery.
        roles: what it may grant; of several roles in one token, the one that stands first here counts.
        aggregator_id: whose devices its aggregators and prosumers reach; None becomes the host of `issuer`.
        role_claim: the claim with the role or roles, by its literal name or as a dotted path.
        account_claim: the claim with a prosumer's account, likewise.
        algorithms: the signature algorithms that its tokens may have, out of `ALGORITHMS`.
        leeway: seconds by which its clock may differ from ours.

    Raises:
        ValueError: an algorithm is not one of `ALGORITHMS`.
    """

    issuer: str
    audience: str
    roles: tuple[Role, ...]
    jwks_uri: str | None = None
    aggregator_id: str | None = None
    role_claim: str = "role"
    account_claim: str = "sub"
    algorithms: tuple[str, ...] = ALGORITHMS
    leeway: int = 30

    def __post_init__(self) -> None:
        if refused := [name for name in self.algorithms if name not in ALGORITHMS]:
            raise ValueError(f"algorithms: {', '.join(refused)} can't be allowed, only {', '.join(ALGORITHMS)}")
        if self.aggregator_id is None:
            object.__setattr__(self, "aggregator_id", urlsplit(self.issuer).hostname)
