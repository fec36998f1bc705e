"""Parameters that are too deep, too large or not what they seem: a clear 400 in no time, never a 500."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from stand import SERVICE, Stand

LONGEST_TIME = 1.0
"""Seconds of processor; a hundredth of it is usual."""


def filtered(**condition: Any) -> str:
    return json.dumps(condition)


def nested(depth: int, opening: str, inner: str, closing: str) -> str:
    return opening * depth + inner + closing * depth


def polygon(positions: int) -> str:
    ring = [[number / 1e4, 1] for number in range(positions - 1)]
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return json.dumps({"location": {"$geoWithin": {"$geometry": geometry}}}, separators=(",", ":"))


def expression(text: str) -> str:
    return filtered(vpp_id={"$regex": text})


WHERE: Mapping[str, tuple[str, str]] = {
    "connectives_11_deep": (nested(11, '{"$and":[', '{"a":1}', "]}"), "conditions are nested more than 10 levels deep"),
    "connectives_1000_deep": (nested(1000, '{"$and":[', '{"a":1}', "]}"), "where is nested more than 32 levels deep"),
    "lists_8000_deep": ('{"a":' + nested(8000, "[", "", "]") + "}", "where is nested more than 32 levels deep"),
    "not_11_deep": ('{"a":' + nested(11, '{"$not":', '{"$eq":1}', "}") + "}", "not nested deeper than 10"),
    "parentheses_11_deep": (nested(11, "(", "a==1", ")"), "where, column 12: conditions are nested more than 10"),
    "parentheses_8000_deep": (nested(8000, "(", "a==1", ")"), "where, column 12: conditions are nested more than 10"),
    "not_4000_times": ("not " * 4000 + "a==1", "where, column 45: conditions are nested more than 10"),
    "calls_in_calls": ("a==" + "datetime(" * 1500, "where, column 13: 'datetime' stands here"),
    "signs_5000_times": ("a==" + "-" * 5000 + "1", "where, column 5: '-' stands here, where a number is expected"),
    "arguments_3000": ("a==datetime(" + "1," * 3000 + "1)", "the only calls are datetime("),
    "comparisons_2000": (" or ".join(["a==1"] * 2000), "where: more than 200 conditions"),
    "chain_of_5000": ("1<" + "max_capacity<1<" * 500 + "max_capacity", "where: more than 200 conditions"),
    "in_of_3000": (filtered(vpp_id={"$in": ["a"] * 3000}), "where: more than 200 conditions"),
    "nin_of_3000": (filtered(nothing={"$nin": ["a"] * 3000}), "where: more than 200 conditions"),
    "all_of_3000": (filtered(external_ids={"$all": ["a"] * 3000}), "where: more than 200 conditions"),
    "list_of_2000": (filtered(external_ids=list(map(str, range(2000)))), "where: more than 200 conditions"),
    "polygon_of_1001_positions": (polygon(1001), "coordinates[0] must be a list of 4 to 1000 positions"),
    "coordinates_30_deep": (
        '{"location":{"$geoWithin":{"$geometry":{"type":"Polygon","coordinates":' + nested(20, "[", "", "]") + "}}}}",
        "where.location.$geoWithin.$geometry.coordinates[0] must be a list of 4 to 1000 positions",
    ),
    "number_1e400": ('{"max_capacity":1e400}', "where, line 1, column 17: NaN, Infinity and numbers beyond 1.8e308"),
    "number_minus_1e400": ('{"max_capacity":{"$lt":-1e400}}', "where, line 1, column 24: NaN, Infinity and numbers"),
    "number_of_5000_digits": ('{"max_capacity":' + "9" * 5000 + "}", "where, line 1, column 17: NaN, Infinity"),
    "number_nan": ('{"max_capacity":NaN}', "where, line 1, column 17: NaN, Infinity and numbers beyond"),
    "python_1e400": ("max_capacity>1e400", "where, column 14: numbers beyond 1.7e308 are refused"),
    "python_5000_digits": ("max_capacity>" + "9" * 5000, "where, column 14: numbers beyond 1.7e308 are refused"),
    "distance_1e400": (
        '{"location":{"$near":{"$geometry":{"type":"Point","coordinates":[1,1]},"$maxDistance":1e400}}}',
        "where, line 1, column 87: NaN, Infinity and numbers",
    ),
    "expression_of_501_letters": (expression("a" * 501), "must be a regular expression of at most 500 characters"),
    "expression_that_becomes_large": (expression(r"\w{1000}"), "where.vpp_id.$regex is too large"),
    "expression_nested_250_deep": (expression("(" * 250), "where.vpp_id.$regex: "),
    "expressions_190": (
        json.dumps({"$or": [{"vpp_id": {"$regex": r"\w\w"}}] * 190}),
        "where.$or[9].vpp_id.$regex is too large",
    ),
    "options_9000": (filtered(a={"$regex": "a", "$options": "g" * 9000}), "where.a.$options must be letters of"),
    "key_twice": ('{"a":1,"a":2}', "where names the key 'a' twice in one object"),
    "operator_twice": ('{"$or":[{"a":{"$gt":1,"$gt":2}}]}', "where names the key '$gt' twice in one object"),
    "lone_surrogate": ('{"a":"\\ud800"}', "where, line 1, column 6: the character U+D800 in a string can't be written"),
    "lone_surrogate_in_a_name": ('{"\\udc00":1}', "where, line 1, column 2: the character U+DC00"),
    "python_lone_surrogate": ("a=='\\ud800'", "where, column 4: the string has a character that can't be written"),
    "python_nul": ("a=='\\x00'", "where, column 4: the string has a character that can't be written as XML"),
    "too_long": ("a" * 16_385, "where has 16385 characters; 16384 are the most"),
    "operator_of_16000_letters": (filtered(**{"$" + "x" * 16_000: 1}), "where.$xxx"),
    "quotation_mark_without_end": ("a=='" + "\\'" * 7000, "where, column 4: "),
}
OTHERS: Mapping[str, tuple[str, str, str]] = {
    "sort_9000_deep": ("sort", "[" * 9000, "sort: '[[["),
    "sort_too_long": ("sort", "a," * 9000, "sort has 18000 characters; 16384 are the most"),
    "sort_by_1e400": ("sort", '[("a",1e400)]', "is none of -field,other or"),
    "sort_by_5000_digits": ("sort", '[("a",' + "9" * 5000 + ")]", "is none of -field,other or"),
    "sort_of_sums": ("sort", "[1" + "+1" * 5000 + "]", "is none of -field,other or"),
    "sort_with_nul": ("sort", "[\x00", "is none of -field,other or"),
    "projection_9000_deep": ("projection", '{"a":' + nested(9000, "[", "", "]") + "}", "projection is nested"),
    "projection_nan": ("projection", '{"a":NaN}', "projection, line 1, column 6: NaN, Infinity and numbers"),
    "projection_key_twice": ("projection", '{"a":1,"a":0}', "projection names the key 'a' twice in one object"),
    "projection_lone_surrogate": ("projection", '{"a\\ud800":1}', "projection, line 1, column 2: the character U+D800"),
}
CASES = {**{name: ("where", *case) for name, case in WHERE.items()}, **OTHERS}


@pytest.mark.parametrize("case", CASES)
def test_is_refused_in_no_time_with_its_place(stand: Stand, case: str) -> None:
    parameter, text, words = CASES[case]
    started = time.thread_time()
    answer = stand.get(f"/1/devices?{parameter}={quote(text)}", SERVICE)
    assert time.thread_time() - started < LONGEST_TIME
    assert answer.status_code == 400, answer.text[:500]
    message = answer.get_json()["_error"]["message"]
    assert re.search(re.escape(words), message), message[:500]
    assert len(message) < 400


@pytest.mark.parametrize(
    "make",
    [
        lambda: nested(10, '{"$and":[', '{"a":1}', "]}"),
        lambda: nested(10, "(", "a==1", ")"),
        lambda: " or ".join(["max_capacity==1"] * 200),
        lambda: filtered(vpp_id={"$in": ["a"] * 200}),
        lambda: polygon(1000),
        lambda: expression("(a+)+$"),
        lambda: expression("(a|a)*b" * 60),
        lambda: expression("(" * 90 + "a" + ")*" * 90),
        lambda: filtered(**{"a" * 16_000: 1}),
    ],
)
def test_what_is_just_allowed_is_answered_in_no_time(stand: Stand, make: Callable[[], str]) -> None:
    started = time.thread_time()
    answer = stand.get(f"/1/devices?where={quote(make())}", SERVICE)
    assert time.thread_time() - started < LONGEST_TIME
    assert answer.status_code == 200, answer.text[:500]
