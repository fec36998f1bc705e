"""Random requests that change nothing: listings, devices, media types, methods, tokens, and what goes wrong there."""

from __future__ import annotations

import json

from devices import device_id
from exchange import ETAG, JSON, TOKEN, Request
from generated_parameters import (
    BAD_FILTERS,
    BAD_PROJECTIONS,
    BAD_SORTS,
    ODD_PARAMETERS,
    ODD_SIZES,
    PAGES,
    PROJECTIONS,
    REPAIRED_FILTERS,
    REPAIRED_PYTHON,
    SIZES,
    SORTS,
    WHERE,
    some_of,
)
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

HOW_MANY = 40
LIST = "/1/devices"
LONG_AGO, LATER = "Wed, 01 Jan 2020 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
FIRST, ABSENT = f"{LIST}/{device_id(1)}", f"{LIST}/{device_id(HOW_MANY + 1)}"
LISTINGS = some_of(where=WHERE, sort=SORTS, page=PAGES, max_results=SIZES, projection=PROJECTIONS).map(
    lambda query: Request(query=query)
)
ODD_LISTINGS = st.one_of(
    ODD_PARAMETERS.map(lambda query: Request(query=query)),
    ODD_PARAMETERS.map(lambda query: Request(path=FIRST, query=query)),
    some_of(page=PAGES, max_results=SIZES, x=st.just("1")).map(lambda query: Request(path=FIRST, query=query)),
    ODD_SIZES.map(lambda text: Request(query=[("max_results", text)])),
    BAD_FILTERS.map(lambda where: Request(query=[("where", where)])),
    BAD_PROJECTIONS.map(lambda text: Request(query=[("projection", text)])),
    BAD_PROJECTIONS.map(lambda text: Request(path=FIRST, query=[("projection", text)])),
    BAD_SORTS.map(lambda text: Request(query=[("sort", text)])),
    REPAIRED_FILTERS.map(lambda where: Request(query=[("where", json.dumps(where))])),
    REPAIRED_PYTHON.map(lambda where: Request(query=[("where", where)])),
)
_PATHS = st.integers(0, HOW_MANY + 1).map(lambda number: f"{LIST}/{device_id(number)}")
_TAGS = st.sampled_from(
    [f'"{ETAG}"', ETAG, f'W/"{ETAG}"', '"other"', "other", f'"other", "{ETAG}"', f'"{ETAG}x"', "*", '"*"', "", '""',
     f'"{ETAG}', f"W/{ETAG}"]
)  # fmt: skip
_SINCE = st.sampled_from([LONG_AGO, LATER, "nonsense", "", "2100-01-01", "Fri, 01 Jan 2100 00:00:00 +0000", "0"])
_CONDITIONS = st.fixed_dictionaries(
    {}, optional={"If-None-Match": _TAGS, "If-Modified-Since": _SINCE, "If-Match": _TAGS}
)
CONDITIONAL = st.builds(
    Request,
    st.sampled_from(["GET", "GET", "HEAD"]),
    st.one_of(_PATHS, _PATHS, _PATHS, st.just(LIST)),
    some_of(projection=PROJECTIONS),
    _CONDITIONS,
)
_QUALITIES = st.sampled_from(["", "", ";q=1", ";q=0.9", ";q=0.5", ";q=0.1", ";q=0", "; q=0.3", ";charset=utf-8"])
_RANGES = st.sampled_from(
    ["application/json", "application/xml", "text/xml", "application/x-xml", "*/*", "application/*", "text/*",
     "text/html", "image/png", "text/plain"]
)  # fmt: skip
_BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ACCEPTS: SearchStrategy[str] = st.one_of(
    st.lists(st.tuples(_RANGES, _QUALITIES).map("".join), min_size=1, max_size=3, unique=True).map(", ".join),
    st.sampled_from(["application/xml", "text/xml", "application/x-xml", "", "nonsense", _BROWSER, "APPLICATION/XML"]),
)
MEDIA = st.builds(
    lambda request, accept: Request(
        request.method, request.path, request.query, {**request.headers, "Accept": accept}, request.body
    ),
    st.one_of(
        LISTINGS,
        _PATHS.map(lambda path: Request(path=path)),
        st.sampled_from(
            [Request(path="/1"), Request(path="/1/nothing"), Request("DELETE"), Request(query="where={"),
             Request("HEAD"), Request(path=LIST, query='where={"vpp_id":"none"}'), Request("OPTIONS")]
        ),
    ),
    ACCEPTS,
)  # fmt: skip
_EVERY_PATH = st.sampled_from(
    ["/", "/1", "/1/", "/1//", LIST, f"{LIST}/", f"{LIST}//", FIRST, f"{FIRST}/", f"{FIRST}/status", ABSENT,
     "/1/nothing", "/2/devices", "/devices", f"{LIST}/nothing", "/1/devices%2F", "/1/%64evices",
     FIRST.replace("-", "%2D"), FIRST.upper().replace("DEVICES", "devices"), "/1/Devices",
     f"{LIST}/..", "/1/./devices", f"{FIRST}%00",
     f"{LIST}/%C3%A9", f"{LIST}/{'a' * 36}", f"{LIST}/{'-' * 36}", "/1/schema", "/1/devices/schema", "/1?x=1"]
)  # fmt: skip
METHODS = st.builds(
    lambda method, path: Request(
        method, path, headers=JSON, body=b"{}" if method in ("POST", "PUT", "PATCH") else None
    ),
    st.sampled_from(["GET", "HEAD", "OPTIONS", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"]),
    _EVERY_PATH,
)
_AUTHORIZATIONS = st.sampled_from(
    [f"Bearer {TOKEN}", f"Token {TOKEN}", TOKEN, f"bearer {TOKEN}", f"token {TOKEN}", f"TOKEN {TOKEN}", f" {TOKEN} ",
     f"Bearer  {TOKEN}", f"Bearer {TOKEN} x", f"Bearer\t{TOKEN}", None, "", "Bearer", "Token", "Bearer ", "nonsense",
     "Bearer nonsense", "Token nonsense", "Basic dXNlcjpwYXNz", f"Basic {TOKEN}", f"Digest {TOKEN}", f"x {TOKEN}",
     f'Token token="{TOKEN}"', f"Bearer {TOKEN}x", f"Bearer,{TOKEN}", f"{TOKEN},x"]
)  # fmt: skip
TOKENS = st.builds(
    lambda method, path, value: Request(method, path, headers={"Authorization": value}),
    st.sampled_from(["GET", "GET", "HEAD", "DELETE", "OPTIONS"]),
    st.sampled_from(["/1", LIST, FIRST, ABSENT, "/1/nothing"]),
    _AUTHORIZATIONS,
)
