"""Entity tags of listings: over everything that an answer depends on, without writing the answer."""

from __future__ import annotations

import hashlib
import json

from werkzeug.datastructures import MultiDict

from registry.devices.criteria import Listing
from registry.devices.reading import Page


def list_tag(page: Page, listing: Listing, arguments: MultiDict[str, str], media_type: str, model: str) -> str:
    """Return the strong entity tag of a page (RFC 9110, section 8.8.3), 40 hexadecimal digits.

    Args:
        page: what is answered; the devices' own tags stand for what the caller sees of them.
        listing: its number and size.
        arguments: the parameters of the request: the links repeat them, and the projection shortens the items.
        media_type: of the answer.
        model: the name of the model in force: by another one the same devices are written otherwise.
    """
    devices = [(device.record_id, device.etag, device.document["_updated"]) for device in page.devices]
    parts = [media_type, model, listing.page, listing.size, page.total, list(arguments.items(multi=True)), devices]
    return hashlib.sha1(json.dumps(parts).encode(), usedforsecurity=False).hexdigest()
