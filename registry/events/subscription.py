"""What a listener asks to hear of: types of events, a class, conditions as of a listing, and how much is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.errors import BadRequest

_TRUE = ("1", "true", "yes")
_FALSE = ("", "0", "false", "no")


class EventType(StrEnum):
    """What an event tells of."""

    DEVICE_CREATED = "device_created"
    DEVICE_UPDATED = "device_updated"
    DEVICE_DELETED = "device_deleted"
    PROFILE_PUBLISHED = "profile_published"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is asked for.

    Attributes:
        types: the types of events.
        class_name: only devices of this class, by its code or its IRI.
        where: only devices that meet these conditions, as a listing's `where` has them.
        diff: whether a changed device's event says which fields changed, and from what to what.
    """

    types: frozenset[EventType] = frozenset(EventType)
    class_name: str | None = None
    where: str | None = None
    diff: bool = False

    @property
    def selects(self) -> bool:
        """Whether only some of the view's devices are asked for."""
        return self.class_name is not None or self.where is not None


def read_subscription(arguments: Mapping[str, str]) -> Subscription:
    """Read `types`, `class`, `where` and `diff` of a query string.

    Raises:
        BadRequest: types or diff are none.
    """
    types = [word for word in arguments.get("types", "").replace(",", " ").split() if word]
    diff = arguments.get("diff", "").lower()
    if diff not in (*_TRUE, *_FALSE):
        raise BadRequest(f"diff must be true or false, not {diff[:60]!r}")
    return Subscription(
        types=read_types(types) if types else frozenset(EventType),
        class_name=arguments.get("class") or None,
        where=arguments.get("where") or None,
        diff=diff in _TRUE,
    )


def read_types(words: Iterable[str]) -> frozenset[EventType]:
    """Return the types that are named.

    Raises:
        BadRequest: a word names none.
    """
    known = {each.value: each for each in EventType}
    chosen = tuple(words)
    for word in chosen:
        if word not in known:
            raise BadRequest(f"types: there is no type of event {word[:60]!r}; there are {', '.join(known)}")
    return frozenset(known[word] for word in chosen)
