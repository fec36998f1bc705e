"""A query text that is not run, and why: what the scanner raises. Knows nothing of how texts are read."""

from __future__ import annotations

from enum import StrEnum


class RefusalCode(StrEnum):
    """Why a text is refused, in the form in which a problem document says so."""

    SERVICE = "service-refused"
    UPDATE = "update-refused"
    DEEP = "too-deep"
    PATTERNS = "too-many-patterns"
    COMPLEX = "too-complex"
    LONG = "text-too-long"
    AMBIGUOUS = "ambiguous-text"


class QueryRefused(Exception):
    """A text that is not given to the engine.

    Args:
        message: one sentence or two for whoever asked: what is wrong, and what would be right.
        code: the kind of refusal.
        line: where the reason stands, counted from 1.
        column: likewise, in characters, counted from 1.
    """

    def __init__(self, message: str, code: RefusalCode, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.line = line
        self.column = column

    @classmethod
    def at(cls, text: str, position: int, code: RefusalCode, message: str) -> QueryRefused:
        """Make the refusal of `text` for what stands at the index `position`."""
        return cls(message, code, *line_and_column(text, position))


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Return the line and the column of an index into `text`, both from 1; lines end with a line feed."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
