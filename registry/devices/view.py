"""What is known of the devices in one view: how many meet criteria, and which values they have.

Every answer is kept for as long as what it depends on stays the same, so a listing with another filter, or another
page, seldom needs more than one new question. Which way of asking is cheap is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from registry.devices.criteria import Among, Comparison, Operator, SortKey
from registry.devices.queries.lookups import looked_up
from registry.devices.queries.members import Members, anchor, joined, leaf_pattern, members, subselect
from registry.devices.queries.normal_form import Every, Leaf, Node, every, fields_of
from registry.devices.queries.rankings import (
    Share,
    first_devices,
    first_query,
    in_order,
    is_repeated,
    is_text,
    shares_among_query,
    shares_query,
)
from registry.devices.queries.variables import Variables, variables
from registry.devices.recent import Recent
from registry.profile import Profile
from registry.profile.codecs import CodeCodec
from registry.vocabulary import CREATED
from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore, Row
from sparql.terms import Iri, Literal

_MOST_PROBES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """At how many devices a listing is found in another way. No answer depends on them, only the time it takes.

    Attributes:
        whole: so many in a view are put in order at once, for all pages.
        few: so many are looked at one by one.
        counted: so many are counted to find out which condition leaves the fewest; more than `few`.
        first: so many at the beginning of an order are looked at, at the least.
        most: and at the most.
        values: so many different values are kept in order.
    """

    whole: int = 300
    few: int = 3_000
    counted: int = 20_000
    first: int = 512
    most: int = 4_096
    values: int = 4_096


class View:
    """One dataset.

    Args:
        store: where the devices are.
        recent: the answers that are kept.
        profile: the profile in force.
        scope: the dataset.
        limits: when to ask in which way.
    """

    def __init__(
        self, store: GraphStore, recent: Recent, profile: Profile, scope: DatasetDescription, limits: Limits
    ) -> None:
        self._store = store
        self._recent = recent
        self._profile = profile
        self._scope = scope
        self.limits = limits
        self.creation = SortKey(profile.by_predicate[CREATED])

    @property
    def graph(self) -> Iri | None:
        """The graph that holds all devices of the view; None where there is no single one."""
        return self._scope.default[0] if len(self._scope.default) == 1 else None

    def rows(self, query: str, names: Iterable[str]) -> Sequence[Row]:
        """Return the rows of `query`, which depend on the fields called `names` and on which devices there are."""
        return self._recent.rows(query, self._scope, self.predicates(names))

    def devices(self, query: str) -> Sequence[Iri]:
        """Return the devices that a query finds now."""
        return [Iri(str(row[0])) for row in self._store.select(query, self._scope)]

    def kept(self, question: str, names: Iterable[str], find: Callable[[], Sequence[Iri]]) -> Sequence[Iri]:
        """Return what is kept as the answer to a question about the fields called `names`, or find it."""
        return self._recent.kept(question, self._scope, self.predicates(names), find)

    def predicates(self, names: Iterable[str]) -> Collection[Iri]:
        """Return the predicates on which answers about the fields called `names` depend."""
        paths = (self._profile.fields[name].path for name in names)
        return frozenset({self._profile.identity.predicate, CREATED}.union(*paths))

    def size(self) -> int:
        """Return how many devices there are."""
        return self._number(f"SELECT (COUNT(*) AS ?n) WHERE {{ {anchor('?created')}}}", ())

    def count(self, node: Node) -> int:
        """Return how many devices meet `node`."""
        if node == Every():
            return self.size()
        found = self.body(node, variables())
        counted = self._number(f"SELECT (COUNT(*) AS ?n) WHERE {{ {found.text}}}", fields_of(node))
        return max(0, self.size() - counted) if found.negated else counted

    def body(self, node: Node, names: Variables) -> Members:
        """Return the devices that meet `node`: from few, if a condition leaves few, or as sets, the smallest first."""
        parts = node.parts if isinstance(node, Every) else (node,)
        if len(parts) == 1 or self.size() <= self.limits.few:
            return members(node, names)
        found = sorted(((members(part, names), part) for part in parts), key=lambda each: each[0].cost)
        sets = []
        for number, (part, own) in enumerate(found):
            cost = self._counted_up(_probe(part, own), fields_of(own)) if number < _MOST_PROBES else self.size()
            if cost <= self.limits.few and not part.negated:
                rest = every(other for other in parts if other is not own)
                return Members(cost, f"{subselect(part.text)}{looked_up(rest, names)}", negated=False)
            sets.append(part._replace(cost=cost))
        return joined(sets)

    def are_few(self, pattern: str, names: Iterable[str]) -> bool:
        """Tell whether a pattern leaves so few of many devices that each is worth a look."""
        return self.size() > self.limits.few >= self._counted_up(pattern, names)

    def _counted_up(self, pattern: str, names: Iterable[str]) -> int:
        """Return how many devices meet a pattern; of many, only that there are many."""
        most = self.limits.counted
        query = f"SELECT (COUNT(*) AS ?n) WHERE {{ {{ SELECT ?device WHERE {{ {pattern}}} LIMIT {most} }} }}"
        return self._number(query, names)

    def shares(self, key: SortKey, own: Leaf | None) -> tuple[Sequence[Share], bool]:
        """Return the first values of a key in order, of those that meet `own`; and whether there are no others."""
        most = self.limits.values
        query = shares_query(key, variables(), own=own, most=most + 1)

        def find() -> Sequence[Share]:
            found = _shares(self._store.select(query, self._scope))
            return in_order(key, found)[: most + 1] if is_text(key.field) else found

        question = f"{'-' if key.descending else '+'}{query}"
        found = self._recent.kept(question, self._scope, self.predicates([key.field.name]), find)
        return found[:most], len(found) <= most

    def shares_among(self, node: Node, key: SortKey) -> Sequence[Share] | None:
        """Return the values of the devices that meet `node`, in order; None when these are too many values."""
        if node == Every():
            shares, whole = self.shares(key, None)
            return shares if whole else None
        names = variables()
        most = self.limits.values
        query = shares_among_query(key, names, found=self.body(node, names).pattern(names), most=most + 1)
        found = _shares(self.rows(query, {key.field.name, *fields_of(node)}))
        if is_text(key.field):
            return in_order(key, found)
        return found if len(found) <= most else None

    def without(self, key: SortKey) -> int:
        """Return how many devices have no value of a key, or none that has a place in its order."""
        shares, whole = self.shares(key, None) if is_repeated(key) else ((), False)
        having = sum(number for _, number in shares) if whole else self.count(having_value(key))
        return max(0, self.size() - having)

    def first(self, key: SortKey, own: Leaf | None, wanted: int) -> str:
        """Return the pattern of the first devices by a key, of those that meet `own`."""
        most = self.limits.first * 2 if wanted <= self.limits.first else self.limits.most
        rows = self.rows(first_query(key, variables(), own=own, most=most), [key.field.name])
        return first_devices(rows, wanted, most)

    def _number(self, query: str, names: Iterable[str]) -> int:
        ((found,),) = self.rows(query, names)
        return int(found.lexical) if isinstance(found, Literal) else 0


def having_value(key: SortKey) -> Leaf:
    """Return the condition that a device has a value which has a place in the order of a key."""
    codec = key.field.codec
    if isinstance(codec, CodeCodec):
        return Leaf(key.field, Among(key.field, tuple(codec.codes.values())))
    return Leaf(key.field, Comparison(key.field, Operator.EXISTS))


def _probe(part: Members, node: Node) -> str:
    """Return a pattern with as many solutions as a part has, if possible without the step from device to node."""
    if isinstance(node, Leaf) and len(node.field.path) > 1 and not node.field.multiple:
        shortened = replace(node.field, path=node.field.path[-1:])
        return leaf_pattern(replace(node, field=shortened), variables())
    return part.text


def _shares(rows: Sequence[Row]) -> list[Share]:
    return [(value, int(number.lexical)) for value, number in rows if value is not None and isinstance(number, Literal)]
