"""What a verified token grants: one role that its issuer may grant, and the identifiers that go with it.

The aggregator is always the one that the issuer is bound to, whatever the token says, so that no provider can mint a
token for another aggregator's devices.
"""

from __future__ import annotations

import re
from typing import Any

from registry.errors import Forbidden
from registry.principal import ROLE_NAMES, Principal, Role
from registry.tokens.bearer import invalid_token
from registry.tokens.claims import subject_of
from registry.tokens.issuer import Issuer

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHOWN_ROLES = 3
_SHOWN_CHARACTERS = 40


def principal_of(claims: dict[str, Any], issuer: Issuer) -> Principal:
    """Return who the caller is, by claims that have been checked.

    Raises:
        Forbidden: no role that the issuer may grant, or a prosumer without an account.
        Unauthorized: a claim is of a wrong type.
    """
    role = _role(claims, issuer)
    bound = role in {Role.AGGREGATOR, Role.PROSUMER}
    return Principal(
        role=role,
        issuer=issuer.issuer,
        subject=subject_of(claims),
        aggregator_id=issuer.aggregator_id if bound else None,
        account_id=_account(claims, issuer) if role is Role.PROSUMER else None,
    )


def claim(claims: dict[str, Any], name: str) -> Any:
    """Return the claim that is called `name`, else the one at `name` as a dotted path, else None.

    The literal name goes first, as names may be URLs (`https://coop.example/role`).
    """
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _role(claims: dict[str, Any], issuer: Issuer) -> Role:
    names = _role_names(claims, issuer)
    if not names:
        raise Forbidden(f"The token carries no role: its claim {issuer.role_claim!r} is missing or empty.")
    wanted = {ROLE_NAMES.get(name.lower()) for name in names}
    for role in issuer.roles:
        if role in wanted:
            return role
    shown = ", ".join(ascii(name[:_SHOWN_CHARACTERS]) for name in names[:_SHOWN_ROLES])
    raise Forbidden(
        f"The role {shown} is unknown, or the issuer of the token may not grant it. "
        f"It may grant: {', '.join(issuer.roles)}."
    )


def _role_names(claims: dict[str, Any], issuer: Issuer) -> list[str]:
    value = claim(claims, issuer.role_claim)
    if value is None:
        return []
    if isinstance(value, str):
        return value.split()
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return value
    raise invalid_token(f"The token's {issuer.role_claim} is no text or list of texts.")


def _account(claims: dict[str, Any], issuer: Issuer) -> str:
    value = claim(claims, issuer.account_claim)
    if value is None:
        raise Forbidden(f"A prosumer's token has to carry the account, but {issuer.account_claim!r} is missing.")
    if not isinstance(value, str):
        raise invalid_token(f"The token's {issuer.account_claim} is no text.")
    account = value.lower()
    if not _UUID.fullmatch(account):
        raise Forbidden(f"A prosumer's account is a UUID, but the token's {issuer.account_claim!r} holds none.")
    return account
