"""Who can get a token from the demo's provider: tenants, their people and their programs.

A tenant is an issuer of its own. Passwords and secrets are the same public word; they protect nothing.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from demo.cooperatives import COOPERATIVES, Cooperative
from registry.principal import Role

AUDIENCE = "der-registry"
DEMO_APP = "demo-app"
"""The public client: anything with a browser on this machine."""
PASSWORD = "demo"  # noqa: S105  shown on the login page
MIDDLEWARE = "middleware"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who can log in.

    Attributes:
        login: the user name.
        subject: the `sub` of the person's tokens; for prosumers the account.
        name: for people to read.
        role: the role of the person's tokens.
    """

    login: str
    subject: str
    name: str
    role: Role

    def get_user_id(self) -> str:
        """Return the `sub`, as authlib asks for it."""
        return self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One issuer with its people.

    Attributes:
        slug: its path.
        name: for people to read.
        roles: the roles that its tokens may have.
        aggregator_id: whose devices they reach, None for the middleware.
        users: who can log in, in the order of the login page.
    """

    slug: str
    name: str
    roles: tuple[Role, ...]
    aggregator_id: str | None
    users: tuple[User, ...]

    def user(self, login: str) -> User | None:
        """Return the user with this user name, name or subject, None when there is none."""
        wanted = login.strip().casefold()
        for user in self.users:
            if wanted in {user.login, user.subject, user.name.casefold()}:
                return user
        return None


def issuer_url(slug: str, port: int, host: str = "127.0.0.1") -> str:
    """Return the `iss` of a tenant."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{slug}"


@cache
def tenants() -> tuple[Tenant, ...]:
    """Return all tenants: the cooperatives, then the middleware."""
    return (*map(_cooperative, COOPERATIVES), _middleware())


def _cooperative(cooperative: Cooperative) -> Tenant:
    households = tuple(
        User(login=_login(each.name), subject=each.account_id, name=each.name, role=Role.PROSUMER)
        for each in cooperative.households
    )
    return Tenant(
        slug=cooperative.slug,
        name=cooperative.name,
        roles=(Role.AGGREGATOR, Role.PROSUMER),
        aggregator_id=cooperative.aggregator_id,
        users=(_staff(Role.AGGREGATOR, cooperative.name), *households),
    )


def _middleware() -> Tenant:
    roles = (Role.SERVICE, Role.ENGINEER)
    return Tenant(
        slug=MIDDLEWARE,
        name="FLEXCoop middleware",
        roles=roles,
        aggregator_id=None,
        users=tuple(_staff(role, "FLEXCoop middleware") for role in roles),
    )


def _staff(role: Role, organisation: str) -> User:
    return User(login=role.value, subject=role.value, name=f"{organisation} ({role.value})", role=role)


def _login(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return plain.lower().replace(" ", "-")
