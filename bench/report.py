"""The report of a run: a Markdown table for people, and JSON with the facts about the machine for comparisons."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.result import Figures, Result
from bench.stand import Options

PACKAGES = ("flexcoop-der-registry", "pyoxigraph", "pyshacl", "rdflib", "joserfc", "flask", "granian")
HEAD = (
    "bench",
    "count",
    "median ms",
    "p95 ms",
    "p99 ms",
    "per s",
    "yardstick ms",
    "yardstick per s",
    "times the yardstick",
    "above it ms",
    "note",
)


def markdown(results: Sequence[Result], options: Options) -> str:
    """Write what was measured on what, and a row for each result."""
    facts = machine()
    lines = [
        f"{options.devices:,} devices of {options.aggregators} aggregators, seed {options.seed}; "
        f"{facts['cores']} cores ({facts['processor']}), Python {facts['python']}",
        "",
        *map(_row, (HEAD, ("---", *["---:"] * (len(HEAD) - 2), "---"))),
        *(_row(tuple(_cells(result))) for result in results),
    ]
    return "\n".join(lines)


def document(results: Sequence[Result], options: Options) -> dict[str, Any]:
    """Give the same as a JSON document; times in ms."""
    return {
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "options": asdict(options),
        "results": [asdict(result) | {"ratio": result.ratio, "above": result.above} for result in results],
    }


def machine() -> dict[str, Any]:
    """Describe what the run ran on."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    models = Path("/proc/cpuinfo")
    if models.exists():
        for line in models.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _cells(result: Result) -> Iterator[str]:
    ours, theirs = result.subject, result.yardstick
    yield result.name
    yield f"{ours.count:,} {result.unit}"
    yield from (_milliseconds(value) for value in (ours.median, ours.p95, ours.p99))
    yield _rate(ours)
    yield _milliseconds(theirs.median)
    yield _rate(theirs)
    yield "" if result.ratio is None else f"{result.ratio:.2f}"
    yield _milliseconds(result.above)
    yield result.note


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _rate(figures: Figures) -> str:
    return f"{figures.rate:,.0f}" if figures.count else ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
