"""The beginning of a SPARQL text: declarations (SPARQL 1.1 Query, section 4.1) and the word that says what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from sparql.iri_resolution import resolve
from sparql.terms import Iri
from sparql.tokens import IRIREF, Source, resolve_code_points, string_ends

Form: TypeAlias = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
"""A query form."""

FORMS: tuple[Form, ...] = get_args(Form)
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
"""The words with which update operations begin (SPARQL 1.1 Update, section 3)."""

_DECLARATION = re.compile(r"BASE|PREFIX|VERSION", re.IGNORECASE | re.ASCII)
_FORM = re.compile("|".join(FORMS), re.IGNORECASE | re.ASCII)
_UPDATE = re.compile("|".join(UPDATES), re.IGNORECASE | re.ASCII)
_NAMESPACE = re.compile(r"((?:[A-Za-z\x80-\U0010FFFF][0-9A-Za-z_.\-\x80-\U0010FFFF]*)?):")


@dataclass(frozen=True, slots=True)
class Prologue:
    """What stands before the body of a query.

    Attributes:
        base: the base IRI in force at its end, else None.
        prefixes: prefix -> namespace, those that were declared before the text included.
        form: the query form, None when there is another word or none.
        update: the word of an update operation that stands in the place of a query form, else None.
        start: where that word begins.
        end: where it ends.
    """

    base: str | None
    prefixes: Mapping[str, str]
    form: Form | None
    update: str | None
    start: int
    end: int


def read_prologue(source: Source, prefixes: Mapping[str, str], base: str | None = None) -> Prologue:
    """Read the declarations of a text, and the word after them.

    What can't be read ends the prologue; the engine says what is wrong with it.

    Args:
        source: the text.
        prefixes: those that are declared before it begins; it may declare them anew.
        base: the base IRI before it begins.
    """
    declared = dict(prefixes)
    position = source.skip(0)
    while found := _DECLARATION.match(source.text, position):
        match found[0].upper():
            case "BASE":
                end, base = _iri(source, found.end(), base)
            case "PREFIX":
                end = _prefix(source, found.end(), base, declared)
            case _:
                end = _version(source, found.end())
        if end is None:
            break
        position = source.skip(end)
    form = _FORM.match(source.text, position)
    update = _UPDATE.match(source.text, position)
    return Prologue(
        base,
        declared,
        next((each for each in FORMS if form and form[0].upper() == each), None),
        update[0].upper() if update else None,
        position,
        next((found.end() for found in (form, update) if found), position),
    )


def iri_of(reference: str, base: str | None) -> Iri | None:
    """Return the IRI for what stands between `<` and `>`; None for a relative one without a base."""
    absolute = resolve(base, resolve_code_points(reference))
    return None if absolute is None else Iri(absolute)


def _iri(source: Source, position: int, base: str | None) -> tuple[int | None, str | None]:
    found = IRIREF.match(source.text, source.skip(position))
    if not found:
        return None, base
    return found.end(), iri_of(found[1], base)


def _prefix(source: Source, position: int, base: str | None, declared: dict[str, str]) -> int | None:
    name = _NAMESPACE.match(source.text, source.skip(position))
    if not name:
        return None
    end, namespace = _iri(source, name.end(), base)
    if namespace is not None:
        declared[name[1]] = namespace
    return end


def _version(source: Source, position: int) -> int | None:
    start = source.skip(position)
    if source.text[start : start + 1] not in ("'", '"'):
        return None
    return next(iter(string_ends(source.text, start)), None)
