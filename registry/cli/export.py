"""`der-registry export`: all devices on standard output, in the order of their creation, as a service sees them.

Devices are read and written in blocks, so that memory stays flat.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from registry.cli import with_settings
from registry.cli.storage import caught_up, model_in_force, opened_store

if TYPE_CHECKING:
    from registry.devices.device import Device
    from registry.profile import Profile
    from registry.settings import Settings
    from sparql.graph_store import GraphStore

BLOCK = 500
"""Devices that are read at a time."""


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "csv", "turtle", "nquads"]),
    default="ndjson",
    show_default=True,
    help="ndjson, csv and turtle are what import takes; nquads are the triples with all their graphs.",
)
@with_settings
def export(settings: Settings, form: str) -> None:
    """Write all devices to standard output, in the order of their creation.

    What is written can be imported again and is then the same, times included. The registry must not be running on
    the store. A reader that stops early, as `head` does, ends the run without a complaint.
    """
    with opened_store(settings) as store, caught_up(store, settings):
        profile, _ = model_in_force(store, settings)
        head, write = WRITERS[form](profile)
        try:
            sys.stdout.buffer.write(head.encode())
            for device in _devices(store, profile):
                sys.stdout.buffer.write(write(device).encode())
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # What is still buffered would be written at exit and fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _devices(store: GraphStore, profile: Profile) -> Iterator[Device]:
    from registry.devices.enumeration import device_blocks  # noqa: PLC0415
    from registry.devices.reading import TRUTH, DeviceReader  # noqa: PLC0415

    reader = DeviceReader(store, profile)
    for rows in device_blocks(store, BLOCK):
        yield from reader.read(TRUTH, [device for device, _ in rows])


def _ndjson(_profile: Profile) -> tuple[str, Callable[[Device], str]]:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return "", lambda device: f"{encode(device.document)}\n"


def _csv(profile: Profile) -> tuple[str, Callable[[Device], str]]:
    from registry.intake.csv_columns import columns, to_cells  # noqa: PLC0415

    shown = columns(profile)
    return _record([column.name for column in shown]), lambda device: _record(to_cells(shown, device.document))


def _turtle(profile: Profile) -> tuple[str, Callable[[Device], str]]:
    from sparql.turtle_writing import turtle_prefixes, turtle_subjects  # noqa: PLC0415

    prefixes = profile.prefixes
    return turtle_prefixes(prefixes), lambda device: turtle_subjects(device.triples, prefixes)


def _nquads(profile: Profile) -> tuple[str, Callable[[Device], str]]:
    from registry.access import placement  # noqa: PLC0415
    from sparql.nquads import to_nquads  # noqa: PLC0415

    def write(device: Device) -> str:
        lines = to_nquads(placement(profile, device.triples)).splitlines(keepends=True)
        return b"".join(sorted(lines)).decode()

    return "", write


WRITERS: dict[str, Callable[[Profile], tuple[str, Callable[[Device], str]]]] = {
    "ndjson": _ndjson,
    "csv": _csv,
    "turtle": _turtle,
    "nquads": _nquads,
}
"""Format -> what stands at the head, and what writes a device."""


def _record(cells: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerow(cells)
    return stream.getvalue()
