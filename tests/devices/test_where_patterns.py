"""Regular expressions: what is taken matches in the store as in Python, and the rest is refused with its place."""

from __future__ import annotations

import contextlib
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.devices.where import read_where
from registry.devices.where.patterns import python_flags, read_pattern
from registry.errors import BadRequest
from registry.principal import Role
from registry.profile import load_profile
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.terms import Literal, to_sparql

STORE = EmbeddedStore()
FIELDS = {field.name: field for field in load_profile().visible(Role.SERVICE)}
PIECES = st.sampled_from(
    ["a", "b", "B", "1", "-", " ", "_", "é", ".", "^", "$", "|", "(", ")", "(?:", "(?i)", "(?i:", "(?P<n>", "(?=",
     "(?<!", "[", "]", "[^", "[a-c]", "[]a]", "[^\\d]", "[a&&b]", "[[a]]", "*", "+", "?", "{", "}", "{2}", "{1,}",
     "{,2}", "{1,2}?", "\\", "\\d", "\\W", "\\b", "\\A", "\\Z", "\\1", "\\x61", "\\u0061", "\\<", "\\-", "\\.", "\\e",
     "\\0", "++", "&&", "--", "/", "#"]
)  # fmt: skip
TEXTS = st.text("ab B1-_é.#", max_size=8)


def in_the_store(pattern: str, flags: str, text: str) -> bool | None:
    parts = ", ".join(to_sparql(Literal(each)) for each in (text, pattern, flags))
    ((found,),) = STORE.select(f"SELECT (REGEX({parts}) AS ?found) WHERE {{}}", DatasetDescription())
    return None if found is None or found == "" else getattr(found, "lexical", "") == "true"


@settings(max_examples=1000)
@given(st.lists(PIECES, max_size=7).map("".join), st.sampled_from(["", "i", "m", "s"]), TEXTS)
def test_what_is_taken_matches_as_in_python(text: str, flags: str, subject: str) -> None:
    with contextlib.suppress(BadRequest):
        pattern, _ = read_pattern(text, flags, "where.x")
        matches = re.search(text, subject, python_flags(flags)) is not None
        assert in_the_store(pattern.text, pattern.flags, subject) == matches


COPIED = st.sampled_from(
    ["a", "é", ".", r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"\b", "[^a]", "[a-z]", "[à-ÿ]", "[^à-ÿ]", r"[\w-]",
     r"[^\d]", r"[\d\s]", "[a-zà-ÿα-ω]", r"[!-\uffef]", r"[\x80-\xff]", "k", "(?:a|b)", "(a)", "a?", "a*", "(?:ab|c)+"]
)  # fmt: skip
COPIES = st.integers(1, 999).flatmap(
    lambda most: st.sampled_from([f"{{{most}}}", f"{{0,{most}}}", f"{{{most},}}", "*"])
)


@settings(max_examples=250)
@given(
    pieces=st.lists(st.tuples(COPIED, COPIES), min_size=1, max_size=4),
    again=COPIES | st.just(""),
    flags=st.sampled_from(["", "i", "s"]),
)
def test_the_engine_takes_what_is_taken(pieces: list[tuple[str, str]], again: str, flags: str) -> None:
    text = "".join(f"(?:{piece}){copies}" for piece, copies in pieces)
    text = f"(?:{text}){again}" if again else text
    with contextlib.suppress(BadRequest):
        read_pattern(text, flags, "where.x")
        assert in_the_store(text, flags, "x") is not None, text


@pytest.mark.parametrize("piece", [r"\w", r"\d", r"\s", ".", "[^a]", "[a-z]", "é"])
def test_the_bound_is_not_far_from_the_engines(piece: str) -> None:
    """Guards the test above: a bound that lets nothing pass would pass it too."""
    most = {r"\w": 18, r"\d": 68, r"\s": 390}.get(piece, 500)
    read_pattern(f"{piece}{{{most}}}", "", "where.x")
    assert in_the_store(rf"{piece}{{{most * 40}}}", "", "x") is None


@pytest.mark.parametrize(
    "text", ["[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", r"^[A-Za-z0-9_-]{36}$", r"(?i)^\w+ \d{1,3}$"]
)
def test_everyday_expressions_are_taken(text: str) -> None:
    read_pattern(text, "", "where.x")


def test_the_expressions_of_a_filter_share_the_room() -> None:
    one = {"device_name": {"$regex": r"\w{8}"}}
    read_where(json.dumps({"$or": [one] * 2}), FIELDS)
    with pytest.raises(BadRequest, match=r"where.\$or\[2\].device_name.\$regex is too large: 402400 of 145200"):
        read_where(json.dumps({"$or": [one] * 3}), FIELDS)


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (5, "", "where.x.$regex must be a regular expression of at most 500"),
        ("a" * 501, "", "where.x.$regex must be a regular expression of at most 500"),
        ("a", "g", "where.x.$options must be letters of i, m, s, x"),
        ("a", 5, "where.x.$options must be letters"),
        ("ab(?=c)", "", "where.x.$regex, column 3: '(?=c)' can't stand; the engine knows no look-around"),
        (r"(a)\1", "", r"where.x.$regex, column 4: '\\1' can't stand"),
        ("a{", "", "where.x.$regex, column 2: '{' can't stand"),
        ("(a", "", "where.x.$regex: missing ), unterminated subpattern at position 0"),
        ("a**", "", "where.x.$regex: multiple repeat"),
        (
            r"\w{19}",
            "",
            "where.x.$regex is too large: 955700 of 950000 that are left; all",
        ),
        (r"(\d{10}){8}", "", "where.x.$regex is too large"),
        ("(a{100}){100}", "", "where.x.$regex is too large"),
        ("((a{1000}){1000}){1000}", "", "where.x.$regex is too large"),
        ("(?i)[a-z]{900}", "", "where.x.$regex is too large"),
        (".{700}", "", "where.x.$regex is too large"),
        ("[[a]", "", "where.x.$regex, column 1: '[[a]' can't stand"),
        ("(" * 250, "", "where.x.$regex"),
    ],
    ids=lambda value: json.dumps(value)[:30],
)
def test_is_refused(text: object, options: object, words: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(words)):
        read_pattern(text, options, "where.x")
