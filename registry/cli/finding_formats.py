"""The findings of a check as text for people, as JSON, and as workflow commands of GitHub Actions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.model_check import Finding, Report

_NAMES = {"files": "files", "rules": "rules", "questions": "competency questions", "examples": "examples"}
_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}
"""Severity -> the command's name."""


def as_text(report: Report, folder: Path) -> str:
    """Return the findings grouped by file, and a line that sums up."""
    lines: list[str] = []
    for file, findings in groupby(report, key=lambda finding: finding.file):
        lines.append((folder / file).as_posix() if file else folder.as_posix())
        for finding in findings:
            lines += _lines(finding)
        lines.append("")
    return "\n".join([*lines, _summary(report)])


def as_json(report: Report, folder: Path) -> str:
    """Return one JSON document; files are relative to `folder`."""
    counts = _counts(report)
    return json.dumps(
        {
            "folder": folder.as_posix(),
            "errors": counts["error"],
            "warnings": counts["warning"],
            "checked": dict(report.checked),
            "findings": [asdict(finding) for finding in report],
        },
        ensure_ascii=False,
        indent=2,
    )


def as_github(report: Report, folder: Path) -> str:
    """Return a workflow command for each finding, so that it is shown beside its line, and the summary."""
    return "\n".join([*(_command(finding, folder) for finding in report), _summary(report)])


WRITERS: Mapping[str, Callable[[Report, Path], str]] = {"text": as_text, "json": as_json, "github": as_github}
"""Name -> form."""


def _lines(finding: Finding) -> Iterator[str]:
    place = f"{finding.line}:{finding.column or 1}" if finding.line else "-"
    yield f"  {place:>7}  {finding.severity:<7}  {printable(finding.message)}  [{finding.kind}]"
    yield from (f"{'':20}{printable(line)}" for line in finding.excerpt.splitlines())


def printable(text: str) -> str:
    """Return `text` on one line and without control characters, which a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _summary(report: Report) -> str:
    counts = _counts(report)
    found = ", ".join(f"{_number(counts[name], name)}" for name in ("error", "warning"))
    looked = ", ".join(f"{number:,} {_NAMES[name]}" for name, number in report.checked.items())
    return f"{looked}: {found}"


def _number(count: int, name: str) -> str:
    return f"{count:,} {name}" if count == 1 else f"{count or 'no'} {name}s"


def _counts(report: Report) -> dict[str, int]:
    return {name: sum(finding.severity == name for finding in report) for name in _LEVELS}


def _command(finding: Finding, folder: Path) -> str:
    """Return a workflow command; a note about the whole model has no place."""
    properties = {
        "file": (folder / finding.file).as_posix() if finding.file else "",
        "line": str(finding.line or ""),
        "col": str(finding.column or ""),
        "title": finding.kind,
    }
    shown = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    message = "\n".join(filter(None, [finding.message, finding.excerpt]))
    return f"::{_LEVELS[finding.severity]} {shown}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
