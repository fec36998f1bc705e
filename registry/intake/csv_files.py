"""CSV files (RFC 4180) in UTF-8: a header of field names, then one document a record."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.intake.csv_columns import Column, columns, from_cells
from registry.intake.records import DROPPED, Draft, FileRefused, Record, Unreadable, draft_document
from registry.profile import Profile
from sparql.terms import Iri


@dataclass(frozen=True, slots=True)
class CsvForm:
    """The cells of a record under a header of column names."""

    header: tuple[str, ...]

    def draft(self, profile: Profile, content: tuple[str, ...], moment: str, spare: Iri) -> Draft:
        """Return what the cells say."""
        document, issues = from_cells(self._columns(profile), content)
        draft = draft_document(profile, document, moment, spare)
        return Draft(draft.iri, draft.triples, {**draft.issues, **issues})

    def shown(self, profile: Profile, content: tuple[str, ...]) -> dict[str, Any]:
        """Return the document that the cells state."""
        return {"document": from_cells(self._columns(profile), content)[0]}

    def _columns(self, profile: Profile) -> list[Column | None]:
        known = {column.name: column for column in columns(profile)}
        return [known.get(name) for name in self.header]


class _Lines:
    """The lines of a file as text, remembered until they are forgotten; bytes that are no UTF-8 become surrogates."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.seen: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        text = next(self._stream).decode("utf-8", "surrogateescape")
        self.seen.append(text)
        return text

    def text(self) -> str:
        """Return what was read since the last call."""
        text = "".join(self.seen)
        self.seen.clear()
        return text


def csv_header(path: Path, profile: Profile) -> tuple[str, ...]:
    """Return the names in the header of a CSV file.

    Raises:
        FileRefused: there is none, or it has a name that no field has, or one twice.
    """
    with path.open("rb") as stream:
        cells, _ = _next(csv.reader(_Lines(stream), strict=True))
    if not isinstance(cells, list):
        raise FileRefused(1, "has no header of field names")
    names = [name.removeprefix("\ufeff").strip() for name in cells]
    known = [*(column.name for column in columns(profile)), *DROPPED]
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
            raise FileRefused(1, f"unknown column {name[:60]!r}; did you mean {close}?")
        if names.count(name) > 1:
            raise FileRefused(1, f"the column {name} stands there twice")
    return tuple(names)


def csv_records(path: Path, width: int) -> Iterator[Record]:
    """Yield the records of a CSV file of `width` columns, reading as it goes; blank lines are passed over."""
    with path.open("rb") as stream:
        lines = _Lines(stream)
        reader = csv.reader(lines, strict=True)
        _next(reader)
        lines.text()
        while True:
            start = reader.line_num + 1
            cells, reason = _next(reader)
            text = lines.text()
            if cells is None and reason is None:
                return
            reason = reason or _wrong(cells or [], width, text)
            if reason is not None:
                shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
                yield Record(start, Unreadable(reason, shown.rstrip("\r\n")))
            elif cells:
                yield Record(start, tuple(cells))


def _next(reader: Any) -> tuple[list[str] | None, str | None]:
    """Return the cells of the next record or what is wrong with it; two times None at the end."""
    try:
        return next(reader, None), None
    except csv.Error as error:
        return None, f"no CSV: {error}"


def _wrong(cells: list[str], width: int, text: str) -> str | None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return "is no UTF-8 text"
    if cells and len(cells) != width:
        return f"has {len(cells)} cells, the header has {width}"
    return None
