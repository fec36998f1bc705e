"""Who asks: a role and identifiers, taken from a verified token and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The four roles. The words that tokens use for them are `ROLE_NAMES`."""

    AGGREGATOR = "aggregator"
    PROSUMER = "prosumer"
    SERVICE = "service"
    ENGINEER = "engineer"


ROLE_NAMES: dict[str, Role] = {
    **{role.value: role for role in Role},
    "prosumers": Role.PROSUMER,
    "aggregators": Role.AGGREGATOR,
    "services": Role.SERVICE,
    "engineers": Role.ENGINEER,
}
"""Role names of tokens in lower case -> role. The former registry's tokens said Aggregator, Prosumers, Service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller (RFC 9068, section 2.2).

    Attributes:
        role: the role that the token carries and its issuer may grant.
        issuer: the token's `iss`.
        subject: the token's `sub`.
        aggregator_id: the issuer's aggregator, for the roles aggregator and prosumer; else None.
        account_id: the prosumer's account as a lower-case UUID text; else None.
    """

    role: Role
    issuer: str
    subject: str
    aggregator_id: str | None = None
    account_id: str | None = None
