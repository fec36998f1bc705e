"""Criteria as a test of a few devices: each value is looked up once, and one expression decides.

A look-up takes some 6 µs, and a query of 36 of them is planned in 30 ms. Joined as plain patterns, they would be
planned in a time that grows steeply, and carried out in an order that the engine guesses.
"""

from __future__ import annotations

from registry.devices.criteria import Comparison, Operator, Within
from registry.devices.queries.comparisons import NEVER, denied, terms_of, value_test
from registry.devices.queries.normal_form import Every, Leaf, Node
from registry.devices.queries.paths import path_pattern, path_scan
from registry.devices.queries.places import inside
from registry.devices.queries.variables import Variables
from registry.profile import Field
from sparql.terms import INTEGER, Literal, to_sparql

_LONGEST_LIST = 10**9


def looked_up(node: Node, names: Variables) -> str:
    """Return the patterns and filters that leave, of the devices that ?device is bound to before, those of `node`."""
    found = _Lookups(names)
    parts = node.parts if isinstance(node, Every) else (node,)
    filters = "".join(f"FILTER({found.expression(part)}) " for part in parts)
    return "".join(found.patterns.values()) + filters


class _Lookups:
    """The values that are looked up, and expressions over them."""

    def __init__(self, names: Variables) -> None:
        self._names = names
        self._variables: dict[str, str] = {}
        self.patterns: dict[str, str] = {}

    def expression(self, node: Node) -> str:
        if isinstance(node, Leaf):
            return self._leaf(node)
        both = isinstance(node, Every)
        parts = (f"({self.expression(part)})" for part in node.parts)
        return (" && " if both else " || ").join(parts) or ("true" if both else NEVER)

    def _leaf(self, leaf: Leaf) -> str:
        match leaf.criteria:
            case Within(shape=shape):
                return denied(inside(shape, self._value(leaf.field), self._names), leaf.negated)
            case Comparison(operator=Operator.SIZE, value=size):
                number = to_sparql(Literal(str(min(size, _LONGEST_LIST)), INTEGER))
                return denied(f"{self._size(leaf.field)} = {number}", leaf.negated)
        if leaf.field.multiple:
            return f"!{self._exists(leaf)}" if leaf.negated else self._exists(leaf)
        return value_test(leaf.criteria, self._value(leaf.field), negated=leaf.negated)

    def _value(self, field: Field) -> str:
        if field.name not in self.patterns:
            self._variables[field.name] = name = next(self._names)
            self.patterns[field.name] = f"OPTIONAL {{ {path_pattern(field, name, self._names)}}} "
        return self._variables[field.name]

    def _size(self, field: Field) -> str:
        key = f"size of {field.name}"
        if key not in self.patterns:
            self._variables[key] = name = next(self._names)
            pattern = path_scan(field, next(self._names), self._names)
            count = f"SELECT ?device (COUNT(*) AS {name}) WHERE {{ {pattern}}} GROUP BY ?device"
            self.patterns[key] = f"OPTIONAL {{ {{ {count} }} }} "
        return self._variables[key]

    def _exists(self, leaf: Leaf) -> str:
        """Return an EXISTS for each step of the path.

        Inside an EXISTS of two patterns the engine joins these over all devices, for every device anew.
        """
        name = next(self._names)
        terms = terms_of(leaf.criteria)
        value, condition = name, f"FILTER({value_test(leaf.criteria, name)}) "
        if terms is not None and len(terms) == 1:
            value, condition = to_sparql(terms[0]), ""
        *links, last = leaf.field.path
        node, opened = "?device", ""
        for link in links:
            inner = next(self._names)
            node, opened = inner, f"{opened}EXISTS {{ {node} {to_sparql(link)} {inner} FILTER("
        return f"{opened}EXISTS {{ {node} {to_sparql(last)} {value} . {condition}}}" + ") }" * len(links)
