"""What the context can't say, as a table in Markdown: the last part of docs/json-ld.md, which a test keeps in step."""

from __future__ import annotations

from registry.json_ld.expression import Degree, Expression, express
from registry.profile import Profile

HEADING = "## What the context can't say"
_INTRODUCTION = """\
This part is generated from the shapes by `registry.json_ld`. Fields that are not in the table give exactly the triples
that the registry holds. What these entail (classes, decimal coordinates, cells) is in no plain JSON.
"""


def limits(profile: Profile) -> dict[str, Expression]:
    """Return the fields of `profile` that a context doesn't express exactly, by name."""
    found = {name: express(profile, field) for name, field in profile.fields.items()}
    return {name: expression for name, expression in found.items() if expression.degree is not Degree.TERM}


def limits_table(profile: Profile) -> str:
    """Return the table, with its heading; fields that have the same reason share a line."""
    fields: dict[tuple[Degree, str], list[str]] = {}
    for name, expression in limits(profile).items():
        fields.setdefault((expression.degree, expression.reason), []).append(f"`{name}`")
    rows = [f"| {', '.join(names)} | {degree} | {reason} |" for (degree, reason), names in fields.items()]
    return "\n".join(
        [HEADING, "", _INTRODUCTION, "| fields | what comes out | why |", "| --- | --- | --- |", *rows, ""]
    )
