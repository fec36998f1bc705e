"""Puts the sample devices into an empty registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.households import sample_devices
from registry.devices.criteria import Listing
from registry.principal import Principal, Role
from server import EXTENSION, Components

if TYPE_CHECKING:
    from flask import Flask

_LOADER = Principal(role=Role.SERVICE, issuer="urn:demo", subject="demo")


def load(app: Flask) -> int:
    """Add the sample devices unless `app` has devices already; return how many were added."""
    components: Components = app.extensions[EXTENSION]
    if components.reader.page(_LOADER, Listing(size=1)).total:
        return 0
    return len(components.writer.create(_LOADER, sample_devices(), single=False))
