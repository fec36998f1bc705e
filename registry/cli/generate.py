"""`der-registry generate`: believable devices as NDJSON on standard output, to load a registry with.

The data is `demo.households`'; this is its door on the command line and knows no more than how to write lines.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import IO, Any

import click

PROGRESS_EVERY = 0.2
"""Seconds between two lines of progress."""


@click.command()
@click.option(
    "--devices",
    "count",
    default=1000,
    show_default=True,
    type=click.IntRange(min=0),
    metavar="N",
    help="How many devices.",
)
@click.option(
    "--aggregators",
    default=2,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="M",
    help="How many aggregators hold them: coop-001.example, coop-002.example, …",
)
@click.option(
    "--seed", default=1, show_default=True, type=int, metavar="S", help="The same seed gives the same devices."
)
def generate(count: int, aggregators: int, seed: int) -> None:
    """Write N generated devices to standard output, one JSON document a line.

    About three devices a household, in believable classes, capacities and places. A reader that stops early, as
    `head` does, ends the run without a complaint.
    """
    from demo.households import devices  # noqa: PLC0415 - the demo is loaded only by the commands that need it

    documents = _with_progress(devices(count, aggregators, seed), count, sys.stderr)
    try:
        write_lines(documents, sys.stdout.buffer)
    except BrokenPipeError:
        # What is still buffered would be written at exit and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_lines(documents: Iterable[dict[str, Any]], stream: IO[bytes]) -> None:
    """Write documents as NDJSON: compact JSON in UTF-8, one a line, whatever the locale."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    for document in documents:
        stream.write(f"{encode(document)}\n".encode())
    stream.flush()


def _with_progress(documents: Iterable[dict[str, Any]], count: int, terminal: IO[str]) -> Iterator[dict[str, Any]]:
    """Pass documents on and count them on the terminal, if it is one."""
    if not terminal.isatty():
        yield from documents
        return
    shown = time.monotonic()
    for number, document in enumerate(documents, start=1):
        yield document
        if number == count or time.monotonic() - shown > PROGRESS_EVERY:
            shown = time.monotonic()
            terminal.write(f"\r{number:,} of {count:,} devices")
            terminal.flush()
    terminal.write("\n")
