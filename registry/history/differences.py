"""How two documents of a device differ, field by field, members of nested objects by dotted names.

A field without a value is absent, as everywhere in the facade: a change from nothing has no `from`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from registry.devices.documents import Document
from registry.profile import Profile

Differences: TypeAlias = dict[str, dict[str, Any]]
"""Name of a field -> `from` and `to`, as far as there is a value."""


def differences(profile: Profile, before: Document | None, after: Document | None) -> Differences:
    """Return what differs between two documents; None is a device that is not there.

    What the registry itself keeps, as the time of the change, is left out.
    """
    was, will = _flat(profile, before or {}), _flat(profile, after or {})
    found: Differences = {}
    for name in dict.fromkeys([*was, *will]):
        sides = {word: values[name] for word, values in (("from", was), ("to", will)) if name in values}
        if len(sides) == 1 or sides["from"] != sides["to"]:
            found[name] = sides
    return found


def _flat(profile: Profile, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return dotted name -> value; an object without members stands for itself."""
    found: dict[str, Any] = {}
    for name, value in document.items():
        if name in profile.objects and isinstance(value, Mapping) and value:
            found |= {f"{name}.{member}": each for member, each in value.items()}
        elif not profile.keeps(name):
            found[name] = value
    return found
