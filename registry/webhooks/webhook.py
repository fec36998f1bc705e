"""A webhook: whom to call with which events, for whom, and how far that has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from registry.events.cursor import Cursor
from registry.events.subscription import Subscription
from registry.principal import Principal, Role


@dataclass(frozen=True, slots=True)
class Owner:
    """The service client that a webhook belongs to."""

    issuer: str
    subject: str

    @classmethod
    def of(cls, principal: Principal) -> Owner:
        """Return the owner that a principal is."""
        return cls(principal.issuer, principal.subject)

    def principal(self) -> Principal:
        """Return in whose view its webhooks look."""
        return Principal(role=Role.SERVICE, issuer=self.issuer, subject=self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far the deliveries have come.

    Attributes:
        cursor: the place after the last event that was delivered.
        attempts: failures one after another.
        failing_since: when the first of these was, in seconds since 1970.
        next_attempt: before when nothing more is tried.
        suspended: whether nothing is tried until the owner resumes it.
        error: what went wrong last.
    """

    cursor: Cursor
    attempts: int = 0
    failing_since: float | None = None
    next_attempt: float = 0.0
    suspended: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A webhook.

    Attributes:
        id: its name.
        owner: whose it is.
        url: whom to call.
        subscription: with which events.
        secret: with what to sign.
        created: when it was made, in seconds since 1970.
        state: how far it has come.
    """

    id: str
    owner: Owner
    url: str
    subscription: Subscription
    secret: str = field(repr=False)
    created: float
    state: State

    def document(self) -> dict[str, Any]:
        """Return what its owner is shown: all but the secret."""
        asked, state = self.subscription, self.state
        return {
            "id": self.id,
            "url": self.url,
            "types": sorted(asked.types),
            "class": asked.class_name,
            "where": asked.where,
            "diff": asked.diff,
            "created": _time(self.created),
            "status": "suspended" if state.suspended else "failing" if state.attempts else "active",
            "failing_since": _time(state.failing_since),
            "error": state.error,
        }


def _time(moment: float | None) -> str | None:
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
