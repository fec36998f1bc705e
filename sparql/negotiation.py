"""Content negotiation: which of the media types on offer answers what a client accepts.

The client's q values decide; among equals what we prefer (RFC 9110, section 12.5.1). A result has one of three kinds,
and which one is known only once the query has run, so a choice is made for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from sparql.media_types import content_type, offers
from sparql.query_engine import ResultKind

_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_PARAMETER = re.compile(r';\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_RANGE = re.compile(r"\s*([^\s/;,]+)/([^\s/;,]+)")
_WEIGHT = re.compile(r"0(\.\d*)?|1(\.0*)?")


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One element of an Accept header; its parameters other than q are not looked at."""

    type: str
    subtype: str
    quality: float = 1.0

    @property
    def specificity(self) -> int:
        """0 for `*/*`, 1 for `text/*`, 2 for a media type."""
        return (self.type != "*") + (self.subtype != "*")

    def matches(self, media_type: str) -> bool:
        """Tell whether it includes `media_type`."""
        kind, _, subtype = media_type.partition("/")
        return self.type in ("*", kind) and self.subtype in ("*", subtype)


ANYTHING = MediaRange("*", "*")


@dataclass(frozen=True, slots=True)
class Choice:
    """How results of one kind are answered.

    Attributes:
        media_type: how to serialise.
        answered_as: the Content-Type, which is an alias of it if the client asked for that.
    """

    media_type: str
    answered_as: str


def parse_accept(header: str | None) -> tuple[MediaRange, ...]:
    """Return the ranges of an Accept header, generously: what is no range is left out, a weight that is none counts 1.

    No header, or one without any range, accepts everything.
    """
    ranges = []
    for element in _ELEMENT.findall(header or ""):
        found = _RANGE.match(element)
        if found:
            ranges.append(MediaRange(found[1].lower(), found[2].lower(), _quality(element)))
    return tuple(ranges) or (ANYTHING,)


def best(ranges: Iterable[MediaRange], offered: Iterable[str]) -> str | None:
    """Return the media type on offer that `ranges` like best, the first of equals; None if they accept none.

    For each one the most specific range counts, so `text/csv;q=0, */*` is everything but CSV.
    """
    most_specific_first = sorted(ranges, key=lambda each: -each.specificity)
    chosen, highest = None, 0.0
    for media_type in offered:
        quality = next((each.quality for each in most_specific_first if each.matches(media_type)), 0.0)
        if quality > highest:
            chosen, highest = media_type, quality
    return chosen


@lru_cache(maxsize=256)
def negotiate(accept: str | None, form: str | None = None) -> Mapping[ResultKind, Choice]:
    """Choose how to answer for each kind of result; a kind that is missing is not acceptable.

    Args:
        accept: the Accept header.
        form: the parameter `format`, a short name or a media type; if there is one it alone counts, as links and
            clients that can't set headers use it.
    """
    choices = {}
    ranges = parse_accept(accept)
    for kind in ResultKind:
        choice = _by_name(kind, form) if form else _by_ranges(kind, ranges)
        if choice is not None:
            choices[kind] = choice
    return MappingProxyType(choices)


def _by_ranges(kind: ResultKind, ranges: tuple[MediaRange, ...]) -> Choice | None:
    offered = offers(kind)
    chosen = best(ranges, offered)
    return None if chosen is None else Choice(offered[chosen].media_type, content_type(chosen))


def _by_name(kind: ResultKind, form: str) -> Choice | None:
    # a plus sign that isn't escaped in a query string arrives as a space
    name = form.strip().lower().replace(" ", "+")
    if "/" in name:
        return _by_ranges(kind, parse_accept(name))
    for media_type, each in offers(kind).items():
        if name in each.names:
            return Choice(media_type, content_type(media_type))
    return None


def _quality(element: str) -> float:
    weights = [value.strip() for name, value in _PARAMETER.findall(element) if name.lower() == "q"]
    return float(weights[0]) if weights and _WEIGHT.fullmatch(weights[0]) else 1.0
