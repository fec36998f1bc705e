"""The access matrix as a document: role x operation and field x role, as the profile and the access rule have them.

docs/access-matrix.md is what this module writes; a test holds the two together, and each line against the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from registry.access import ALLOWED, MAY_ERASE, MAY_PUBLISH, Operation
from registry.principal import Role
from registry.profile import Field, Profile

ROLES = (Role.AGGREGATOR, Role.PROSUMER, Role.SERVICE, Role.ENGINEER)
_VIEWS = {
    Role.AGGREGATOR: "the devices of its issuer's aggregator",
    Role.PROSUMER: "the devices of its account at its issuer's aggregator",
    Role.SERVICE: "all devices",
    Role.ENGINEER: "no devices",
}
_INTRODUCTION = """\
# Access matrix

This page is generated from the shapes by `registry.access_matrix`. A device out of a role's view does not exist for it,
and neither does a field that it may not see: such a field can't be shown, filtered by, sorted by or changed.
"""
_FIELDS = """\
Who sees (**see**) and changes (**change**, which implies seeing) which field. The fields that begin with an underscore
are kept by the registry itself. `device_id` is given at creation and never changes afterwards.
"""


def access_matrix(profile: Profile) -> str:
    """Return both tables in Markdown."""
    operations = ([role, _VIEWS[role], *(_yes(role, operation) for operation in Operation)] for role in ROLES)
    fields = ([f"`{field.name}`", *(right(field, role) for role in ROLES)] for field in profile.fields.values())
    return "\n".join(
        [
            _INTRODUCTION,
            "## Operations\n",
            *_table(["role", "sees", *Operation], operations),
            f"\nThe model is read by everybody; who may publish another: {', '.join(sorted(MAY_PUBLISH))}.",
            f"Who may erase an account with all that was recorded of it: {', '.join(sorted(MAY_ERASE))}.",
            "\nContracts ([the marketplace](marketplace.md)): an aggregator sees, judges, records and ends its own; a",
            "prosumer sees those of its account; a service sees, judges, records and ends all; an engineer none.",
            "[Virtual power plants](virtual-power-plants.md): an aggregator has its own; a service acts for one that",
            "it names; prosumers and engineers have none.",
            "\n## Fields\n",
            _FIELDS,
            *_table(["field", *ROLES], fields),
            "",
        ]
    )


def right(field: Field, role: Role) -> str:
    """Return what `role` may do with the values of a field: "change", "see" or "-"."""
    if role in field.writable_by:
        return "change"
    return "see" if role in field.visible_to else "-"


def _yes(role: Role, operation: Operation) -> str:
    return "yes" if role in ALLOWED[operation] else "-"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
