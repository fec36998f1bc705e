"""Criteria in a form in which each field is asked about as seldom as possible.

What several conditions say of one field becomes one leaf, as `{"$gte": 2, "$lt": 5}` and `{"$in": […]}` do: one scan of
the index answers it. Negation is driven down to the leaves, so that "none of these" is as cheap as "one of these".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from registry.devices.criteria import All, Among, AnyOf, Comparison, Criteria, Not, Operator, Within
from registry.profile import Field


@dataclass(frozen=True, slots=True)
class Leaf:
    """The devices that are told by one field.

    Attributes:
        field: the field.
        criteria: what holds for its value, or for one of its values; never for a device without one.
        negated: whether the devices are meant for which it doesn't hold, those without a value among them.
    """

    field: Field
    criteria: Criteria
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """Every part holds; with no part, always."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds; with no part, never."""

    parts: tuple[Node, ...] = ()


Node: TypeAlias = Leaf | Every | Some


def normal_form(criteria: Criteria, *, negated: bool = False) -> Node:
    """Return the criteria, or what they deny, in normal form."""
    match criteria:
        case Not(part):
            return normal_form(part, negated=not negated)
        case All(parts) | AnyOf(parts):
            nodes = [normal_form(part, negated=negated) for part in parts]
            return every(nodes) if isinstance(criteria, All) != negated else some(nodes)
        case Comparison(field=Field() as field) if field.multiple or criteria.operator is not Operator.SIZE:
            return Leaf(field, criteria, negated)
        case Among(field) | Within(field=Field() as field):
            return Leaf(field, criteria, negated)
    return Every() if negated else Some()  # a name that the caller knows no field by, or the size of no list


def every(nodes: Iterable[Node]) -> Node:
    """Return what holds where each of `nodes` does."""
    return _connected(nodes, Every, Some)


def some(nodes: Iterable[Node]) -> Node:
    """Return what holds where one of `nodes` does."""
    return _connected(nodes, Some, Every)


def fields_of(node: Node) -> set[str]:
    """Return the names of the fields that are asked about."""
    return {node.field.name} if isinstance(node, Leaf) else set().union(*map(fields_of, node.parts))


def _connected(nodes: Iterable[Node], own: type[Every | Some], other: type[Every | Some]) -> Node:
    parts: list[Node] = []
    for node in nodes:
        if isinstance(node, other) and not node.parts:  # decides alone
            return node
        parts.extend(node.parts if isinstance(node, own) else [node])
    merged = _merged(parts, conjunct=own is Every)
    return merged[0] if len(merged) == 1 else own(tuple(merged))


def _merged(parts: Sequence[Node], *, conjunct: bool) -> list[Node]:
    leaves: dict[str, list[Leaf]] = {}
    others: list[Node] = []
    for part in parts:
        if isinstance(part, Leaf) and _merges(part, conjunct=conjunct):
            leaves.setdefault(part.field.name, []).append(part)
        else:
            others.append(part)
    return [*(_leaf(same, conjunct=conjunct) for same in leaves.values()), *others]


def _merges(leaf: Leaf, *, conjunct: bool) -> bool:
    """Tell whether leaves of the field are one. Of several values, another one may meet each condition."""
    alike = not leaf.field.multiple or leaf.negated == conjunct
    sized = isinstance(leaf.criteria, Comparison) and leaf.criteria.operator is Operator.SIZE
    return alike and not sized and not isinstance(leaf.criteria, Within)


def _leaf(leaves: Sequence[Leaf], *, conjunct: bool) -> Leaf:
    first = leaves[0]
    if len(leaves) == 1:
        return first
    if first.field.multiple:
        return Leaf(first.field, AnyOf(tuple(leaf.criteria for leaf in leaves)), first.negated)
    trees = tuple(Not(leaf.criteria) if leaf.negated else leaf.criteria for leaf in leaves)
    tree: Criteria = All(trees) if conjunct else AnyOf(trees)
    negated = all(leaf.negated for leaf in leaves) if conjunct else any(leaf.negated for leaf in leaves)
    return Leaf(first.field, Not(tree) if negated else tree, negated)
