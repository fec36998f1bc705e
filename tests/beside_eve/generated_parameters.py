"""Random parameters of listings as clients of the former registry write them, well-formed and otherwise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from devices import CHOICES, OPTIONAL
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

TEXTS = {
    **CHOICES,
    "vpp_id": OPTIONAL["vpp_id"],
    "device_type": OPTIONAL["device_type"],
    "status.mode": ["1", "2", "3"],
}
FLOATS = dict.fromkeys(("max_capacity", "available_capacity", "status.setPoint"), OPTIONAL["max_capacity"])
KNOWN = {**TEXTS, **FLOATS}
MOMENTS = ["2020-01-01T00:00:00.000000Z", "2100-01-01T00:00:00.000000Z"]
OTHER_MOMENTS = ["Wed, 01 Jan 2020 00:00:00 GMT", "2100-01-01", "2020-01-01T00:00:00+02:00", "2100-01-01T00:00:00Z"]
_ORDERS = ("$gt", "$gte", "$lt", "$lte")
Pairs = Sequence[tuple[str, str]]


def _value(name: str) -> SearchStrategy[Any]:
    return st.sampled_from(KNOWN[name])


def _operators(name: str) -> SearchStrategy[dict[str, Any]]:
    value = _value(name)
    one = st.one_of(
        st.tuples(st.sampled_from(["$eq", "$ne", *_ORDERS]), value),
        st.tuples(st.sampled_from(["$in", "$nin"]), st.lists(value, max_size=3)),
        st.tuples(st.just("$all"), st.lists(value, min_size=1, max_size=2)),
        st.tuples(st.just("$exists"), st.booleans()),
        st.tuples(st.just("$not"), st.tuples(st.sampled_from(_ORDERS), value).map(lambda pair: dict([pair]))),
        st.tuples(st.just("$size"), st.sampled_from([0, 2])),
        st.tuples(st.just("$type"), st.sampled_from(["string", "double", "object", 2, 3])),
    )
    return st.lists(one, min_size=1, max_size=2).map(dict)


def _field_condition(name: str) -> SearchStrategy[dict[str, Any]]:
    return st.one_of(_value(name), _operators(name), st.none()).map(lambda condition: {name: condition})


_RECORDS = st.sampled_from(["_created", "_updated"])
_DATES = st.tuples(_RECORDS, st.sampled_from(_ORDERS), st.sampled_from(MOMENTS)).map(
    lambda parts: {parts[0]: {parts[1]: parts[2]}}
)
_UNKNOWN = st.sampled_from(
    [
        {"colour": "red"},
        {"colour": {"$ne": "red"}},
        {"status.colour": {"$exists": False}},
        {"status": {"mode": "1"}},
        {"status": {"$exists": True}},
        {"max_capacity": "2.0"},
        {"device_name": 5},
        {"location": {"type": "Point", "coordinates": [2.82, 41.98]}},
    ]
)
_LEAF = st.one_of(st.sampled_from(sorted(KNOWN)).flatmap(_field_condition), _DATES, _UNKNOWN)


def _combined(part: SearchStrategy[dict[str, Any]]) -> SearchStrategy[dict[str, Any]]:
    parts = st.lists(part, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(st.sampled_from(["$and", "$or", "$nor"]), parts).map(lambda pair: {pair[0]: pair[1]}),
        parts.map(lambda each: {name: value for one in each for name, value in one.items()}),
    )


JSON_FILTERS = st.recursive(_LEAF, _combined, max_leaves=5)
REPAIRED_FILTERS = st.one_of(
    st.tuples(_RECORDS, st.sampled_from(_ORDERS), st.sampled_from(OTHER_MOMENTS)).map(
        lambda parts: {parts[0]: {parts[1]: parts[2]}}
    ),
    st.sampled_from(["^b", "l", "(?i)HEAT", "e$"]).map(lambda text: {"device_name": {"$regex": text}}),
)
_COMPARISONS = st.sampled_from(["==", "!=", ">", ">=", "<", "<="])
_SPACES = st.sampled_from(["", " "])


def _python_comparison(name: str) -> SearchStrategy[str]:
    value = _value(name).filter(lambda each: not isinstance(each, float) or each >= 0)
    written = st.builds(lambda each, write: write(each), value, st.sampled_from([json.dumps, repr]))
    return st.tuples(st.just(name), _SPACES, _COMPARISONS, _SPACES, written).map("".join)


_PYTHON_LEAF = st.one_of(
    st.sampled_from(sorted(KNOWN)).flatmap(_python_comparison),
    st.sampled_from(["device_name==lamp", "colour==1", 'status.mode=="1"', "_created>datetime(2020,1,1)"]),
)
PYTHON_FILTERS = st.recursive(
    _PYTHON_LEAF,
    lambda part: st.tuples(part, st.sampled_from([" and ", " or "]), part).map(lambda each: f"({''.join(each)})"),
    max_leaves=4,
)
REPAIRED_PYTHON = st.sampled_from(
    ["max_capacity==-3.25", "1<max_capacity<5", "2<=max_capacity", "status.x-fanspeed==1", "vpp_id==None",
     "not max_capacity>1", "max_capacity in [1]", "max_capacity==True", 'status.x-fanspeed>=1 or vpp_id=="vpp-1"']
)  # fmt: skip
BAD_FILTERS = st.sampled_from(
    ['{"availability": {"$like": "y"}}', "{", "nonsense nonsense", '{"$where": "1"}', "max_capacity >", '{"a": }',
     "max_capacity", "1", "f(1)", '{"$and": [{"$foo": 1}]}', "[]", "[1]", '"x"', '{"$or": {}}', '{"$and": []}', "null",
     "a if b else c", "import os", "max_capacity=1"]
)  # fmt: skip
_SORT_NAMES = st.tuples(st.sampled_from(["", "-"]), st.sampled_from([*sorted(KNOWN), "colour"])).map("".join)
_SORT_PAIRS = st.tuples(st.sampled_from([*sorted(KNOWN), "colour"]), st.sampled_from([1, -1]))
SORTS = st.one_of(
    st.lists(_SORT_NAMES, min_size=1, max_size=3).map(",".join),
    st.lists(_SORT_NAMES, min_size=1, max_size=3).map(" , ".join),
    st.lists(_SORT_PAIRS, min_size=1, max_size=2).map(str),
    st.lists(_SORT_PAIRS, min_size=1, max_size=2).map(json.dumps),
    st.lists(_SORT_PAIRS, min_size=1, max_size=2).map(lambda pairs: json.dumps(dict(pairs))),
    st.lists(_SORT_PAIRS, min_size=1, max_size=2).map(lambda pairs: str(dict(pairs))),
)
BAD_SORTS = st.sampled_from(
    ['[("a"', '{"a": ', "[", "(", "5", "[5]", '"device_name"', '[("device_name", 0)]', '[("device_name", "up")]', "[]",
     '{"device_name": null}', '("device_name", -1)', ",", "-", "{}"]
)  # fmt: skip
_NAMES = st.sampled_from(
    ["device_name", "max_capacity", "status", "device_id", "_created", "_etag", "_id", "_links", "colour"]
)
PROJECTIONS = st.one_of(
    st.tuples(
        st.lists(_NAMES, min_size=1, max_size=3, unique=True), st.sampled_from([0, 1, True, False, 1.0, 0.0])
    ).map(lambda parts: json.dumps(dict.fromkeys(*parts))),
    st.dictionaries(_NAMES, st.sampled_from([0, 1]), max_size=3).map(json.dumps),
    st.sampled_from(["{}", '{"status.mode": 1}', '{"status.mode": 0}', '{"status.mode": 1, "device_name": 1}']),
)
BAD_PROJECTIONS = st.sampled_from(
    ['{"a"', "[1]", "nonsense", "5", "null", '"device_name"', '{"device_name": 2}', '{"device_name": "1"}',
     '{"device_name": null}', '{"device_name": {"$slice": 1}}', "device_name"]
)  # fmt: skip
PAGES = st.sampled_from(["1", "2", "3", "9", "0", "-2", "x", "", "1.5", " 2", "+2", "1e1", "0x2", "٢", "2_0"])
SIZES = st.sampled_from(
    ["1", "7", "25", "1000", "0", "-1", "2.5", "x", "", "1e1", " 3 ", "+4", "300", "301", "٣", "1_0", "0.5"]
)
ODD_SIZES = st.sampled_from(["nan", "inf", "-inf", "1e999"])
WHERE = st.one_of(JSON_FILTERS.map(json.dumps), JSON_FILTERS.map(json.dumps), PYTHON_FILTERS)


def some_of(**strategies: SearchStrategy[str]) -> SearchStrategy[Pairs]:
    """Draw some of the parameters with these names."""
    return st.fixed_dictionaries({}, optional=strategies).map(lambda found: tuple(found.items()))


ODD_PARAMETERS = st.sampled_from(
    ["x=1", "x=1&x=2", "pretty", "pretty=1", "page=2&page=1", "max_results=2&max_results=3", "&&", "=", "%66=1",
     "max%5Fresults=2", "where=%7B%22availability%22%3A%22yes%22%7D", "where=availability%3D%3D%22yes%22", "where=",
     "sort=&page=", "sort=-max_capacity&x=%C3%A9", "x=a+b", "x=a%20b", "x=%22%3C%3E", "version=all", "version=1",
     "embedded={}", "embedded=%7B%22a%22%3A1%7D", "aggregate={}", "show_deleted", "PAGE=2", "callback=f", "x=1;y=2",
     "max_results=2&y=1&x=2&y=3&page=2", "where[a]=1", "x=%ff", "where=%ff", "x=%", "sort=%ff", "page=2#x"]
)  # fmt: skip
