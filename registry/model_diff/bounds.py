"""Bounds of values, lengths and counts: which of two is tighter. Inclusive and exclusive bounds are compared as one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cmp_to_key
from typing import Any, NamedTuple

from rdflib import SH, Literal

from registry.model_diff.aspect import Aspect, Both, Found
from registry.model_diff.inventory import Subject
from registry.model_diff.wording import Wording

_EXCLUSIVE = {SH.maxExclusive, SH.minExclusive}
_UNITS = {SH.maxLength: " characters", SH.minLength: " characters", SH.qualifiedMinCount: "", SH.qualifiedMaxCount: ""}


class _Bound(NamedTuple):
    """A bound as a literal, and whether it is itself excluded."""

    literal: Literal
    exclusive: bool

    def words(self, wording: Wording, unit: str = "") -> str:
        return f"{wording.value(self.literal)}{unit}{' (itself excluded)' if self.exclusive else ''}"


def upper_bound(both: Both, aspect: Aspect) -> Iterator[Found]:
    """Compare upper bounds: a lower one is tighter."""
    yield from _bound(both, aspect, -1)


def lower_bound(both: Both, aspect: Aspect) -> Iterator[Found]:
    """Compare lower bounds: a higher one is tighter."""
    yield from _bound(both, aspect, 1)


def _bound(both: Both, aspect: Aspect, sign: int) -> Iterator[Found]:
    try:
        old, new = (_tightest(aspect, subject, sign) for subject in (both.old, both.new))
        tighter = 0 if old is None or new is None else _tighter(new, old, sign)
    except TypeError:
        # values that have no order among each other, as times with and without a zone
        yield from (Found("constraint-changed", *pair) for pair in aspect.differences(both))
        return
    unit = _UNITS.get(aspect.predicates[0], both.wording.unit(both.new))
    if old is None and new is not None:
        yield Found("bound-added", None, new.literal, {"new": new.words(both.wording, unit)})
    elif old is not None and new is None:
        yield Found("bound-lifted", old.literal, None, {"old": old.words(both.wording, unit)})
    elif old is not None and new is not None and tighter:
        rises = sign * tighter > 0
        verb = "changes" if old.literal.value == new.literal.value else "rises" if rises else "falls"
        words = {"old": old.words(both.wording), "new": new.words(both.wording, unit), "verb": verb}
        yield Found("bound-tightened" if tighter > 0 else "bound-loosened", old.literal, new.literal, words)


def _tightest(aspect: Aspect, subject: Subject, sign: int) -> _Bound | None:
    found = [
        _Bound(value, predicate in _EXCLUSIVE)
        for predicate in aspect.predicates
        for value in subject.values.get(predicate, ())
        if isinstance(value, Literal)
    ]

    def tighter(one: _Bound, other: _Bound) -> int:
        return _tighter(one, other, sign)

    return max(found, key=cmp_to_key(tighter), default=None)


def _tighter(one: _Bound, other: _Bound, sign: int) -> int:
    """Return 1 if `one` is tighter, -1 if `other` is, 0 if they are alike.

    Raises:
        TypeError: their values can't be compared.
    """
    value, reference = _ordered(one.literal), _ordered(other.literal)
    if value != reference:
        return sign if value > reference else -sign
    return one.exclusive - other.exclusive


def _ordered(literal: Literal) -> Any:
    if literal.value is None or isinstance(literal.value, bool):
        raise TypeError(f"{literal.n3()} has no place in an order")
    return literal.value
