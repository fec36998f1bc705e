"""What the walk in sparql/mistakes.py goes by: what follows which words, and what is due next among triples."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum

CLOSING = {"{": "}", "(": ")", "[": "]", "{|": "|}", "<<": ">>", "<<(": ")>>"}
TERMS = frozenset({"variable", "name", "iri", "string", "number", "blank"})
LITERALS = frozenset({"string", "number"})
TERM_WORDS = frozenset({"a", "true", "false"})
BUILTINS = frozenset(
    """STR LANG LANGMATCHES LANGDIR DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE
    ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ NOW
    UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRLANGDIR STRDT SAMETERM ISIRI ISURI ISBLANK
    ISLITERAL ISNUMERIC HASLANG HASLANGDIR REGEX SUBSTR REPLACE TRIPLE SUBJECT PREDICATE OBJECT ISTRIPLE ADJUST
    COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT""".split()  # noqa: SIM905 - a table of words
)
"""The functions that have no IRI, in upper case (SPARQL 1.1 Query, section 17.4, and of 1.2 what the engine has)."""
NO_FUNCTIONS = frozenset(
    """AS IN NOT EXISTS DISTINCT SEPARATOR BIND FILTER HAVING ASC DESC BY VALUES SELECT REDUCED
    """.split()  # noqa: SIM905
)
"""Further words that a parenthesis can follow."""
BEGINNINGS = {
    "PREFIX": "Write PREFIX name: <IRI>.",
    "BASE": "Write BASE <IRI>.",
    "SELECT": "",
    "ASK": "",
    "CONSTRUCT": "",
    "DESCRIBE": "",
}
"""The words with which a query begins, and how those are used that are followed by something fixed."""
ELEMENTS = frozenset({"OPTIONAL", "UNION", "MINUS", "GRAPH", "SERVICE", "FILTER", "BIND", "VALUES", "LATERAL"})
_GROUP, _NUMBER, _BY = ('"{"',), ("a number",), ("BY",)
DEMANDS = {
    **dict.fromkeys(("OPTIONAL", "UNION", "MINUS", "WHERE"), _GROUP),
    **dict.fromkeys(("LIMIT", "OFFSET"), _NUMBER),
    **dict.fromkeys(("ORDER", "GROUP"), _BY),
    "FILTER": ('"("', "a function"),
}
"""Words -> what has to follow."""
AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
AFTER_OPERAND = frozenset({"AS", "IN", "NOT", "SEPARATOR"})
LOGIC = {"AND": "&&", "OR": "||"}
_TYPOGRAPHIC = frozenset("\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb\u00b4`")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong at one place.

    Attributes:
        position: an index into the text.
        expected: what could stand there.
        hint: what to do, empty when that follows from what is expected.
    """

    position: int
    expected: tuple[str, ...] = ()
    hint: str = ""


STARTS = ("a triple pattern", "a keyword such as OPTIONAL or FILTER", '"}"')


class Slot(Enum):
    """What is due next among the triples of a bracket."""

    START = "a triple pattern"
    VERB = "a predicate"
    VERB_OR_END = "a predicate or the end"
    OBJECT = "an object"
    END = "the end of the triple"
    ELEMENT = "what a keyword demands"
    ANYTHING = "anything"


DUE = {
    Slot.VERB: Mistake(0, ("a predicate", "a property path")),
    Slot.OBJECT: Mistake(0, ("an object: a variable, an IRI or a literal",)),
    Slot.END: Mistake(0, ('"."', '";"', '","', '"}"'), "Put a dot between two triple patterns."),
}


@dataclass(slots=True)
class Bracket:
    """An open bracket.

    Attributes:
        sign: how it is written.
        position: where it stands.
        slot: what is due next in it.
        names: the word that demands `AS` in it, else empty.
        named: whether it has `AS`.
        data: whether it is part of VALUES.
    """

    sign: str
    position: int
    slot: Slot
    names: str = ""
    named: bool = False
    data: bool = False


def fits(demanded: tuple[str, ...], kind: str, name: str) -> bool:
    """Tell whether a token is what DEMANDS asks for."""
    if demanded is _NUMBER:
        return kind == "number"
    if demanded is _BY:
        return name.upper() == "BY"
    return demanded is not _GROUP and kind in ("name", "iri")


def quotation_mistake(position: int, name: str) -> Mistake | None:
    """Return the mistake of quotation marks as word processors make them."""
    if not _TYPOGRAPHIC.intersection(name):
        return None
    return Mistake(position, (), "Strings stand in straight quotation marks: \" or '.")


def no_form_mistake(text: str, position: int) -> Mistake:
    """Return the mistake of a text that has no query form at `position`, behind its prologue."""
    word = text[position : position + 20].partition(" ")[0].upper()
    close = get_close_matches(word, BEGINNINGS, 1)
    hint = f"Did you mean {close[0]}?" if close and close[0] != word else BEGINNINGS.get(word, "")
    return Mistake(position, tuple(BEGINNINGS), hint)
