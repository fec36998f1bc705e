"""Strict JSON: what is taken, what is refused and where."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import BadRequest
from registry.strict_json import DEPTH, read_json

XML_CHARACTERS = st.characters(exclude_categories=["Cs"]).filter(
    lambda character: re.fullmatch("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", character) is not None
)
TEXTS = st.text(XML_CHARACTERS)
NUMBERS = st.integers(-(10**308), 10**308) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a": [1, 2.5, "x", null, true]}', {"a": [1, 2.5, "x", None, True]}),
        (b"\xef\xbb\xbf[]", []),
        (b'"\\ud83d\\ude00 \xf0\x9f\x98\x80"', "\U0001f600 \U0001f600"),
        (b'"\\u0009\\n\\r\\t"', "\t\n\r\t"),
        (b'"\\\\b \\\\u0000"', r"\b \u0000"),
        (b"1e308", 1e308),
        (b"-0.0", -0.0),
        (b"1e-999", 0.0),
        (b"9007199254740993", 9007199254740993),
        (b"1" + b"0" * 308, 10**308),
        (b"[" * DEPTH + b"]" * DEPTH, json.loads("[" * DEPTH + "]" * DEPTH)),
        (b'[{"a":1},{"a":1}]', [{"a": 1}, {"a": 1}]),
    ],
)
def test_json_is_taken(data: bytes, expected: Any) -> None:
    assert read_json(data) == expected


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "line 1, column 1: no JSON"),
        (b'{"a": 1,}', "line 1, column"),
        (b'{\n "a": nope}', "line 2, column 7: no JSON"),
        (b"{} {}", "line 1, column 4: no JSON, Extra data"),
        (b"\xff", "no UTF-8 text: byte 0"),
        (b'"\xed\xa0\x80"', "no UTF-8 text: byte 1"),
        (b'{"a": NaN}', "line 1, column 7: NaN"),
        (b'["NaN",\n-Infinity]', "line 2, column 1: NaN, Infinity"),
        (b'["1e999", 1e999]', "line 1, column 11: NaN, Infinity and numbers beyond"),
        (b"-1e999", "line 1, column 1"),
        (b"2" + b"0" * 308, "numbers beyond"),
        (b"1" * 5000, "numbers beyond"),
        (b'{"a": {"b": 1, "c": 2, "b": 1}}', "names the key 'b' twice"),
        (b'{"\\ud800": 1, "\\ud800": 2}', r"names the key '\ud800' twice"),
        (b'["\xc3\xa9",\n "a\\u0000"]', "line 2, column 2: the character U+0000"),
        (b'"\\b"', "U+0008"),
        (b'"\\f"', "U+000C"),
        (b'"\x01"', "no JSON, Invalid control character"),
        (b'{"\\u001f": 1}', "U+001F"),
        (b'"\\ud800"', "U+D800"),
        (b'"\\ude00\\ud83d"', "U+DE00"),
        (b'"\xef\xbf\xbe"', "U+FFFE"),
        (b'"\\uffff"', "U+FFFF"),
        (b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), "nested more than 32"),
        (b'{"a":' * (DEPTH + 1) + b"1" + b"}" * (DEPTH + 1), "nested more than 32"),
        (b"[" * 500_000, "nested more than 32"),
    ],
)
def test_what_does_not_mean_the_same_to_everybody_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(words)):
        read_json(data)


@given(VALUES)
def test_what_can_be_written_as_xml_comes_through(value: Any) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False, indent=1).encode()) == value


@given(st.binary() | st.text().map(str.encode) | VALUES.map(json.dumps).map(lambda text: text[:-1].encode()))
def test_any_bytes_give_a_value_or_a_refusal(data: bytes) -> None:
    with contextlib.suppress(BadRequest):
        json.dumps(read_json(data), allow_nan=False)


@given(st.text(st.characters(), min_size=1))
def test_a_string_is_taken_exactly_when_xml_can_hold_it(text: str) -> None:
    fits = re.fullmatch("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*", text) is not None
    document = json.dumps([text]).encode()
    if fits:
        assert read_json(document) == [text]
    else:
        with pytest.raises(BadRequest):
            read_json(document)


@pytest.mark.parametrize("data", [b"{", b"[NaN]", b"\xff", b'{"a":1,"a":1}', b'"\\u0000"', b"[" * 99])
def test_a_refusal_says_what_was_read(data: bytes) -> None:
    with pytest.raises(BadRequest, match=r"^where"):
        read_json(data, "where")
