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
from registry.devices.recent import Item, Recent
from registry.profile import Profile
from registry.profile.codecs import CodeCodec
from registry.vocabulary import CREATED
from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore, Row
from sparql.terms import Iri, Literal

_MOST_PROBES = 8
_COUNT = "SELECT (COUNT(*) AS ?n) WHERE"


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

    def kept(self, question: str, names: Iterable[str], find: Callable[[], Sequence[Item]]) -> Sequence[Item]:
        """Return what is kept as the answer to a question about the fields called `names`, or find it."""
        return self._recent.kept(question, self._scope, self.predicates(names), find)

    def predicates(self, names: Iterable[str]) -> Collection[Iri]:
        """Return the predicates on which answers about the fields called `names` depend."""
        paths = (self._profile.fields[name].path for name in names)
        return frozenset({self._profile.identity.predicate, CREATED}.union(*paths))

    def size(self) -> int:
        """Return how many devices there are."""
        number = self._first()
        return number if number <= self._enough() else self._number(f"{_COUNT} {{ {anchor('?created')}}}", ())

    def exceeds(self, number: int) -> bool:
        """Tell whether there are more devices than one of the limits says, without counting them all."""
        return self._first() > number

    def count(self, node: Node) -> int:
        """Return how many devices meet `node`."""
        if node == Every():
            return self.size()
        found = self.body(node, variables())
        counted = self._number(f"{_COUNT} {{ {found.text}}}", fields_of(node))
        return max(0, self.size() - counted) if found.negated else counted

    def body(self, node: Node, names: Variables) -> Members:
        """Return the devices that meet `node`: from few, if a condition leaves few, or as sets, the smallest first."""
        parts = node.parts if isinstance(node, Every) else (node,)
        if len(parts) == 1 or not self.exceeds(self.limits.few):
            return members(node, names)
        sets = [members(part, names) for part in parts]
        for number in sorted(range(len(parts)), key=lambda number: sets[number].cost)[:_MOST_PROBES]:
            leaf = parts[number]
            if not isinstance(leaf, Leaf) or leaf.negated:
                continue
            cost = self._up_to(self.limits.counted, _probe(leaf), fields_of(leaf))
            if cost <= self.limits.few:
                others = every(part for part in parts if part is not leaf)
                return Members(cost, f"{subselect(sets[number].text)}{looked_up(others, names)}", negated=False)
            sets[number] = sets[number]._replace(cost=cost - self.limits.counted)
        return joined(sets)

    def are_few(self, pattern: str, names: Iterable[str]) -> bool:
        """Tell whether a pattern leaves so few of many devices that each is worth a look."""
        few = self.limits.few
        return self.exceeds(few) and self._up_to(few + 1, pattern, names) <= few

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

    def _enough(self) -> int:
        return max(self.limits.whole, self.limits.few)

    def _first(self) -> int:
        return self._up_to(self._enough() + 1, anchor("?created"), ())

    def _up_to(self, most: int, pattern: str, names: Iterable[str]) -> int:
        """Return how many devices meet a pattern; of many, only that there are so many."""
        return self._number(f"{_COUNT} {{ {{ SELECT ?device WHERE {{ {pattern}}} LIMIT {most} }} }}", names)

    def _number(self, query: str, names: Iterable[str]) -> int:
        ((found,),) = self.rows(query, names)
        return int(found.lexical) if isinstance(found, Literal) else 0


def having_value(key: SortKey) -> Leaf:
    """Return the condition that a device has a value which has a place in the order of a key."""
    codec = key.field.codec
    if isinstance(codec, CodeCodec):
        return Leaf(key.field, Among(key.field, tuple(codec.codes.values())))
    return Leaf(key.field, Comparison(key.field, Operator.EXISTS))


def _probe(leaf: Leaf) -> str:
    """Return a pattern with a solution for each device, if possible without the step from the device to its node."""
    field = leaf.field
    shortened = field if field.multiple else replace(field, path=field.path[-1:])
    return leaf_pattern(replace(leaf, field=shortened), variables())


def _shares(rows: Sequence[Row]) -> list[Share]:
    return [(value, int(number.lexical)) for value, number in rows if value is not None and isinstance(number, Literal)]
