"""Files as batches of records: which reader takes which ending, and how many records make a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from registry.clock import Clock
from registry.intake.csv_files import CsvForm, csv_header, csv_records
from registry.intake.json_files import JsonForm, json_records, ndjson_records
from registry.intake.records import Batch, FileRefused, Form, Record, Unreadable
from registry.intake.turtle_files import TurtleForm, turtle_records
from registry.profile import Profile

BATCH = 250
"""Records in a batch: enough for validation to be cheap for each, few enough for progress to be seen."""

_Opened: TypeAlias = tuple[Form, Iterator[Record]]


def _csv(path: Path, profile: Profile) -> _Opened:
    header = csv_header(path, profile)
    return CsvForm(header), csv_records(path, len(header))


FORMATS: dict[str, Callable[[Path, Profile], _Opened]] = {
    ".json": lambda path, _: (JsonForm(), json_records(path)),
    ".ndjson": lambda path, _: (JsonForm(), ndjson_records(path)),
    ".jsonl": lambda path, _: (JsonForm(), ndjson_records(path)),
    ".csv": _csv,
    ".ttl": lambda path, _: (TurtleForm(), turtle_records(path)),
}
"""Ending of a file's name -> its form and its records."""


def batches(files: Sequence[Path], profile: Profile, clock: Clock) -> Iterator[Batch]:
    """Yield the records of all `files` in batches; a file that is refused is a single unreadable record.

    Moments are given out in the order of the records, so that the order of creation is that of the files.
    """
    for number, path in enumerate(files):
        form: Form = JsonForm()
        try:
            form, records = FORMATS[path.suffix.lower()](path, profile)
            while batch := tuple(islice(records, BATCH)):
                yield Batch(number, form, batch, tuple(clock.text() for _ in batch))
        except FileRefused as error:
            refused = Record(error.line, Unreadable(error.reason))
            yield Batch(number, form, (refused,), (clock.text(),))
        except OSError as error:
            refused = Record(1, Unreadable(f"can't be read: {error.strerror}"))
            yield Batch(number, form, (refused,), (clock.text(),))
