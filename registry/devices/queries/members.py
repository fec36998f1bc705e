"""Criteria as sets of devices: each leaf is found by one scan or look-up of the index, and sets are joined by hash.

The engine joins plain patterns one row at a time, in an order that it guesses badly: two equalities that 69,000 and
15,000 of 100,000 devices meet take it 350 ms as patterns and 40 ms as two subselects. A set may also be given by what
it lacks, so that "not" costs no more than what it denies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from registry.devices.criteria import All, Comparison, Criteria, Operator, Within
from registry.devices.queries.comparisons import terms_of, value_test
from registry.devices.queries.normal_form import Every, Leaf, Node
from registry.devices.queries.paths import Values, path_scan
from registry.devices.queries.places import inside_pattern
from registry.devices.queries.variables import Variables
from registry.profile import Field
from registry.vocabulary import CREATED
from sparql.terms import INTEGER, Literal, to_sparql

_MOST_JOINED = 8
_LONGEST_LIST = 10**9
_WITH_A_VALUE, _AT_A_PLACE, _TESTED, _OF_SETS = range(4)
"""Costs, where no more is known than the kind of the set."""


class Members(NamedTuple):
    """A set of devices.

    Attributes:
        cost: a number to put small sets first, as the engine keeps the first of a join in memory.
        text: a group graph pattern that binds ?device once for each device.
        negated: whether the set is of the devices that the pattern does not bind.
    """

    cost: int
    text: str
    negated: bool

    def pattern(self, names: Variables) -> str:
        """Return the pattern that binds ?device once for each member."""
        return f"{anchor(next(names))}MINUS {{ {self.text}}} " if self.negated else self.text


def anchor(time: str) -> str:
    """Return a pattern that every device meets once: that of its time of creation."""
    return f"?device {to_sparql(CREATED)} {time} . "


def members(node: Node, names: Variables) -> Members:
    """Return the devices that meet `node`."""
    if isinstance(node, Leaf):
        return Members(_cost(node), leaf_pattern(node, names), node.negated)
    return joined([members(part, names) for part in node.parts], conjunct=isinstance(node, Every))


def joined(parts: Iterable[Members], *, conjunct: bool = True) -> Members:
    """Return the devices in every part, or in at least one."""
    found = sorted(parts, key=lambda each: each.cost)
    kept = [each.text for each in found if each.negated != conjunct]
    taken = [each.text for each in found if each.negated == conjunct]
    if not kept:
        return Members(_OF_SETS, _united(taken), conjunct)
    minus = f"MINUS {{ {' UNION '.join(f'{{ {text}}}' for text in taken)} }} " if taken else ""
    return Members(_OF_SETS, (subselect(_joined(kept)) if minus else _joined(kept)) + minus, not conjunct)


def leaf_pattern(leaf: Leaf, names: Variables) -> str:
    """Return the pattern of the devices for which the criteria of `leaf` hold, whether it is negated or not."""
    match leaf.criteria:
        case Within(shape=shape):
            return inside_pattern(leaf.field, shape, names)
        case Comparison(operator=Operator.SIZE, value=size):
            return _of_size(leaf.field, size, names)
    name = next(names)
    terms = terms_of(leaf.criteria)
    if terms is not None and len(terms) == 1:
        return path_scan(leaf.field, to_sparql(terms[0]), names)
    pattern = path_scan(leaf.field, name, names, narrowed(leaf.criteria, name))
    return f"{{ SELECT DISTINCT ?device WHERE {{ {pattern}}} }} " if leaf.field.multiple else pattern


def narrowed(criteria: Criteria, name: str) -> Values:
    """Return the values in the variable `name` that meet the criteria; listed, where it is known which they are."""
    parts = criteria.parts if isinstance(criteria, All) else (criteria,)
    known = next((terms for part in parts if (terms := terms_of(part)) is not None), None)
    before = "" if known is None else f"VALUES {name} {{ {' '.join(map(to_sparql, known))} }} "
    enough = known is not None and len(parts) == 1
    return Values(before, "" if enough else f"FILTER({value_test(criteria, name)}) ")


def _cost(leaf: Leaf) -> int:
    if isinstance(leaf.criteria, Within):
        return _AT_A_PLACE
    return _WITH_A_VALUE if terms_of(leaf.criteria) is not None else _TESTED


def subselect(text: str) -> str:
    """Return the pattern of the same devices that is joined by hash."""
    return f"{{ SELECT ?device WHERE {{ {text}}} }} "


def _joined(texts: Sequence[str]) -> str:
    """Return the pattern of the devices in each set; a few at a time: planning grows steeply with what is joined."""
    while len(texts) > 1:
        groups = (texts[start : start + _MOST_JOINED] for start in range(0, len(texts), _MOST_JOINED))
        texts = ["".join(map(subselect, group)) for group in groups]
    return texts[0]


def _united(texts: Sequence[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    if not texts:
        return "VALUES ?device { } "
    return f"{{ SELECT DISTINCT ?device WHERE {{ {' UNION '.join(f'{{ {text}}}' for text in texts)} }} }} "


def _of_size(field: Field, size: int, names: Variables) -> str:
    number = to_sparql(Literal(str(min(size, _LONGEST_LIST)), INTEGER))
    pattern = path_scan(field, next(names), names)
    return f"{{ SELECT ?device WHERE {{ {pattern}}} GROUP BY ?device HAVING (COUNT(*) = {number}) }} "
