"""Devices in the JSON that clients of the Eve registry know: links, meta and the marks of each document."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from registry.devices.criteria import Listing
from registry.devices.device import Device
from registry.devices.reading import Page
from registry.http.listing_parameters import DEFAULT_SIZE, Projection, read_page

RESOURCE = "devices"
ALWAYS = ("device_id", "_updated", "_created")
_HOME = {"title": "home", "href": "/"}
_TITLES = {"next": "next page", "last": "last page", "prev": "previous page"}


def home_document() -> dict[str, Any]:
    """Return what the API's root says."""
    return {"_links": {"child": [{"href": RESOURCE, "title": RESOURCE}]}}


def item_document(device: Device, projection: Projection, arguments: MultiDict[str, str]) -> dict[str, Any]:
    """Return one device with the links of an item.

    Args:
        arguments: the parameters of the request. The links repeat them, so that they lead back to the page of the list
            that a client came from.
    """
    number, size = read_page(arguments)
    collection = {"title": RESOURCE, "href": _href(arguments, size, number)}
    links = {"self": _self(device), "parent": _HOME, "collection": collection, **_previous(arguments, size, number)}
    return {**_marked(device, projection), "_links": links}


def list_document(
    page: Page, listing: Listing, projection: Projection, arguments: MultiDict[str, str]
) -> dict[str, Any]:
    """Return a page of devices with its links and `_meta`.

    Args:
        arguments: the parameters of the request, which the links repeat.
    """
    return {
        "_items": [{**_marked(device, projection), "_links": {"self": _self(device)}} for device in page.devices],
        "_links": _page_links(page, listing, arguments),
        "_meta": {"page": listing.page, "max_results": listing.size, "total": page.total},
    }


def neighbours(page: Page, listing: Listing) -> dict[str, int]:
    """Return the numbers of the next, last and previous pages, as far as there are such."""
    last = _pages(page.total, listing.size)
    after = {"next": listing.page + 1, "last": last} if listing.page < last else {}
    return {**after, "prev": listing.page - 1} if listing.page > 1 else after


def write_document(device: Device) -> dict[str, Any]:
    """Return what is said of a device that was just written: its marks, not its fields."""
    marks = {name: device.document[name] for name in ALWAYS}
    return {**marks, "_etag": device.etag, "_links": {"self": _self(device)}, "_status": "OK"}


def _marked(device: Device, projection: Projection) -> dict[str, Any]:
    return {**projection.apply(device.document, ALWAYS), "_etag": device.etag, "_id": device.record_id}


def _self(device: Device) -> dict[str, str]:
    return {"title": RESOURCE, "href": f"{RESOURCE}/{device.document['device_id']}"}


def _page_links(page: Page, listing: Listing, arguments: MultiDict[str, str]) -> dict[str, dict[str, str]]:
    links = {"parent": _HOME, "self": {"title": RESOURCE, "href": RESOURCE}}
    if page.total:
        links["self"] = {"title": RESOURCE, "href": _href(arguments, listing.size, listing.page)}
    for name, number in neighbours(page, listing).items():
        links[name] = {"title": _TITLES[name], "href": _href(arguments, listing.size, number)}
    return links


def _previous(arguments: MultiDict[str, str], size: int, page: int) -> dict[str, dict[str, str]]:
    if page <= 1:
        return {}
    return {"prev": {"title": _TITLES["prev"], "href": _href(arguments, size, page - 1)}}


def _pages(total: int, size: int) -> int:
    return -(-total // size)


def _href(arguments: MultiDict[str, str], size: int, page: int) -> str:
    known = {
        "max_results": "" if size == DEFAULT_SIZE else str(size),
        "where": arguments.get("where", ""),
        "sort": arguments.get("sort", ""),
        "version": arguments.get("version", ""),
        "page": "" if page == 1 else str(page),
    }
    pairs = [(name, value) for name, value in known.items() if value]
    pairs += [(name, value) for name, value in arguments.items(multi=True) if name not in (*known, *_DROPPED)]
    query = "&".join(f"{name}={value}" for name, value in pairs)
    return f"{RESOURCE}?{query}" if query else RESOURCE


_DROPPED = ("projection", "embedded")
"""Parameters that links don't repeat."""
