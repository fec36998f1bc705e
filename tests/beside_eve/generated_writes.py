"""Random requests that change devices, or try to: documents, lists, forms, overridden methods, malformed bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from devices import CHOICES, WHOLE, device_id
from exchange import ETAG, JSON, Request
from generated_reads import ACCEPTS
from hypothesis import strategies as st

FORM = "application/x-www-form-urlencoded"
LIST = "/1/devices"
_FIELDS: Mapping[str, list[Any]] = {
    "max_capacity": [1, 2.5, "3.5", "much", [1], -1, 1e300, "", " 5 ", True, {"a": 1}],
    "availability": ["yes", "no", "", "maybe", 1, ["yes"], ["yes", "x"], None],
    "device_name": ["", "new", 5, ["a"], None, "é ✓", "<&>'\"", " x "],
    "device_class": ["dhwDevice", "toaster", "", None],
    "account_id": [CHOICES["account_id"][1], "short", "x" * 36, 5],
    "aggregator_id": ["ab", "abc", "a" * 257, None],
    "vpp_id": ["v", "", 5],
    "status": [{"mode": "3"}, {"mode": "9"}, {"setPoint": 20.5}, {"colour": 1}, "on", {}, [], {"setPoint": "21"},
               {"mode": "1", "setPoint": "x", "colour": 1}, {"mode": 1}, None],
    "status.mode": ["1", "7"],
    "status.setPoint": [5, "5.5"],
    "location": [{"type": "Point", "coordinates": [1.0, 2.0]}, {"type": "Point", "coordinates": [1, 2]}, "here",
                 {"type": "Point"}, {"type": "Line", "coordinates": [1, 2]}, {"type": "Point", "coordinates": [1]},
                 {"type": "Point", "coordinates": ["1", 2]}, [1, 2]],
    "colour": ["red"],
    "_id": ["5f5f5f5f5f5f5f5f5f5f5f5f"],
    "_etag": ["x"],
    "_created": ["2020-01-01T00:00:00.000000Z"],
    "_links": [{}],
    "device_id": [device_id(0), device_id(9), "short", 5],
}  # fmt: skip
_CHANGES = st.lists(st.sampled_from(sorted(_FIELDS)), max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: st.sampled_from(_FIELDS[name]) for name in names})
)
_GOOD = st.sampled_from(
    [{"max_capacity": 1}, {"max_capacity": "2.5"}, {"device_name": "new"}, {"status": {"mode": "3"}}, {"vpp_id": "v"},
     {"status.mode": "4"}, {"availability": "no", "dr_availability": "yes"}, {"device_name": "new", "colour": "red"},
     {"location": {"type": "Point", "coordinates": [1.5, 2.5]}}, {"status": {"operationState": "1"}}]
)  # fmt: skip
CHANGES = st.one_of(_GOOD, _CHANGES)
_MATCHES = st.sampled_from(
    [{"If-Match": f'"{ETAG}"'}] * 5
    + [{"If-Match": each} for each in (ETAG, f'W/"{ETAG}"', '"old"', "*", '"*"', f'"old", "{ETAG}"', "", f'"{ETAG}')]
    + [{}, {"If-None-Match": f'"{ETAG}"', "If-Match": f'"{ETAG}"'}]
)
_PATHS = st.sampled_from([0, 0, 1, 7]).map(lambda number: f"{LIST}/{device_id(number)}")


def _encoded(method: str, path: str, body: Any, headers: Mapping[str, str]) -> Request:
    return Request(method, path, headers={**headers, **JSON}, body=json.dumps(body).encode())


_PATCHES = st.builds(lambda path, changes, match: _encoded("PATCH", path, changes, match), _PATHS, CHANGES, _MATCHES)
_PUTS = st.builds(
    lambda path, changes, match: _encoded("PUT", path, {**WHOLE, "device_id": path[-36:], **changes}, match),
    _PATHS,
    CHANGES,
    _MATCHES,
)
_UPSERTS = st.builds(
    lambda changes, slash: _encoded("PUT", f"{LIST}/{device_id(7)}{slash}", {**WHOLE, **changes}, {}),
    CHANGES,
    st.sampled_from(["", "/"]),
)
_DELETES = st.builds(lambda path, match: Request("DELETE", path, headers=match), _PATHS, _MATCHES)
NEW = st.builds(
    lambda number, changes: {**WHOLE, "device_id": device_id(number), **changes},
    st.sampled_from([1, 8, 9, 10, 11]),
    st.one_of(st.just({}), _GOOD, CHANGES),
)
_PARTIAL = st.builds(
    lambda document, name: {k: v for k, v in document.items() if k != name}, NEW, st.sampled_from([*WHOLE])
)
_POSTS = st.one_of(
    NEW, _PARTIAL, st.lists(NEW, max_size=3), st.lists(st.one_of(NEW, _PARTIAL), min_size=2, max_size=3), st.just({})
).map(lambda body: _encoded("POST", LIST, body, {}))
DOCUMENTS = st.one_of(_PATCHES, _PATCHES, _PUTS, _UPSERTS, _DELETES, _POSTS, _POSTS)
SHOWN = st.builds(
    lambda request, accept: Request(
        request.method, request.path, request.query, {**request.headers, "Accept": accept}, request.body
    ),
    DOCUMENTS,
    ACCEPTS,
)


def _form(method: str, path: str, pairs: list[tuple[str, str]], match: Mapping[str, str], boundary: str) -> Request:
    if not boundary:
        return Request(method, path, headers={**match, "Content-Type": FORM}, body=urlencode(pairs).encode())
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs
    )
    headers = {**match, "Content-Type": f"multipart/form-data; boundary={boundary}"}
    return Request(method, path, headers=headers, body=f"{parts}--{boundary}--\r\n".encode())


_FORM_VALUES: Mapping[str, list[str]] = {
    "max_capacity": ["1", "2.5", "much", "", "-1", "1e3", "true"],
    "availability": ["yes", "no", "", "maybe"],
    "device_name": ["new", "12", "", "a b", "é", "true", "null", '"x"', "[1]"],
    "vpp_id": ["v", "12", "1.0"],
    "status": ['{"mode": "1"}', '{"mode": "9"}', '{"mode"', "on", "{}"],
    "status.mode": ["1", "7"],
    "location": ['{"type": "Point", "coordinates": [1.0, 2.0]}', "[1, 2]", "here"],
    "colour": ["red"],
}
_FORM_PAIRS = st.lists(st.sampled_from(sorted(_FORM_VALUES)), min_size=0, max_size=3).flatmap(
    lambda names: st.tuples(*(st.tuples(st.just(name), st.sampled_from(_FORM_VALUES[name])) for name in names)).map(
        list
    )
)
_NEW = {"device_id": device_id(8), **WHOLE}
_BOUNDARIES = st.sampled_from(["", "", "x", "----b"])
FORMS = st.one_of(
    st.builds(lambda *parts: _form("PATCH", f"{LIST}/{device_id(0)}", *parts), _FORM_PAIRS, _MATCHES, _BOUNDARIES),
    st.builds(
        lambda pairs, boundary: _form("POST", LIST, [*({**_NEW, **dict(pairs)}).items(), *pairs[1:]], {}, boundary),
        _FORM_PAIRS,
        _BOUNDARIES,
    ),
    st.builds(
        lambda pairs, *rest: _form("PUT", f"{LIST}/{device_id(0)}", [*WHOLE.items(), *pairs], *rest),
        _FORM_PAIRS,
        _MATCHES,
        _BOUNDARIES,
    ),
)
_OVERRIDES = st.sampled_from(
    ["GET", "PUT", "PATCH", "DELETE", "POST", "patch", "HEAD", "OPTIONS", "FOO", "", " PATCH "]
)
OVERRIDDEN = st.builds(
    lambda method, path, override, match, body: Request(
        method, path, headers={**JSON, **match, "X-HTTP-Method-Override": override}, body=json.dumps(body).encode()
    ),
    st.sampled_from(["POST", "POST", "POST", "GET", "PATCH", "PUT", "HEAD"]),
    st.one_of(_PATHS, st.sampled_from([LIST, f"{LIST}/", "/1"])),
    _OVERRIDES,
    _MATCHES,
    st.one_of(_GOOD, st.just({**WHOLE, "device_id": device_id(0)})),
)
_BODIES = [
    b"{", b"", b"[", b"\xff", b"null", b"5", b"true", b'"text"', b"[[]]", b"[null]", b"[5]", b"[]", b"{}", b'["a"]',
    b'{"max_capacity": NaN}', b'{"max_capacity": 1e999}', b'{"a": 1, "a": 2}', b'{"device_name": "\\u0000"}', b"{}x",
    b'{"device_name": "\\ud800"}', b'\xef\xbb\xbf{"device_name": "bom"}', b"device_name=x", b"[" * 200, b" { } ",
    b"{'device_name': 'x'}", json.dumps({"device_name": "utf16"}).encode("utf-16"), b'{"device_name": "x",}',
]  # fmt: skip
_TYPES = [
    "application/json", "application/json", "application/json; charset=utf-8", "Application/JSON", "text/plain", "",
    "application/xml", FORM, "multipart/form-data", "multipart/form-data; boundary=x", "application/ld+json", None,
    "application/json;", "text/json", "json",
]  # fmt: skip
MALFORMED = st.builds(
    lambda target, body, kind: Request(
        target[0], target[1], body=body, headers={"Content-Type": kind, "If-Match": f'"{ETAG}"'}
    ),
    st.sampled_from([("POST", LIST), ("PATCH", f"{LIST}/{device_id(0)}"), ("PUT", f"{LIST}/{device_id(0)}")]),
    st.sampled_from([*_BODIES, json.dumps({**WHOLE, "device_id": device_id(8)}).encode()]),
    st.sampled_from(_TYPES),
)
