"""When a device was heard of: a change that carries what it reports sets the field that tells (api:stampedBy)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.devices.documents import Document
from registry.principal import Role
from registry.profile import Field, Profile


def stamped(profile: Profile, role: Role, asked: Mapping[str, Any], document: Document) -> Document:
    """Return `document` with the time of its change in the stamped field, if the change is a report.

    Args:
        profile: the profile in force.
        role: who makes the change. A role that may change nothing of what is reported only sends back what it read.
        asked: what the change says. An own value of the field wins, if the role may change it.
        document: what the device becomes; its `_updated` is the time of the change.
    """
    field = profile.stamped_field
    if field is None or (field.name in asked and role in field.writable_by):
        return document
    carried = [name for name in stamping_objects(profile, field) if isinstance(asked.get(name), Mapping)]
    if not any(_may_report(profile, role, name) for name in carried):
        return document
    return {**document, field.name: document["_updated"]}


def stamping_objects(profile: Profile, field: Field) -> list[str]:
    """Return the names of the nested objects that a change must carry to set `field`."""
    return [name for name, link in profile.objects.items() if link in field.stamped_by]


def _may_report(profile: Profile, role: Role, name: str) -> bool:
    members = (field for field in profile.fields.values() if len(field.names) > 1 and field.names[0] == name)
    return any(role in field.writable_by for field in members)
