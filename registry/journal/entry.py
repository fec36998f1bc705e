"""What the journal says of one change: who did what to which device, when, from what and to what.

A device's state is kept as its JSON document by the model that was in force, so that a reader of the journal needs no
other tool. What follows from a document, in which graphs it stands, and who may see it is not kept: that is worked out
by `registry.access` again, but for the views in which the change showed, which number their own changes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from registry.principal import Principal
from sparql.terms import Iri

State: TypeAlias = dict[str, Any]
"""A device as the journal keeps it: its document, and under `SEEN` (state.py) the older times of roles' views."""


class Kind(StrEnum):
    """What was done."""

    CREATE = "create"
    CHANGE = "change"
    REPLACE = "replace"
    DELETE = "delete"
    IMPORT = "import"
    MIGRATE = "migrate"
    PUBLISH = "publish"
    ERASE = "erase"


class Resource(StrEnum):
    """What an entry is about, where that is no model."""

    DEVICE = "device"
    CONTRACT = "contract"
    VPP = "vpp"


class What(StrEnum):
    """How a change shows in a view: whether the device is new there, another than before, or gone."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a change (RFC 9068, section 2.2).

    Attributes:
        role: the role of the token; None for the software itself and for commands of the operator.
        issuer: the token's `iss`.
        subject: the token's `sub`.
    """

    role: str | None
    issuer: str
    subject: str

    @classmethod
    def of(cls, principal: Principal) -> Author:
        """Return the author that a principal is."""
        return cls(principal.role.value, principal.issuer, principal.subject)


SOFTWARE = Author(None, "", "the software")
OPERATOR = Author(None, "", "the operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change.

    Attributes:
        kind: what was done.
        time: when, in UTC with six digits after the second; the device's `_updated` by its new state.
        author: who did it.
        model: the digest of the model in force, after a publish the new one.
        device: the device's id; None for a change of something else.
        before: its state, or that of `subject`, as JSON; None if there was none.
        after: its state afterwards as JSON; None when it is gone.
        seen: the views, named by their graphs, in which the change shows, and how.
        request: the id of the request, as the log has it.
        resource: what it is about.
        subject: the IRI of that, if it is something else than a device or the model.
        sequence: its number in the journal; 0 before it is there.
    """

    kind: Kind
    time: str
    author: Author
    model: str
    device: str | None = None
    before: str | None = None
    after: str | None = None
    seen: tuple[tuple[Iri, What], ...] = field(default=(), repr=False)
    request: str | None = None
    resource: Resource = Resource.DEVICE
    subject: str | None = None
    sequence: int = 0

    @property
    def state_before(self) -> State | None:
        """The state before, read."""
        return read_state(self.before)

    @property
    def state_after(self) -> State | None:
        """The state afterwards, read."""
        return read_state(self.after)


def read_state(text: str | None) -> State | None:
    """Return a state that the journal has as `text`; None where it has none."""
    return None if text is None else json.loads(text)
