"""Draws well-formed SPARQL queries over the devices' vocabulary, and the datasets that they ask for.

Every pattern hangs together, so that no query becomes a cross product; what a query may ask about goes beyond what
its role may see: hidden graphs, hidden nodes, graphs that don't exist. The same seed gives the same queries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from sparql.terms import Iri, Term, to_sparql

_T = TypeVar("_T")

BEYOND_ALL = 50_000
"""A limit that no answer reaches: which solutions an unordered one leaves is chance, from one time to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What queries are made of.

    Attributes:
        predicates: of the devices.
        classes: that devices have.
        nodes: subjects and objects, visible and hidden ones.
        facts: predicates with values that devices have.
        rare: predicates of few devices, or of none that is visible.
        graphs: names of graphs: visible, hidden, and none at all.
    """

    predicates: Sequence[Iri]
    classes: Sequence[Iri]
    nodes: Sequence[Iri]
    facts: Sequence[tuple[Iri, Term]]
    rare: Sequence[Iri]
    graphs: Sequence[Iri]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedQuery:
    """A query with the parameters of its request.

    Attributes:
        text: the query.
        parameters: default-graph-uri and named-graph-uri.
        ordered: whether the order of its solutions is its own.
    """

    text: str
    parameters: tuple[tuple[str, str], ...]
    ordered: bool = False


class QueryGenerator:
    """Draws queries from `vocabulary` by `random`."""

    def __init__(self, vocabulary: Vocabulary, random: Random) -> None:
        self._words = vocabulary
        self._random = random
        self._fresh = 0

    def draw(self) -> GeneratedQuery:
        """Return the next query."""
        self._fresh = 0
        pattern = self._group(3)
        clauses = self._from_clauses() if self._random.random() < 0.3 else ""
        form = self._pick(
            [
                self._select,
                self._select,
                self._select,
                self._count,
                self._grouped,
                self._ask,
                self._construct,
                self._describe,
            ]
        )
        text, ordered = form(pattern, clauses)
        return GeneratedQuery(text=text, parameters=self._parameters(), ordered=ordered)

    def _select(self, pattern: str, clauses: str) -> tuple[str, bool]:
        variables = self._variables()
        distinct = self._pick(["", "", "DISTINCT ", "REDUCED "])
        if self._random.random() < 0.5:
            order = " ".join(variables)
            return f"SELECT {distinct}{order} {clauses}WHERE {{ {pattern} }} ORDER BY {order} LIMIT 40", True
        return f"SELECT {distinct}* {clauses}WHERE {{ {pattern} }} LIMIT {BEYOND_ALL}", False

    def _count(self, pattern: str, clauses: str) -> tuple[str, bool]:
        what = self._pick(["*", f"DISTINCT {self._variable()}", self._variable(), "DISTINCT *"])
        return f"SELECT (COUNT({what}) AS ?n) {clauses}WHERE {{ {pattern} }}", False

    def _grouped(self, pattern: str, clauses: str) -> tuple[str, bool]:
        key, value = self._variable(), self._variable()
        aggregate = self._pick(
            [
                f"COUNT({value})",
                f"MIN(STR({value}))",
                f"MAX({value})",
                f"SUM({value})",
                f"AVG({value})",
                f"COUNT(DISTINCT {value})",
            ]
        )
        having = self._pick(["", "", f" HAVING (COUNT({value}) > 1)"])
        return (
            f"SELECT ({key} AS ?key) ({aggregate} AS ?n) {clauses}WHERE {{ {pattern} }} GROUP BY {key}{having}",
            False,
        )

    def _ask(self, pattern: str, clauses: str) -> tuple[str, bool]:
        return f"ASK {clauses}{{ {pattern} }}", False

    def _construct(self, pattern: str, clauses: str) -> tuple[str, bool]:
        template = f"?d <urn:seen> {self._variable()} . {self._variable()} <urn:by> ?d"
        return f"CONSTRUCT {{ {template} }} {clauses}WHERE {{ {pattern} }} LIMIT {BEYOND_ALL}", False

    def _describe(self, pattern: str, clauses: str) -> tuple[str, bool]:
        if self._random.random() < 0.5:
            nodes = " ".join(self._node() for _ in range(self._random.randint(1, 3)))
            return f"DESCRIBE {nodes} {clauses}", False
        return f"DESCRIBE ?d {clauses}WHERE {{ {pattern} }}", False

    def _group(self, depth: int) -> str:
        further = (self._further(depth - 1) for _ in range(self._random.randint(0, depth)))
        return " ".join([self._star(), *further])

    def _star(self) -> str:
        """Return one to three patterns of which ?d is the subject."""
        return " ".join(self._triple() for _ in range(self._random.randint(1, 3)))

    def _triple(self) -> str:
        choices: list[Callable[[], str]] = [
            *[lambda: f"?d {self._predicate()} {self._new()} ."] * 4,
            lambda: f"?d {self._new()} {self._new()} .",
            lambda: f"?d a {to_sparql(self._pick(self._words.classes))} .",
            lambda: f"?d {self._path()} {self._new()} .",
            lambda: f"{self._new()} {self._predicate()} ?d .",
            lambda: self._shared(self._predicate()),
            lambda: f"?d {' '.join(map(to_sparql, self._pick(self._words.facts)))} .",
        ]
        return self._pick(choices)()

    def _shared(self, predicate: str) -> str:
        """Return patterns of a value that ?d has in common with a node."""
        value = self._new()
        return f"{self._node()} {predicate} {value} . ?d {predicate} {value} ."

    def _further(self, depth: int) -> str:
        choices: list[Callable[[], str]] = [
            lambda: f"OPTIONAL {{ ?d {self._predicate()} {self._new()} }}",
            lambda: f"MINUS {{ ?d {self._rare()} {self._new()} }}",
            lambda: f"FILTER NOT EXISTS {{ {self._new()} {self._rare()} ?d }}",
            lambda: f"FILTER EXISTS {{ {self._graph()} {{ ?d {self._predicate()} {self._new()} }} }}",
            lambda: f"{{ {self._star()} }} UNION {{ {self._star()} }}",
            lambda: f"{self._graph()} {{ {self._star()} }}",
            lambda: f"OPTIONAL {{ {self._graph()} {{ {self._star()} }} }}",
            lambda: f"VALUES ?d {{ {self._node()} {self._node()} {self._node()} }}",
            lambda: f"{{ SELECT ?d (COUNT(*) AS {self._new()}) WHERE {{ {self._star()} }} GROUP BY ?d }}",
            lambda: f"{{ SELECT DISTINCT ?d WHERE {{ {self._group(min(depth, 1))} }} ORDER BY ?d LIMIT 20 }}",
            lambda: f"FILTER ({self._condition()})",
            lambda: f'BIND (IRI(CONCAT(STR(?d), "#status")) AS {self._new()})',
            lambda: f"BIND (STR(?d) AS {self._new()})",
            lambda: f"BIND (EXISTS {{ ?e {self._predicate()} ?d }} AS {self._new()})",
        ]
        return self._pick(choices)()

    def _path(self) -> str:
        one, other = self._predicate(), self._predicate()
        return self._pick(
            [
                f"{one}/^{one}",
                f"{one}|{other}",
                f"({one}|{other})*",
                f"({one}|^{other})?",
                f"{one}+",
                f"(!{one})/{other}",
                f"!({one}|^{other})",
                f"^{one}",
                f"{one}*",
                "(!<urn:none>)*",
            ]
        )

    def _condition(self) -> str:
        variable = self._variable()
        return self._pick(
            [
                f"BOUND({variable})",
                f"!BOUND({variable})",
                f"isLiteral({variable})",
                f'CONTAINS(LCASE(STR({variable})), "{self._pick(["a", "device", "canary", "1"])}")',
                f'REGEX(STR({variable}), "^[a-m0-9]")',
                f"{variable} != {self._node()}",
                f"{variable} > 2",
                f"{variable} IN ({self._node()}, {self._node()})",
            ]
        )

    def _graph(self) -> str:
        return f"GRAPH {self._pick([to_sparql(self._pick(self._words.graphs)), self._new()])}"

    def _from_clauses(self) -> str:
        words = ("FROM", "FROM NAMED")
        count = self._random.randint(1, 3)
        return "".join(f"{self._pick(words)} {to_sparql(self._pick(self._words.graphs))} " for _ in range(count))

    def _parameters(self) -> tuple[tuple[str, str], ...]:
        if self._random.random() < 0.7:
            return ()
        names = ("default-graph-uri", "named-graph-uri")
        return tuple(
            (self._pick(names), str(self._pick(self._words.graphs))) for _ in range(self._random.randint(1, 3))
        )

    def _predicate(self) -> str:
        return to_sparql(self._pick(self._words.predicates))

    def _rare(self) -> str:
        return to_sparql(self._pick(self._words.rare))

    def _node(self) -> str:
        return to_sparql(self._pick(self._words.nodes))

    def _new(self) -> str:
        self._fresh += 1
        return f"?v{self._fresh}"

    def _variable(self) -> str:
        return self._pick(self._variables())

    def _variables(self) -> list[str]:
        return ["?d", *(f"?v{number}" for number in range(1, min(self._fresh, 5) + 1))]

    def _pick(self, choices: Sequence[_T]) -> _T:
        return self._random.choice(choices)
