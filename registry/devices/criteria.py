"""What a listing asks for, free of any syntax and any backend: conditions on fields, sort keys, a page.

`where` reads conditions from a request; `queries` writes them as SPARQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from registry.geo.shapes import Shape
from registry.profile import Field
from sparql.terms import Term


class Operator(StrEnum):
    """How a field's value is compared."""

    EQUAL = "="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    EXISTS = "exists"
    MATCHES = "matches"
    MODULO = "modulo"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a text is searched for: a regular expression that Python and the engine read alike.

    Attributes:
        text: the expression.
        flags: letters of i, m, s and x (XPath functions and operators, section 5.6.1.1).
    """

    text: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field against one value; a device without the field doesn't match.

    Attributes:
        field: None for a name that the caller knows no field by: nothing has it.
        operator: how to compare.
        value: a JSON value; a Pattern for MATCHES, divisor and remainder for MODULO, how many values for SIZE, and
            unused by EXISTS.
    """

    field: Field | None
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class Among:
    """The field's value is one of some terms that the store holds; no request says so, only a plan for a page."""

    field: Field
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The device's point lies in a shape; a device without one doesn't match.

    Attributes:
        field: None for a name that the caller knows no field by, or whose values are no points.
        shape: where.
        ranks: whether the distance from the centre of the shape, a Disc, is the order of the listing that has no other.
    """

    field: Field | None
    shape: Shape
    ranks: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; with no part, always."""

    parts: tuple[Criteria, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; with no part, never."""

    parts: tuple[Criteria, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part doesn't hold."""

    part: Criteria


Criteria: TypeAlias = Comparison | Among | Within | All | AnyOf | Not

NEVER = AnyOf(())


def conjuncts(criteria: Criteria) -> Iterator[Criteria]:
    """Yield parts, none of them an All, that hold together exactly if `criteria` do."""
    if isinstance(criteria, All):
        for part in criteria.parts:
            yield from conjuncts(part)
    else:
        yield criteria


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to sort by; devices without it come first, or last when descending."""

    field: Field
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of the devices that meet the criteria.

    Attributes:
        criteria: which devices.
        sort: in which order; without, nearest first where the criteria rank. What ties is in the order of creation.
        page: 1 for the first.
        size: devices a page; 1 to 300.
        passing: whether the criteria are those of a moment, so that the next request has others.
    """

    criteria: Criteria = All()
    sort: tuple[SortKey, ...] = ()
    page: int = 1
    size: int = 25
    passing: bool = False
