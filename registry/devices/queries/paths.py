"""The patterns that lead from a device to a value, of its own or of its node such as its status."""

from __future__ import annotations

from typing import NamedTuple

from registry.devices.queries.variables import Variables
from registry.profile import Field
from sparql.terms import to_sparql


def path_pattern(field: Field, value: str, names: Variables) -> str:
    """Return the patterns that look up a device's `value`."""
    if len(field.path) == 1:
        return f"?device {to_sparql(field.predicate)} {value} . "
    node = next(names)
    return f"?device {to_sparql(field.path[0])} {node} . {node} {to_sparql(field.predicate)} {value} . "


class Values(NamedTuple):
    """Which values are gone through.

    Attributes:
        before: a pattern that lists values.
        after: a filter on values.
    """

    before: str = ""
    after: str = ""


ALL_VALUES = Values()


def path_scan(field: Field, value: str, names: Variables, which: Values = ALL_VALUES) -> str:
    """Return the pattern that goes through values, all at once; the steps of a path are joined by hash."""
    before, after = which
    if len(field.path) == 1:
        return f"{before}?device {to_sparql(field.predicate)} {value} . {after}"
    node = next(names)
    seen = f"{node} {value}" if value.startswith("?") else node
    return (
        f"{{ SELECT {seen} WHERE {{ {before}{node} {to_sparql(field.predicate)} {value} . {after}}} }} "
        f"{{ SELECT ?device {node} WHERE {{ ?device {to_sparql(field.path[0])} {node} }} }} "
    )
