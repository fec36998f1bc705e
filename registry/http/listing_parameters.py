"""The query parameters of a listing, read as Eve's clients write them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.devices.criteria import All, Criteria, Listing, Not
from registry.devices.staleness import staleness, tells_staleness
from registry.devices.where import read_sort, read_where
from registry.errors import BadRequest
from registry.principal import Role
from registry.profile import Profile
from registry.strict_json import read_json

DEFAULT_SIZE = 25
LARGEST_SIZE = 300


@dataclass(frozen=True, slots=True)
class Projection:
    """Which fields an answer shows: those named, or all but those named.

    Attributes:
        names: of fields; dotted ones name members of a nested object, and only an inclusive projection heeds them.
        inclusive: whether they are shown.
    """

    names: frozenset[str]
    inclusive: bool

    def apply(self, document: Mapping[str, Any], always: Collection[str]) -> dict[str, Any]:
        """Return the part of `document` to show; `always` is never left out."""
        if not self.inclusive:
            return {name: value for name, value in document.items() if name in always or name not in self.names}
        parts = {name.partition(".")[0] for name in self.names if "." in name} - self.names
        return {
            name: self._members(name, value) if name in parts else value
            for name, value in document.items()
            if name in always or name in self.names or (name in parts and isinstance(value, Mapping))
        }

    def _members(self, name: str, value: Mapping[str, Any]) -> dict[str, Any]:
        return {key: each for key, each in value.items() if f"{name}.{key}" in self.names}


EVERYTHING = Projection(frozenset(), inclusive=False)


def read_listing(arguments: Mapping[str, str], profile: Profile, role: Role, now: datetime) -> Listing:
    """Read page, max_results, where, stale and sort.

    Numbers are taken generously: what is none, or too small, is the default, and what is too large is clipped.

    Raises:
        BadRequest: where, stale or sort can't be understood.
    """
    visible = {field.name: field for field in profile.visible(role)}
    where, sort, stale = arguments.get("where"), arguments.get("sort"), arguments.get("stale")
    page, size = read_page(arguments)
    criteria = read_where(where, visible) if where else All()
    if stale:
        criteria = All((criteria, read_stale(stale, profile, role, now)))
    return Listing(
        criteria=criteria,
        sort=read_sort(sort, visible) if sort else (),
        page=page,
        size=size,
        passing=bool(stale),
    )


def read_stale(text: str, profile: Profile, role: Role, now: datetime) -> Criteria:
    """Read stale: `true` for the devices that have been silent for too long, `false` for all others.

    Raises:
        BadRequest: it is neither, or the role sees no field that would tell.
    """
    if not tells_staleness(profile, role):
        raise BadRequest(f"There is no parameter stale for the role {role}: it sees no field that tells of silence")
    if text not in ("true", "false"):
        raise BadRequest("stale must be true or false")
    criteria = staleness(profile, now)
    return criteria if text == "true" else Not(criteria)


def read_page(arguments: Mapping[str, str]) -> tuple[int, int]:
    """Read page and max_results: the number of the page, and how many devices it has."""
    return _page(arguments.get("page", "")), _size(arguments.get("max_results", ""))


def read_projection(arguments: Mapping[str, str]) -> Projection:
    """Read projection: `{"field": 1, …}` shows only these, `{"field": 0, …}` all but these.

    Raises:
        BadRequest: it is no JSON object of such numbers.
    """
    text = arguments.get("projection")
    if not text:
        return EVERYTHING
    asked = read_json(text.encode(errors="surrogatepass"), "projection")
    if not isinstance(asked, dict) or any(value not in (0, 1) for value in asked.values()):
        raise BadRequest('projection must be a JSON object such as {"account_id": 1} or {"account_id": 0}')
    inclusive = {name for name, value in asked.items() if value}
    if inclusive:
        return Projection(frozenset(inclusive), inclusive=True)
    return Projection(frozenset(asked), inclusive=False)


def _page(text: str) -> int:
    try:
        return min(abs(int(text)), 10**9) or 1
    except ValueError:
        return 1


def _size(text: str) -> int:
    try:
        number = float(text)
    except ValueError:
        return DEFAULT_SIZE
    if math.isnan(number) or number < 1:
        return DEFAULT_SIZE
    return int(min(number, LARGEST_SIZE))
