"""Examples of parameters and bodies, made of the profile's own fields and codes, so that each of them works.

A kind of field that a profile lacks has no examples. Only fields that every role sees are used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from registry.access import ALLOWED, Operation
from registry.openapi.samples import NUMBERS, SAMPLE_PLACE, SAMPLE_UUID, sample
from registry.profile import Field, Profile
from registry.profile.codecs import CodeCodec, IriCodec
from registry.vocabulary import CREATED, MODIFIED

_SAMPLE_RING = [[1.17, 40.39], [3.17, 40.39], [3.17, 42.39], [1.17, 42.39], [1.17, 40.39]]


@dataclass(frozen=True, slots=True)
class Example:
    """One value with the words that explain it."""

    summary: str
    value: Any


def openapi_examples(examples: Iterator[Example]) -> dict[str, Any]:
    """Return `examples` in the form of OpenAPI, numbered from 1.

    Before them stands the empty value, which is as good as no parameter: pages fill in the first example.
    """
    found = [Example("none", ""), *examples]
    return {f"{number}": {"summary": each.summary, "value": each.value} for number, each in enumerate(found)}


def where_examples(profile: Profile) -> Iterator[Example]:
    """Yield values of `where`: first as JSON objects, then as expressions."""
    for summary, document in _documents(_Choice(profile)):
        yield Example(summary, json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    for summary, text in _expressions(_Choice(profile)):
        yield Example(summary, text)


def sort_examples(profile: Profile) -> Iterator[Example]:
    """Yield values of `sort`."""
    choice = _Choice(profile)
    key = (choice.number or choice.code).name
    yield Example("by one field, the largest first", f"-{key}")
    yield Example("by two fields", f"{choice.code.name},-{key}")
    yield Example("as a list, as in Python", f'[("{key}", -1), ("{choice.code.name}", 1)]')


def projection_examples(profile: Profile) -> Iterator[Example]:
    """Yield values of `projection`."""
    choice = _Choice(profile)
    shown = [each.name for each in (choice.code, choice.text, choice.number) if each is not None]
    yield Example("only these fields", json.dumps(dict.fromkeys(shown, 1)))
    left_out = (choice.place or choice.code).names[0]
    yield Example("all but these fields", json.dumps({left_out: 0}))


def new_device(profile: Profile) -> dict[str, Any]:
    """Return a document with what a new device must have, and nothing else."""
    fields = [field for field in profile.fields.values() if field.required and not field.is_record]
    return {field.name: sample(profile, field) for field in fields if field.default is None}


def patch(profile: Profile) -> dict[str, Any]:
    """Return a merge patch of fields that everybody may change: a code, a number, and the removal of a text."""
    holders = ALLOWED[Operation.CHANGE]
    free = [field for field in profile.fields.values() if holders <= field.writable_by and not field.multiple]
    codes = [field for field in free if isinstance(field.codec, CodeCodec)]
    numbers = [field for field in free if field.codec.kind in NUMBERS]
    texts = [field for field in free if field.codec.kind == "string" and not field.required and field not in codes]
    changes = {field.name: sample(profile, field) for field in [*codes[:1], *numbers[:1]]}
    return {**changes, **{field.name: None for field in texts[-1:]}}


class _Choice:
    """Fields of a profile to make examples with, one of each kind; None for a kind that it lacks."""

    def __init__(self, profile: Profile) -> None:
        seen = [field for field in profile.fields.values() if ALLOWED[Operation.READ] <= field.visible_to]
        single = [field for field in seen if not field.multiple]

        def first(holds: Callable[[Field], bool]) -> Field | None:
            return next((field for field in single if holds(field)), None)

        code = first(lambda field: isinstance(field.codec, CodeCodec) and bool(field.codec.classes))
        self.code = code or profile.identity
        self.codes = list(code.codec.codes) if code and isinstance(code.codec, CodeCodec) else [SAMPLE_UUID]
        self.number = first(lambda field: field.codec.kind in NUMBERS and field.unit is not None)
        self.text = first(_is_text(profile))
        self.flag = first(lambda field: field.codec.kind == "boolean")
        self.place = first(lambda field: field.codec.kind == "point")
        nested = first(lambda field: "." in field.name and isinstance(field.codec, CodeCodec))
        self.nested = nested or first(lambda field: "." in field.name)
        self.nested_value = None if self.nested is None else sample(profile, self.nested)
        self.many = next((field for field in profile.fields.values() if field.multiple), None)
        self.created, self.changed = profile.by_predicate[CREATED].name, profile.by_predicate[MODIFIED].name


def _is_text(profile: Profile) -> Callable[[Field], bool]:
    def holds(field: Field) -> bool:
        coded = isinstance(field.codec, CodeCodec | IriCodec)
        return field.codec.kind == "string" and field is not profile.identity and not coded

    return holds


def _documents(choice: _Choice) -> Iterator[tuple[str, Any]]:
    code, codes = choice.code.name, choice.codes
    yield "a value", {code: codes[0]}
    yield "one of several values", {code: {"$in": codes[:2]}}
    yield "not this value", {code: {"$ne": codes[0]}}
    yield "changed since a moment", {choice.changed: {"$gte": "2026-01-31T12:00:00Z"}}
    if choice.number:
        number = choice.number.name
        yield "two conditions", {code: codes[0], number: {"$gte": 2}}
        yield "from 1 to 5", {number: {"$gte": 1, "$lte": 5}}
        yield "either or", {"$or": [{code: codes[-1]}, {number: {"$gt": 4}}]}
        yield "neither nor", {"$nor": [{code: codes[0]}, {number: {"$exists": False}}]}
        yield "not more than 3, or unknown", {number: {"$not": {"$gt": 3}}}
        yield "whole numbers that are even", {number: {"$mod": [2, 0]}}
    if choice.text:
        yield "a text that begins with a letter", {choice.text.name: {"$regex": "^h", "$options": "i"}}
    if choice.nested:
        yield "inside a nested object", {choice.nested.name: choice.nested_value}
    if choice.flag:
        yield "true, false, or unknown", {choice.flag.name: None}
    if choice.many:
        yield "two values in a list", {choice.many.name: {"$size": 2}}
    if choice.place:
        yield from _places(choice.place.name)


def _places(name: str) -> Iterator[tuple[str, Any]]:
    point = {"type": "Point", "coordinates": SAMPLE_PLACE}
    polygon = {"type": "Polygon", "coordinates": [_SAMPLE_RING]}
    yield "within 100 km, the nearest first", {name: {"$near": {"$geometry": point, "$maxDistance": 100_000}}}
    yield "inside a polygon", {name: {"$geoWithin": {"$geometry": polygon}}}
    yield "inside a box", {name: {"$geoWithin": {"$box": [_SAMPLE_RING[0], _SAMPLE_RING[2]]}}}


def _expressions(choice: _Choice) -> Iterator[tuple[str, str]]:
    code, codes = choice.code.name, choice.codes
    yield "an expression", f'{code}=="{codes[0]}"'
    yield "an expression with not", f'not {code}=="{codes[0]}"'
    yield "an expression with a moment", f"{choice.created}>=datetime(2026, 1, 31)"
    if choice.number:
        number = choice.number.name
        yield "an expression with a chain", f"1<{number}<=5"
        either = f'({code}=="{codes[0]}" or {code}=="{codes[-1]}")'
        yield "an expression with parentheses", f"{number}>=2 and {either}"
    if choice.nested:
        yield "an expression into a nested object", f"{choice.nested.name}=={json.dumps(choice.nested_value)}"
