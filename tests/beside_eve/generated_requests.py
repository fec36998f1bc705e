"""Random requests as clients of the former registry make them, well-formed and otherwise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from devices import CHOICES, OPTIONAL, device_id
from exchange import ETAG, JSON, Request
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

HOW_MANY = 40
TEXTS = {
    **CHOICES,
    "vpp_id": OPTIONAL["vpp_id"],
    "device_type": OPTIONAL["device_type"],
    "status.mode": ["1", "2", "3"],
}
FLOATS = dict.fromkeys(("max_capacity", "available_capacity", "status.setPoint"), OPTIONAL["max_capacity"])
KNOWN = {**TEXTS, **FLOATS}
MOMENTS = ["2020-01-01T00:00:00.000000Z", "2100-01-01T00:00:00.000000Z"]
LONG_AGO = "Wed, 01 Jan 2020 00:00:00 GMT"
_ORDERS = ("$gt", "$gte", "$lt", "$lte")


def _value(name: str) -> SearchStrategy[Any]:
    return st.sampled_from(KNOWN[name])


def _operators(name: str) -> SearchStrategy[dict[str, Any]]:
    value = _value(name)
    one = st.one_of(
        st.tuples(st.sampled_from(["$eq", "$ne", *_ORDERS]), value),
        st.tuples(st.sampled_from(["$in", "$nin"]), st.lists(value, max_size=3)),
        st.tuples(st.just("$exists"), st.booleans()),
        st.tuples(st.just("$not"), st.tuples(st.sampled_from(_ORDERS), value).map(lambda pair: dict([pair]))),
    )
    return st.lists(one, min_size=1, max_size=2).map(dict)


def _field_condition(name: str) -> SearchStrategy[dict[str, Any]]:
    return st.one_of(_value(name), _operators(name), st.none()).map(lambda condition: {name: condition})


_DATES = st.tuples(st.sampled_from(["_created", "_updated"]), st.sampled_from(_ORDERS), st.sampled_from(MOMENTS)).map(
    lambda parts: {parts[0]: {parts[1]: parts[2]}}
)
_UNKNOWN = st.sampled_from([{"colour": "red"}, {"colour": {"$ne": "red"}}, {"status.colour": {"$exists": False}}])
_LEAF = st.one_of(st.sampled_from(sorted(KNOWN)).flatmap(_field_condition), _DATES, _UNKNOWN)


def _combined(part: SearchStrategy[dict[str, Any]]) -> SearchStrategy[dict[str, Any]]:
    parts = st.lists(part, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(st.sampled_from(["$and", "$or", "$nor"]), parts).map(lambda pair: {pair[0]: pair[1]}),
        parts.map(lambda each: {name: value for one in each for name, value in one.items()}),
    )


JSON_FILTERS = st.recursive(_LEAF, _combined, max_leaves=5)
_COMPARISONS = st.sampled_from(["==", "!=", ">", ">=", "<", "<="])


def _python_comparison(name: str) -> SearchStrategy[str]:
    value = _value(name).filter(lambda each: not isinstance(each, float) or each >= 0)
    return st.tuples(_COMPARISONS, value).map(lambda pair: f"{name}{pair[0]}{json.dumps(pair[1])}")


_PYTHON_LEAF = st.sampled_from(sorted(KNOWN)).flatmap(_python_comparison)
PYTHON_FILTERS = st.recursive(
    _PYTHON_LEAF,
    lambda part: st.tuples(part, st.sampled_from([" and ", " or "]), part).map(lambda each: f"({''.join(each)})"),
    max_leaves=4,
)
_SORT_NAMES = st.tuples(st.sampled_from(["", "-"]), st.sampled_from([*sorted(KNOWN), "colour"])).map("".join)
_SORT_PAIRS = st.tuples(st.sampled_from(sorted(KNOWN)), st.sampled_from([1, -1]))
SORTS = st.one_of(
    st.lists(_SORT_NAMES, min_size=1, max_size=3).map(",".join),
    st.lists(_SORT_PAIRS, min_size=1, max_size=2).map(str),
)
_NAMES = st.sampled_from(["device_name", "max_capacity", "status", "device_id", "_created", "_etag", "colour"])
PROJECTIONS = st.tuples(st.lists(_NAMES, min_size=1, max_size=3, unique=True), st.sampled_from([0, 1])).map(
    lambda parts: json.dumps(dict.fromkeys(*parts))
)
PAGES = st.sampled_from(["1", "2", "3", "9", "0", "-2", "x", ""])
SIZES = st.sampled_from(["1", "7", "25", "1000", "0", "-1", "2.5", "x", ""])
_WHERE = st.one_of(JSON_FILTERS.map(json.dumps), PYTHON_FILTERS)
_BAD_WHERE = st.sampled_from(
    ['{"availability": {"$like": "y"}}', "{", "nonsense nonsense", '{"$where": "1"}', "max_capacity >", '{"a": }']
)


def _parameters(**strategies: SearchStrategy[str]) -> SearchStrategy[Sequence[tuple[str, str]]]:
    return st.fixed_dictionaries({}, optional=strategies).map(lambda found: tuple(found.items()))


LISTINGS = _parameters(where=_WHERE, sort=SORTS, page=PAGES, max_results=SIZES, projection=PROJECTIONS).map(
    lambda query: Request(query=query)
)
_IDS = st.integers(0, HOW_MANY + 1).map(device_id)
_CONDITIONS = st.sampled_from(
    [
        {},
        {"If-None-Match": f'"{ETAG}"'},
        {"If-None-Match": ETAG},
        {"If-None-Match": f'W/"{ETAG}"'},
        {"If-None-Match": '"other"'},
        {"If-Modified-Since": LONG_AGO},
        {"If-Modified-Since": "nonsense"},
    ]
)
ITEMS = st.builds(
    lambda number, query, headers: Request(path=f"/1/devices/{number}", query=query, headers=headers),
    _IDS,
    _parameters(projection=PROJECTIONS),
    _CONDITIONS,
)
ERRORS = st.one_of(
    _BAD_WHERE.map(lambda where: Request(query=[("where", where)])),
    st.sampled_from(['{"a"', "[1]", "nonsense"]).map(lambda text: Request(query=[("projection", text)])),
    st.sampled_from(['[("a"', '{"a": ']).map(lambda text: Request(query=[("sort", text)])),
    st.sampled_from(
        [
            Request(path="/1/nothing"),
            Request(path="/1/devices/nothing"),
            Request("DELETE"),
            Request("PATCH"),
            Request("PUT", body=b"{}", headers=JSON),
            Request("POST", path="/1", body=b"{}", headers=JSON),
            Request("OPTIONS"),
            Request("OPTIONS", path=f"/1/devices/{device_id(1)}"),
            Request("HEAD"),
            Request("HEAD", path=f"/1/devices/{device_id(1)}"),
            Request("HEAD", path="/1"),
            Request(path="/1"),
            Request(path="/1/"),
            Request(path="/1/devices/"),
        ]
    ),
)
READS = st.one_of(LISTINGS, LISTINGS, LISTINGS, ITEMS, ERRORS)

_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "max_capacity": st.sampled_from([1, 2.5, "3.5", "much", [1]]),
        "availability": st.sampled_from(["yes", "no", "maybe", 1]),
        "device_name": st.sampled_from(["", "new", 5]),
        "device_class": st.sampled_from(["dhwDevice", "toaster"]),
        "status": st.sampled_from([{"mode": "3"}, {"mode": "9"}, {"setPoint": 20.5}, {"colour": 1}, "on"]),
        "status.mode": st.sampled_from(["1", "7"]),
        "location": st.sampled_from([{"type": "Point", "coordinates": [1.0, 2.0]}, {"type": "Point"}, "here"]),
        "colour": st.just("red"),
    },
)
_MATCHES = st.sampled_from(
    [{"If-Match": f'"{ETAG}"'}, {"If-Match": ETAG}, {"If-Match": f'"{ETAG}"'}, {"If-Match": '"old"'}, {}]
)
_TARGETS = st.sampled_from([0, 1, 7]).map(lambda number: f"/1/devices/{device_id(number)}")
_WHOLE = {
    "device_name": "put",
    "account_id": CHOICES["account_id"][0],
    "ven_id": CHOICES["account_id"][1],
    "aggregator_id": CHOICES["aggregator_id"][0],
    "device_class": "otherLoad",
    "availability": "no",
}


def _encoded(method: str, path: str, body: Any, headers: dict[str, str]) -> Request:
    return Request(method, path, headers={**headers, **JSON}, body=json.dumps(body).encode())


_PATCHES = st.builds(lambda path, changes, match: _encoded("PATCH", path, changes, match), _TARGETS, _CHANGES, _MATCHES)
_PUTS = st.builds(
    lambda path, changes, match: _encoded("PUT", path, {**_WHOLE, "device_id": path[-36:], **changes}, match),
    _TARGETS,
    _CHANGES,
    _MATCHES,
)
_DELETES = st.builds(lambda path, match: Request("DELETE", path, headers=match), _TARGETS, _MATCHES)
_NEW = st.builds(
    lambda number, changes: {**_WHOLE, "device_id": device_id(number), **changes}, st.sampled_from([1, 8, 9]), _CHANGES
)
_POSTS = st.one_of(_NEW, st.lists(_NEW, max_size=3), st.just({}), st.just("text")).map(
    lambda body: _encoded("POST", "/1/devices", body, {})
)
_BAD_BODIES = st.builds(
    lambda target, body: Request(target[0], target[1], body=body, headers={**JSON, "If-Match": f'"{ETAG}"'}),
    st.sampled_from([("POST", "/1/devices"), ("PATCH", f"/1/devices/{device_id(0)}")]),
    st.sampled_from([b"{", b"", b"[", b"\xff", b"null"]),
)
WRITES = st.one_of(_PATCHES, _PATCHES, _PUTS, _DELETES, _POSTS, _POSTS, _BAD_BODIES)
