"""Where a worker puts a result: in memory while it is small, then in a file, and nowhere once it is too large."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from sparql.query_engine import Limits, ResultTooLarge

INLINE = 256 * 1024
"""Bytes that go back to the server in a message."""

_ROW_MARKS: dict[str, tuple[tuple[bytes, ...], int]] = {
    "application/sparql-results+json": ((b'}},{"', b'{},{"', b",{}"), 1),
    "application/sparql-results+xml": ((b"<result>",), 0),
    "text/csv": ((b"\r\n",), -1),
    "text/tab-separated-values": ((b"\n",), -1),
}
"""Media type -> what stands between two rows or in each, and what to add for their number.

The engine serialises solutions in one go and doesn't count them. A row of JSON without any binding is `{}`. A literal
that happens to hold a mark counts as a row more, so a limit can be met a little early, never late.
"""
_LONGEST_MARK = 8
_NO_ROWS = b"[]}}"
"""How a JSON result without rows ends."""


class Output(io.RawIOBase):
    """Takes a serialised result in pieces and holds it to its limits.

    Args:
        file: where to write when it grows beyond `INLINE`.
        limits: the most rows and bytes.
    """

    def __init__(self, file: Path, limits: Limits) -> None:
        super().__init__()
        self.rows = 0
        self.size = 0
        self._path = file
        self._limits = limits
        self._marks: tuple[bytes, ...] = ()
        self._tail = b""
        self._memory: io.BytesIO | None = io.BytesIO()
        self._file: BinaryIO | None = None

    def begin(self, media_type: str) -> None:
        """Note how the result is serialised, before it is."""
        self._marks, self.rows = _ROW_MARKS.get(media_type, ((), 0))

    def writable(self) -> bool:
        """Tell that it can be written."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # engines write bytes
        """Take a piece.

        Raises:
            ResultTooLarge: the result has more rows or bytes than allowed.
        """
        self.size += len(data)
        if self.size > self._limits.size:
            raise ResultTooLarge(f"the result has more than {self._limits.size} bytes")
        self._count(data)
        if self._memory is not None and self.size > INLINE:
            self._file = self._path.open("wb")
            self._file.write(self._memory.getvalue())
            self._memory = None
        (self._memory or self._file).write(data)  # type: ignore[union-attr]  # one of them is there
        return len(data)

    def count_triple(self) -> None:
        """Note that a triple follows.

        Raises:
            ResultTooLarge: it is one too many.
        """
        self.rows += 1
        if self.rows > self._limits.rows:
            raise ResultTooLarge(f"the result has more than {self._limits.rows} triples")

    def finish(self) -> bytes | None:
        """Return the whole result if it is still in memory; else None, and the file is complete."""
        if self._marks and self._tail.endswith(_NO_ROWS):
            self.rows = 0
        if self._memory is not None:
            return self._memory.getvalue()
        if self._file is not None:
            self._file.close()
        return None

    def discard(self) -> None:
        """Remove the file of a result that will not be sent."""
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)

    def _count(self, data: bytes) -> None:
        if not self._marks:
            return
        for mark in self._marks:
            overlap = len(mark) - 1
            edge = self._tail[-overlap:] + data[:overlap] if overlap else b""
            self.rows += data.count(mark) + edge.count(mark)
        self._tail = (self._tail + data[-_LONGEST_MARK:])[-_LONGEST_MARK:]
        if self.rows > self._limits.rows:
            raise ResultTooLarge(f"the result has more than {self._limits.rows} rows")
