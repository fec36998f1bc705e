"""The context by which a device's plain JSON, or a list of them, is JSON-LD 1.1. It names fields, never values of one.

JSON-LD can't make a subject's IRI of "urn:uuid:" and a device's id, nor put a fragment behind it. So the device and its
status are blank nodes here, and whoever wants them named adds an `@id` to both; docs/json-ld.md says how.
"""

from __future__ import annotations

from typing import Any

from registry.json_ld.expression import TermDefinition, express, is_term
from registry.profile import Profile

_FACADE: TermDefinition = {"_items": "@graph", "_links": None, "_meta": None, "_etag": None, "_id": None}
"""What the facade puts beside the fields: a list's devices make its graph, all else is no statement."""


def device_context(profile: Profile) -> dict[str, Any]:
    """Return the context document of `profile`."""
    definitions: TermDefinition = {"@version": 1.1, **_FACADE}
    for field in profile.fields.values():
        top, *inner = field.names
        if not inner:
            _define(definitions, top, express(profile, field).definition)
        elif is_term(top):
            link = {"@id": str(profile.objects[top]), "@context": {}}
            _define(definitions.setdefault(top, link)["@context"], inner[0], express(profile, field).definition)
        else:
            _define(definitions, top, None)
    return {"@context": definitions}


def _define(definitions: TermDefinition, name: str, definition: TermDefinition | None) -> None:
    """Add a definition; a name that means nothing is defined so, or it might be taken for an IRI."""
    if definition is not None or is_term(name) or ":" in name or "/" in name:
        definitions[name] = definition
