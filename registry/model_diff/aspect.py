"""An aspect: what is said of a subject by one predicate or a few, in words, and how two models are compared in it.

Here are the ways of comparing that serve many aspects. What only fields or only terms need is in `rule_aspects` and
`term_aspects`, with the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rdflib import Literal, URIRef

from registry.model_diff.inventory import Inventory, Subject
from registry.model_diff.values import Members, Value, sort_key
from registry.model_diff.wording import Wording


@dataclass(frozen=True)
class Both:
    """A subject as both models have it.

    Attributes:
        old: in the old model, with the new names of terms.
        new: in the new model.
        before: the old model, likewise.
        after: the new model.
        wording: words for either.
    """

    old: Subject
    new: Subject
    before: Inventory
    after: Inventory
    wording: Wording


@dataclass(frozen=True)
class Found:
    """A difference: the name of its kind, the values, and words that the kind asks for or that stand for a value."""

    kind: str
    old: Value | None
    new: Value | None
    words: Mapping[str, str] = field(default_factory=dict)


Comparison: TypeAlias = "Callable[[Both, Aspect], Iterator[Found]]"


@dataclass(frozen=True)
class Aspect:
    """A row of the tables of aspects.

    Attributes:
        words: what is said, as "the datatype".
        compare: finds the differences.
        predicates: by which it is said; the first stands in the entry.
    """

    words: str
    compare: Comparison
    predicates: tuple[URIRef, ...]

    def values(self, subject: Subject) -> frozenset[Value]:
        """Return what is said of `subject`."""
        return frozenset(value for name in self.predicates for value in subject.values.get(name, ()))

    def differences(self, both: Both) -> list[tuple[Value | None, Value | None]]:
        """Return what is gone and what is new; one of each is a change from one to the other."""
        old, new = self.values(both.old), self.values(both.new)
        gone, fresh = sorted(old - new, key=sort_key), sorted(new - old, key=sort_key)
        if len(gone) == len(fresh) == 1:
            return [(gone[0], fresh[0])]
        return [*((value, None) for value in gone), *((None, value) for value in fresh)]


def three(added: str, removed: str, changed: str) -> Comparison:
    """Return the comparison that tells a value added, removed or changed as these kinds."""

    def compare(both: Both, aspect: Aspect) -> Iterator[Found]:
        for old, new in aspect.differences(both):
            yield Found(added if old is None else removed if new is None else changed, old, new)

    return compare


def each(added: str, removed: str) -> Comparison:
    """Return the comparison that tells each value that is new or gone as these kinds."""

    def compare(both: Both, aspect: Aspect) -> Iterator[Found]:
        old, new = aspect.values(both.old), aspect.values(both.new)
        yield from (Found(removed, value, None) for value in old - new)
        yield from (Found(added, None, value) for value in new - old)

    return compare


def flag(on: str, off: str) -> Comparison:
    """Return the comparison of a truth value, where none means false."""

    def compare(both: Both, aspect: Aspect) -> Iterator[Found]:
        old, new = (_is_true(aspect.values(subject)) for subject in (both.old, both.new))
        if new and not old:
            yield Found(on, None, Literal(True), {"new": "yes"})
        elif old and not new:
            yield Found(off, Literal(True), None, {"old": "yes"})

    return compare


def text(both: Both, aspect: Aspect) -> Iterator[Found]:
    """Compare what is for people, language by language."""
    old, new = aspect.values(both.old), aspect.values(both.new)
    for language in sorted({_language(value) for value in old ^ new}):
        gone, fresh = ([value for value in side if _language(value) == language] for side in (old - new, new - old))
        words = {"language": f" ({language})" if language else ""}
        if len(gone) == len(fresh) == 1:
            yield Found("text-changed", gone[0], fresh[0], words)
        else:
            yield from (Found("text-removed", value, None, words) for value in gone)
            yield from (Found("text-added", None, value, words) for value in fresh)


def listed(value: Value | None) -> tuple[Value, ...]:
    """Return the members of a list; none of rdf:nil and of what is no list."""
    return value.listed if isinstance(value, Members) else ()


def _is_true(values: frozenset[Value]) -> bool:
    return any(isinstance(value, Literal) and value.value is True for value in values)


def _language(value: Value) -> str:
    return (value.language or "") if isinstance(value, Literal) else ""
