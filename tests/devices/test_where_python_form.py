"""Eve's Python form of where: what is understood, what is refused and at which column."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.devices.criteria import All, AnyOf, Criteria, Not
from registry.devices.where import read_where
from registry.errors import BadRequest
from registry.principal import Role
from registry.profile import load_profile

PROFILE = load_profile()
FIELDS = {field.name: field for field in PROFILE.visible(Role.SERVICE)}


def simple(criteria: Criteria) -> Criteria:
    """Take away what only groups."""
    match criteria:
        case All(parts) | AnyOf(parts) if len(parts) == 1:
            return simple(parts[0])
        case All(parts) | AnyOf(parts):
            return type(criteria)(tuple(map(simple, parts)))
        case Not(part):
            return Not(simple(part))
    return criteria


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("max_capacity>1", {"max_capacity": {"$gt": 1}}),
        ('  availability == "yes"  ', {"availability": "yes"}),
        ("availability=='yes'", {"availability": "yes"}),
        ("availability==yes", {"availability": "yes"}),
        ("yes==availability", {"availability": "yes"}),
        ("max_capacity!=1.5e1", {"max_capacity": {"$ne": 15.0}}),
        ("max_capacity>=.5", {"max_capacity": {"$gte": 0.5}}),
        ("max_capacity<5", {"max_capacity": {"$lt": 5}}),
        ("5>max_capacity", {"max_capacity": {"$lt": 5}}),
        ("max_capacity<=-1", {"max_capacity": {"$lte": -1}}),
        ("max_capacity==-1", {"max_capacity": -1}),
        ("max_capacity==+1", {"max_capacity": 1}),
        ("online==True", {"online": True}),
        ("online!=False", {"online": {"$ne": False}}),
        ("vpp_id==None", {"vpp_id": None}),
        ("vpp_id!=None", {"vpp_id": {"$ne": None}}),
        ("1<max_capacity<5", {"$and": [{"max_capacity": {"$gt": 1}}, {"max_capacity": {"$lt": 5}}]}),
        ("status.x-fanspeed==1", {"status.x-fanspeed": 1}),
        ("status.mode=='2'", {"status.mode": "2"}),
        ("a==1 and b==2 or c==3", {"$or": [{"$and": [{"a": 1}, {"b": 2}]}, {"c": 3}]}),
        ("a==1 and (b==2 or c==3)", {"$and": [{"a": 1}, {"$or": [{"b": 2}, {"c": 3}]}]}),
        ("not a==1 or b==2", {"$or": [{"$nor": [{"a": 1}]}, {"b": 2}]}),
        ("not (a==1 and b==2)", {"$nor": [{"$and": [{"a": 1}, {"b": 2}]}]}),
        ("_created>=datetime(2026,9,21)", {"_created": {"$gte": "2026-09-21T00:00:00.000000Z"}}),
        ("_created<datetime(2026, 9, 21, 1, 2, 3, 4)", {"_created": {"$lt": "2026-09-21T01:02:03.000004Z"}}),
        ("commissioned>datetime(2021,1,1)", {"commissioned": {"$gt": "2021-01-01"}}),
        ('_updated=="Thu, 22 Oct 2026 08:00:00 GMT"', {"_updated": "2026-10-22T08:00:00.000000Z"}),
        ('vpp_id==ObjectId("abc")', {"vpp_id": "abc"}),
        (r'vpp_id=="a\"\u0041\n"', {"vpp_id": 'a"A\n'}),
        ("vpp_id=='and (or'", {"vpp_id": "and (or"}),
        ("vpp_id=='a'\nand\tvpp_id=='b'", {"$and": [{"vpp_id": "a"}, {"vpp_id": "b"}]}),
        ("nothing==1", {"nothing": 1}),
    ],
)  # fmt: skip
def test_means_the_same_as_json(text: str, condition: Any) -> None:
    assert simple(read_where(text, FIELDS)) == simple(read_where(json.dumps(condition), FIELDS))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("max_capacity", "column 13: the text ends, where one of == != < <= > >="),
        ("max_capacity=1", "column 13: '=1' can't stand in a condition"),
        ("max_capacity>", "column 14: the text ends, where a field or a value is expected"),
        ("max_capacity>1 &", "column 16: '&' can't stand"),
        ("a in b", "column 3: 'in' stands here, where one of =="),
        ("a is None", "column 3: 'is' stands here"),
        ("a==1 b==2", "column 6: 'b' stands here, where and, or, or the end is expected"),
        ("(a==1", "column 6: the text ends, where ')' is expected"),
        ("a==1)", "column 5: ')' stands here, where and, or, or the end"),
        ("()", "column 2: ')' stands here, where a field or a value"),
        ("and", "column 1: 'and' stands here"),
        ("a==1 and", "column 9: the text ends"),
        ("1<2", "column 2: two values are compared"),
        ("max_capacity>available_capacity", "column 13: two fields are compared"),
        ("a==-'x'", "column 5: 'x' stands here, where a number"),
        ("a==-b", "column 5: 'b' stands here, where a number"),
        ("max_capacity-1>2", "column 13: '-' stands here"),
        ("a==[1]", "column 4: '[1]' can't stand"),
        ("a==datetime()", "column 4: the only calls are datetime"),
        ("a==datetime(2026,13,1)", "column 4: the only calls are datetime"),
        ("a==datetime(2026,1,1,0,0,0,0,0,0)", "column 4: the only calls"),
        ("a==datetime('x')", "column 4: the only calls"),
        ("a==datetime(2026 1,1)", "column 18: '1' stands here, where ','"),
        ("a==open('x')", "column 4: the only calls"),
        ("__import__('os')", "column 1: the only calls"),
        ("a==1e400", "column 4: numbers beyond 1.7e308"),
        ("a=='x", "column 4: \"'x\" can't stand"),
        (r"a=='\x1'", "column 4: the string has an escape that means nothing"),
        (r"a=='\ud800'", "column 4: the string has a character"),
        ("a=='\x00'", "column 4: the string has a character"),
        ("(" * 12 + "a==1" + ")" * 12, "nested more than 10 levels deep"),
        ("not " * 12 + "a==1", "nested more than 10 levels deep"),
        ("(" * 16_000, "nested more than 10 levels deep"),
        ("-" * 16_000, "column 2: '-' stands here"),
        ("a" * 20_000, "where has 20000 characters"),
        (" and ".join(["a==1"] * 201), "more than 200 conditions"),
        ("<".join(["1", *["a", "1"] * 101]), "more than 200 conditions"),
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(words)):
        read_where(text, FIELDS)


def test_no_message_names_a_field_that_the_caller_does_not_see() -> None:
    seen = {field.name: field for field in PROFILE.visible(Role.AGGREGATOR)}
    for text in ("{}==device_name", "device_name=={}", "{}>1", "{}==1 or 2<{}"):
        hidden, unknown = text.replace("{}", "serial_number"), text.replace("{}", "unknown_thing")
        assert repr(read_where(hidden, seen)) == repr(read_where(unknown, seen)).replace(
            "unknown_thing", "serial_number"
        )
    for text in ("{}", "{} in 5", "{}=={}==[", "{}-1"):
        with pytest.raises(BadRequest) as refused:
            read_where(text.replace("{}", "serial_numbe"), seen)
        assert "serial_number" not in refused.value.message


WORDS = st.sampled_from(
    ["max_capacity", "status.x-fanspeed", "and", "or", "not", "(", ")", "==", "<", "!=", ">=", "-", "1", "1.5", "'a'",
     '"', "'", "True", "None", "datetime(", ",", "ObjectId(", "\\",
     "{", "[", "}", "$", " ", "\n", "\x00", "\ud800", "é", "0x1", "1_0"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.lists(WORDS, max_size=12).map("".join) | st.text(max_size=40))
@example("{\ud800}")
@example("\ufeff{}")
def test_any_text_is_understood_or_refused(text: str) -> None:
    with contextlib.suppress(BadRequest):
        read_where(text, FIELDS)
