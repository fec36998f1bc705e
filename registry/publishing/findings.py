"""What the check of a candidate found, as JSON for who publishes it: errors first, and not more than can be read."""

from __future__ import annotations

from typing import Any

from registry.model_check import Finding, Report, Severity

MOST_FINDINGS = 50
"""Findings that an answer lists; their number is said in any case."""
LONGEST_MESSAGE = 500
"""Characters of a message, which may repeat a text of the candidate."""

_ORDER = tuple(Severity)


def findings_document(report: Report) -> dict[str, Any]:
    """Return the numbers of errors and of warnings, and the first findings."""
    ordered = sorted(report, key=lambda finding: _ORDER.index(finding.severity))
    return {
        "errors": report.count(Severity.ERROR),
        "warnings": report.count(Severity.WARNING),
        "findings": [_document(finding) for finding in ordered[:MOST_FINDINGS]],
        "findings_not_listed": max(0, len(ordered) - MOST_FINDINGS),
    }


def _document(finding: Finding) -> dict[str, Any]:
    message = finding.message
    return {
        "severity": finding.severity,
        "rule": finding.kind,
        "message": message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…",
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
    }
