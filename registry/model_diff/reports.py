"""A diff as text for a terminal, as JSON for programs, and as Markdown for a changelog. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from registry.model_diff.change import Change, Impact, Sort
from registry.model_diff.comparison import ModelDiff
from registry.model_diff.versions import VersionStep

_TITLES = {
    Impact.BREAKING: "breaking",
    Impact.COMPATIBLE: "compatible",
    Impact.NONE: "without effect on clients",
}


def to_text(diff: ModelDiff) -> str:
    """Return the changes, breaking ones first, then the versions; reasons where a client may notice."""
    lines = []
    for impact, changes in _by_impact(diff):
        lines += [f"{_TITLES[impact]}:", *(line for change in changes for line in _lines(change)), ""]
    lines.append(summary(diff))
    lines += [line for step in diff.versions for line in _version_lines(step)]
    return "\n".join(lines)


def to_json(diff: ModelDiff) -> str:
    """Return everything as one JSON object."""
    return json.dumps(to_document(diff), ensure_ascii=False, indent=2)


def to_markdown(diff: ModelDiff) -> str:
    """Return a section for a changelog: what happened, and what it does to whom."""
    main = diff.versions[0]
    lines = [f"## {main.new or 'Unversioned'}", ""]
    for sort in (Sort.ADDED, Sort.CHANGED, Sort.RENAMED, Sort.DEPRECATED, Sort.REMOVED):
        changes = [change for change in diff.changes if change.sort is sort]
        if changes:
            lines += [f"### {sort.capitalize()}", "", *map(_item, changes), ""]
    if not diff.changes:
        lines += ["No changes.", ""]
    lines += [f"- {_owner(step)} {finding}." for step in diff.versions for finding in step.findings]
    return "\n".join(lines).rstrip()


REPORTS: Mapping[str, Callable[[ModelDiff], str]] = {"text": to_text, "json": to_json, "markdown": to_markdown}
"""Format -> what writes it."""


def to_document(diff: ModelDiff) -> dict[str, Any]:
    """Return a diff as JSON values."""
    return {
        "impact": diff.impact,
        "admitted": diff.is_admitted,
        "versions": [_version_document(step) for step in diff.versions],
        "changes": [_change_document(change) for change in diff.changes],
    }


def summary(diff: ModelDiff) -> str:
    """Return how many changes there are, in a line."""
    if not diff.changes:
        return "no changes"
    counts = [f"{len(changes)} {_TITLES[impact]}" for impact, changes in _by_impact(diff)]
    return f"{len(diff.changes)} {'change' if len(diff.changes) == 1 else 'changes'}: {', '.join(counts)}"


def _by_impact(diff: ModelDiff) -> Iterator[tuple[Impact, list[Change]]]:
    for impact in Impact:
        changes = [change for change in diff.changes if change.impact is impact]
        if changes:
            yield impact, changes


def _lines(change: Change) -> Iterator[str]:
    yield f"  {change.what}"
    for audience, verdict in (("JSON", change.json), ("SPARQL", change.sparql)):
        if verdict.impact is change.impact and verdict.impact is not Impact.NONE:
            yield f"      {audience}: {verdict.reason}"


def _version_lines(step: VersionStep) -> Iterator[str]:
    if step.old and step.new:
        asked = (
            f" (asked for: {step.asked} or later)" if step.is_admitted and step.asked not in (None, step.old) else ""
        )
        yield f"{_owner(step)}: {step.old} -> {step.new}{asked}"
    yield from (f"{_owner(step)} {finding}" for finding in step.findings)


def _owner(step: VersionStep) -> str:
    return f"<{step.ontology}>" if step.ontology else "the model:"


def _item(change: Change) -> str:
    broken = [
        audience
        for audience, verdict in (("JSON clients", change.json), ("SPARQL users", change.sparql))
        if verdict.impact is Impact.BREAKING
    ]
    mark = f" (**breaking** for {' and '.join(broken)})" if broken else ""
    return f"- {change.what[0].upper()}{change.what[1:]}{mark}."


def _version_document(step: VersionStep) -> dict[str, Any]:
    return {
        "ontology": step.ontology or None,
        "old": step.old,
        "new": step.new,
        "asked": step.asked,
        "impact": step.impact,
        "admitted": step.is_admitted,
        "findings": list(step.findings),
    }


def _change_document(change: Change) -> dict[str, Any]:
    verdicts = {"json": change.json, "sparql": change.sparql}
    return {
        "kind": change.kind,
        "sort": change.sort,
        "subject": change.subject,
        "name": change.name,
        "predicate": change.predicate,
        "old": change.old,
        "new": change.new,
        "what": change.what,
        **{key: {"impact": verdict.impact, "reason": verdict.reason} for key, verdict in verdicts.items()},
    }
