"""Regular expressions: what is taken matches in the store as in Python, and the rest is refused with its place."""

from __future__ import annotations

import contextlib
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.devices.where.patterns import python_flags, read_pattern
from registry.errors import BadRequest
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.terms import Literal, to_sparql

STORE = EmbeddedStore()
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
        pattern = read_pattern(text, flags, "where.x")
        matches = re.search(text, subject, python_flags(flags)) is not None
        assert in_the_store(pattern.text, pattern.flags, subject) == matches


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
        ("(a{100}){11}", "", "multiply to more than 1000"),
        ("[[a]", "", "where.x.$regex, column 1: '[[a]' can't stand"),
        ("(" * 250, "", "where.x.$regex"),
    ],
    ids=lambda value: json.dumps(value)[:30],
)
def test_is_refused(text: object, options: object, words: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(words)):
        read_pattern(text, options, "where.x")
