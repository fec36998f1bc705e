"""What is told of rejected documents: lines for people, and a file for their repair.

Beside `<file>` stands `<file>.rejects.ndjson`, one object a line: {"line", "issues", "document"}, or "text" in the
place of "document" when it could not be read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from registry.intake.records import WHOLE, Form, Record, Unreadable
from registry.profile import Profile


def lines_of(path: Path, line: int, issues: Mapping[str, Any]) -> Iterator[str]:
    """Yield `file:line: field: reason`, one for each issue of a document."""
    for name, words in _flat(issues):
        place = "" if name == WHOLE else f"{name}: "
        yield _printable(f"{path}:{line}: {place}{words}")


class RejectsFile:
    """The rejected documents of one file; made with the first of them, and removed when a run has none.

    Args:
        path: the file that is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f"{path.name}.rejects.ndjson")
        self._stream: IO[str] | None = None

    def add(self, profile: Profile, form: Form, record: Record, issues: Mapping[str, Any]) -> None:
        """Write one.

        Raises:
            OSError: the file can't be written.
        """
        if self._stream is None:
            self._stream = self.path.open("w", encoding="utf-8", newline="\n")
        if isinstance(record.content, Unreadable):
            shown: dict[str, Any] = {"text": record.content.text}
        else:
            shown = form.shown(profile, record.content)
        entry = {"line": record.line, "issues": issues, **shown}
        self._stream.write(json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n")

    def close(self, *, complete: bool) -> None:
        """End the file; after a complete run without rejects that of an earlier one is removed."""
        if self._stream is not None:
            self._stream.close()
        elif complete:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)


def _flat(issues: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, words in issues.items():
        if isinstance(words, Mapping):
            yield from _flat(words, f"{prefix}{name}.")
        else:
            several = words if isinstance(words, list) else [words]
            yield f"{prefix}{name}", "; ".join(str(each).rstrip(".") for each in several)


def _printable(text: str) -> str:
    """Return `text` without what could act on a terminal."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape", "backslashreplace").decode() for each in text
    )
