"""What a check of a model finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    """Not about the model: what could not be checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        severity: how much it matters.
        kind: a code that stays the same from version to version: `syntax`, or the name of the rule that is broken.
        message: what is wrong, and what would be right.
        file: in which file, relative to the model's folder, with slashes; None when it is about none in particular.
        line: where in it, from 1; None when that is not known.
        column: likewise, in characters, from 1.
        term: the IRI that it is about, else None.
        excerpt: the line in question with a caret under it, or what an answer should have been; else empty.
    """

    severity: Severity = Severity.ERROR
    kind: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    term: str | None = None
    excerpt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The findings of a check, ordered by file and line.

    Attributes:
        findings: what is wrong.
        checked: what was looked at -> how many: `files`, `rules`, `questions`, `examples`.
    """

    findings: tuple[Finding, ...]
    checked: Mapping[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def count(self, severity: Severity) -> int:
        """Return how many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)
