"""Reading where and sort: what is understood, what is refused and where."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.devices.criteria import All, AnyOf, Comparison, Criteria, Not, Operator, Pattern, Within
from registry.devices.where import read_sort, read_where
from registry.errors import BadRequest
from registry.geo.shapes import Disc
from registry.principal import Role
from registry.profile import load_profile

PROFILE = load_profile()
FIELDS = {field.name: field for field in PROFILE.visible(Role.SERVICE)}


def equal(name: str, value: Any) -> Comparison:
    return Comparison(FIELDS.get(name), Operator.EQUAL, value)


def compare(name: str, operator: Operator, value: Any = None) -> Comparison:
    return Comparison(FIELDS.get(name), operator, value)


def exists(name: str) -> Comparison:
    return compare(name, Operator.EXISTS)


def where(condition: Any) -> Criteria:
    return read_where(condition if isinstance(condition, str) else json.dumps(condition), FIELDS)


STATUS = [name for name in FIELDS if name.startswith("status.")]
GOOD: list[tuple[Any, Criteria]] = [
    ({}, All()),
    ({"availability": "yes"}, All((equal("availability", "yes"),))),
    ({"a": 1, "availability": ""}, All((Comparison(None, Operator.EQUAL, 1), equal("availability", "")))),
    ({"status.mode": "2"}, All((equal("status.mode", "2"),))),
    ({"max_capacity": {"$gt": 1, "$lte": 5}}, All((All((
        compare("max_capacity", Operator.GREATER, 1), compare("max_capacity", Operator.LESS_OR_EQUAL, 5))),))),
    ({"max_capacity": {"$lt": 1}}, All((All((compare("max_capacity", Operator.LESS, 1),)),))),
    ({"max_capacity": {"$gte": 1}}, All((All((compare("max_capacity", Operator.GREATER_OR_EQUAL, 1),)),))),
    ({"vpp_id": {"$eq": "a"}}, All((All((equal("vpp_id", "a"),)),))),
    ({"vpp_id": {"$ne": "a"}}, All((All((Not(equal("vpp_id", "a")),)),))),
    ({"vpp_id": None}, All((Not(exists("vpp_id")),))),
    ({"vpp_id": {"$ne": None}}, All((All((Not(Not(exists("vpp_id"))),)),))),
    ({"vpp_id": {"$in": ["a", None]}}, All((All((AnyOf((equal("vpp_id", "a"), Not(exists("vpp_id")))),)),))),
    ({"vpp_id": {"$nin": []}}, All((All((Not(AnyOf(())),)),))),
    ({"vpp_id": {"$exists": True}}, All((All((exists("vpp_id"),)),))),
    ({"vpp_id": {"$exists": 0}}, All((All((Not(exists("vpp_id")),)),))),
    ({"vpp_id": {"$not": {"$eq": "a"}}}, All((All((Not(All((equal("vpp_id", "a"),))),)),))),
    ({"$and": [{"vpp_id": "a"}]}, All((All((All((equal("vpp_id", "a"),)),)),))),
    ({"$or": [{"vpp_id": "a"}, {}]}, All((AnyOf((All((equal("vpp_id", "a"),)), All())),))),
    ({"$nor": [{"vpp_id": "a"}]}, All((Not(AnyOf((All((equal("vpp_id", "a"),)),))),))),
    ({"status": {"mode": "2"}}, All((All(tuple(
        equal(name, "2") if name == "status.mode" else Not(exists(name)) for name in STATUS)),))),
    ({"status": {"mode": "2", "foo": 1}}, All((Comparison(None, Operator.EQUAL, {"mode": "2", "foo": 1}),))),
    ({"status": {}}, All((Comparison(None, Operator.EQUAL, {}),))),
    ({"status": None}, All((Not(AnyOf(tuple(map(exists, STATUS)))),))),
    ({"status": {"$exists": True}}, All((All((AnyOf(tuple(map(exists, STATUS))),)),))),
    ({"vpp_id": {"$gte": None}}, All((All((Not(exists("vpp_id")),)),))),
    ({"vpp_id": {"$gt": None}}, All((All((AnyOf(()),)),))),
    ({"vpp_id": {"$regex": "^a", "$options": "xi"}}, All((All((
        compare("vpp_id", Operator.MATCHES, Pattern("^a", "ix")),)),))),
    ({"external_ids": {"$all": ["a", "b"]}}, All((All((All((
        equal("external_ids", "a"), equal("external_ids", "b"))),)),))),
    ({"external_ids": ["b", "a", "b"]}, All((All((
        equal("external_ids", "b"), equal("external_ids", "a"), compare("external_ids", Operator.SIZE, 2))),))),
    ({"external_ids": {"$size": 2}}, All((All((compare("external_ids", Operator.SIZE, 2),)),))),
    ({"max_capacity": {"$mod": [4, 0.5]}}, All((All((compare("max_capacity", Operator.MODULO, (4, 0)),)),))),
    ({"max_capacity": {"$type": "number"}}, All((All((exists("max_capacity"),)),))),
    ({"max_capacity": {"$type": ["string", 16]}}, All((All((AnyOf(()),)),))),
    ({"status": {"$type": 3}}, All((All((AnyOf(tuple(map(exists, STATUS))),)),))),
    ({"_created": {"$gt": "Thu, 22 Oct 2026 08:00:00 GMT"}}, All((All((
        compare("_created", Operator.GREATER, "2026-10-22T08:00:00.000000Z"),)),))),
    ({"_created": "2026-10-22T10:00:00+02:00"}, All((equal("_created", "2026-10-22T08:00:00.000000Z"),))),
    ({"location": {"$geoWithin": {"$centerSphere": [[2, 41], 0]}}}, All((All((
        Within(FIELDS["location"], Disc((2.0, 41.0), 0.0)),)),))),
    ({"vpp_id": {"$geoWithin": {"$centerSphere": [[2, 41], 0]}}}, All((All((Within(None, Disc((2.0, 41.0), 0.0)),)),))),
    ({"location": {"type": "Point", "coordinates": [1, 2]}}, All((
        equal("location", {"type": "Point", "coordinates": [1, 2]}),))),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "criteria"), GOOD, ids=lambda value: str(value)[:60])
def test_condition_is_understood(condition: Any, criteria: Criteria) -> None:
    assert where(condition) == criteria


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("", "where, column 1: the text ends, where a field or a value is expected"),
        ("nonsense", "where, column 9: the text ends, where one of == != < <= > >= , as in".replace(" , as", ", as")),
        ('{"a": 1', "where, line 1"),
        ('{"a": NaN}', "NaN"),
        ('{"a": 1, "a": 2}', "names the key 'a' twice"),
        ([], "where must be a JSON object"),
        ("x", "where, column 2: the text ends"),
        ('"x"', "where, column 4: the text ends, where one of =="),
        (5, "where, column 2: the text ends, where one of =="),
        (None, "or a JSON object is expected"),
        ({"$or": {"a": 1}}, "where.$or must be a list of at least one condition"),
        ({"$and": []}, "where.$and must be a list of at least one condition"),
        ({"$nor": "x"}, "where.$nor must be a list"),
        ({"$or": [{"a": 1}, 5]}, "where.$or[1] must be a JSON object"),
        ({"$where": "1"}, "where.$where: unknown operator $where"),
        ({"$or": [{"$eq": 1}]}, "where.$or[0].$eq: unknown operator $eq"),
        ({"a": {"$foo": 1}}, "where.a: unknown operator $foo"),
        ({"a": {"$in": "x"}}, "where.a.$in must be a list"),
        ({"a": {"$nin": {"b": 1}}}, "where.a.$nin must be a list"),
        ({"a": {"$not": 5}}, "where.a.$not must be an object of operators"),
        ({"a": {"$not": {"b": 5}}}, "where.a.$not: unknown operator b"),
        ({"a": {"$gt": 1, "b": 2}}, "where.a: unknown operator b"),
        (
            {"$or": [{}, {"a": {"$gtt": 1}}]},
            "where.$or[1].a: unknown operator $gtt; did you mean $gt? Possible are $all",
        ),
        ({"$orr": []}, "where.$orr: unknown operator $orr; did you mean $or?"),
        ({"a": {"$options": "i"}}, "where.a.$options can only stand beside $regex"),
        ({"a": {"$maxDistance": 1}}, "where.a.$maxDistance can only stand beside $near or $nearSphere"),
        ({"a": {"$not": {}}}, "where.a.$not must be an object of operators"),
        ({"a": {"$size": -1}}, "where.a.$size must be a whole number"),
        ({"a": {"$size": 1.5}}, "where.a.$size must be a whole number"),
        ({"a": {"$size": True}}, "where.a.$size must be a whole number"),
        ({"a": {"$mod": [0, 1]}}, "where.a.$mod must be a list of two numbers"),
        ({"a": {"$mod": [2]}}, "where.a.$mod must be a list of two numbers"),
        ({"a": {"$mod": [True, 0]}}, "where.a.$mod must be a list of two numbers"),
        ({"a": {"$mod": [1e300, 0]}}, "where.a.$mod must be a list of two numbers"),
        ({"a": {"$all": 5}}, "where.a.$all must be a list"),
        ({"a": {"$type": "text"}}, "where.a.$type must be a BSON type"),
        ({"a": {"$type": [{}]}}, "where.a.$type must be a BSON type"),
        (" " * 16_380 + "{    }", "where has 16386 characters; 16384 are the most"),
    ],
    ids=str,
)
def test_condition_is_refused(condition: Any, words: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(words)):
        where(condition)


def deep(levels: int) -> dict[str, Any]:
    condition: dict[str, Any] = {"vpp_id": "a"}
    for _ in range(levels):
        condition = {"$and": [condition]}
    return condition


def negated(levels: int) -> dict[str, Any]:
    condition: dict[str, Any] = {"$eq": "a"}
    for _ in range(levels):
        condition = {"$not": condition}
    return {"vpp_id": condition}


@pytest.mark.parametrize("nest", [deep, negated])
def test_ten_levels_are_the_most(nest: Any) -> None:
    where(nest(10))
    with pytest.raises(BadRequest, match=r"nested"):
        where(nest(11))


@pytest.mark.parametrize(
    "repeat",
    [
        lambda count: {"$or": [{"vpp_id": "a"}] * count},
        lambda count: {"$or": [{}] * count},
        lambda count: {"vpp_id": {"$in": ["a"] * count}},
        lambda count: {f"x{number}": {"$in": []} for number in range(count)},
        lambda count: {f"x{number}": 1 for number in range(count)},
        lambda count: {"$and": [{"$or": [{}, {}]}] * (count // 2)},
        lambda count: {"$and": [{"vpp_id": {"$exists": False}}] * count},
    ],
)
def test_two_hundred_conditions_are_the_most(repeat: Any) -> None:
    where(repeat(200))
    with pytest.raises(BadRequest, match="more than 200 conditions"):
        where(repeat(202))


def test_a_field_that_is_not_seen_is_as_one_that_does_not_exist() -> None:
    seen = {field.name: field for field in PROFILE.visible(Role.AGGREGATOR)}
    for condition in ({"serial_number": "x"}, {"serial_number": {"$exists": True}}, {"serial_number": {"$gt": ""}}):
        text = json.dumps(condition)
        assert read_where(text, seen) == read_where(text.replace("serial_number", "nothing"), seen)
    assert read_sort("serial_number,-serial_number", seen) == ()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("max_capacity", [("max_capacity", False)]),
        ("-max_capacity,device_name", [("max_capacity", True), ("device_name", False)]),
        (" -max_capacity , +device_name ", [("max_capacity", True), ("device_name", False)]),
        ('[("max_capacity",-1),("device_name",1)]', [("max_capacity", True), ("device_name", False)]),
        ('[["max_capacity",-1]]', [("max_capacity", True)]),
        ('("max_capacity",-1)', [("max_capacity", True)]),
        ('{"max_capacity":1,"device_name":-1}', [("max_capacity", False), ("device_name", True)]),
        ("status.mode", [("status.mode", False)]),
        ("-_updated", [("_updated", True)]),
        ("nothing,-device_name", [("device_name", True)]),
        ("status", []),
        ("external_ids", []),
        ("", []),
        (",", []),
        ("[]", []),
        ("device_name,-device_name", [("device_name", False)]),
        (",".join(["device_name"] * 1000), [("device_name", False)]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_sort_is_understood(text: str, keys: list[tuple[str, bool]]) -> None:
    assert [(key.field.name, key.descending) for key in read_sort(text, FIELDS)] == keys


@pytest.mark.parametrize(
    "text",
    ["[", '[("device_name",-1)', "[device_name]", '["device_name"]', '[("device_name",2)]', '[("device_name","x")]',
     '[(5,1)]', "{5}", '{"device_name":null}', "[1]", "[[]]", "(" * 5000, "[" * 500 + "]" * 500, '[("a",1)]\x00',
     '[(("a",1),1)]', "__import__('os').getcwd() [", "[__import__('os').getcwd()]"],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_sort_is_refused(text: str) -> None:
    if text.startswith("__import__"):
        assert read_sort(text, FIELDS) == ()
        return
    with pytest.raises(BadRequest, match="sort"):
        read_sort(text, FIELDS)


@given(st.text(st.sampled_from("[]{}()\"',:-1a$ "), max_size=30))
def test_any_text_is_understood_or_refused(text: str) -> None:
    for read in (read_where, read_sort):
        with contextlib.suppress(BadRequest):
            read(text, FIELDS)
