"""The Link header (RFC 8288): where a listing goes on, and the context by which plain JSON is JSON-LD.

Links stand here for every media type; those that Eve's clients know are in the body, as Eve writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from registry.devices.criteria import Listing
from registry.devices.reading import Page
from registry.http.hypermedia import neighbours
from registry.http.json_ld_context import MEDIA_TYPE, PATH
from registry.http.representation import JSON

CONTEXT = f'<{PATH}>; rel="http://www.w3.org/ns/json-ld#context"; type="{MEDIA_TYPE}"'
"""JSON-LD 1.1, section 6.1: how a processor is to read plain JSON."""
LONGEST = 2000
"""Characters of an address; longer ones are left out, as proxies refuse answers with large headers."""


def link_header(media_type: str, others: Iterable[str] = ()) -> dict[str, str]:
    """Return the header of an answer in `media_type` that leads to `others`; no header if it leads nowhere."""
    links = [*([CONTEXT] if media_type == JSON else []), *others]
    return {"Link": ", ".join(links)} if links else {}


def page_links(path: str, page: Page, listing: Listing, arguments: Mapping[str, str]) -> list[str]:
    """Return the links to the first, next, last and previous pages, as far as there are such.

    Args:
        path: of the listing.
        page: what is answered.
        listing: its number and size.
        arguments: the parameters of the request, which the links repeat.
    """
    numbers = {**({"first": 1} if listing.page > 1 else {}), **neighbours(page, listing)}
    links = {name: _address(path, arguments, number) for name, number in numbers.items()}
    return [f'<{address}>; rel="{name}"' for name, address in links.items() if len(address) <= LONGEST]


def version_links(device_id: str, *, past: bool) -> list[str]:
    """Return the links to a device's history, and from an earlier state to the one that is now (RFC 5829)."""
    device = f"/1/devices/{device_id}"
    latest = [f'<{device}>; rel="latest-version"'] if past else []
    return [f'<{device}/history>; rel="version-history"', *latest]


def _address(path: str, arguments: Mapping[str, str], page: int) -> str:
    query = {name: value for name, value in arguments.items() if name != "page"}
    if page > 1:
        query["page"] = str(page)
    return f"{path}?{urlencode(query)}" if query else path
