"""Competency questions: what a model must be able to answer, each a folder with a query, devices and the right answer.

    <name>/query.rq       its first comment is the question in words
    <name>/data.ttl       devices as `der-registry import` takes them: what is stated, no more; absent when the question
                          is about the model itself
    <name>/expected.csv   the answer as SPARQL 1.1 Query Results CSV; in this order if the query has an ORDER BY

The devices are completed as an import does it, with superclasses, coordinates and cells, so that a query finds what it
would find in the store; and they must be devices that the shapes allow.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from registry.devices.validation import Validator
from registry.intake.records import Unreadable
from registry.intake.turtle_files import TurtleForm, turtle_records
from registry.model_check.examples import read_triples
from registry.model_check.findings import Finding
from registry.model_check.model_files import Rejected, read_text, syntax_finding
from registry.model_check.model_store import ModelStore, QueryMistake
from registry.profile import Profile
from sparql.terms import Iri, Triple

KIND = "questions_are_answered"
MOMENT = "2026-01-01T00:00:00.000000Z"
"""When the records of the devices were made, where they don't say so."""

_ORDERED = re.compile(r"^[^#]*\bORDER\s+BY\b", re.IGNORECASE | re.MULTILINE)


def question_folders(folder: Path) -> list[Path]:
    """Return the questions in `folder`: its folders."""
    return sorted(path for path in folder.glob("*") if path.is_dir() and not path.name.startswith((".", "_")))


def question_findings(root: Path, folders: Collection[Path], profile: Profile, store: ModelStore) -> Iterator[Finding]:
    """Yield what is wrong with the questions of a model: each one that is answered otherwise than expected."""
    validator = Validator(profile)
    for folder in folders:
        try:
            finding = _ask(root, folder, profile, validator, store)
        except Rejected as error:
            finding = error.finding
        if finding is not None:
            yield finding


def _ask(root: Path, folder: Path, profile: Profile, validator: Validator, store: ModelStore) -> Finding | None:
    query = read_text(root, folder / "query.rq")
    expected = list(csv.reader(io.StringIO(read_text(root, folder / "expected.csv"), newline="")))
    if not (question := _question(query)):
        message = "the query must begin with a comment: the question in words"
        return Finding(kind=KIND, message=message, file=_name(root, folder / "query.rq"), line=1, column=1)
    data = folder / "data.ttl"
    devices = _devices(root, data, profile, validator) if data.exists() else frozenset()
    try:
        found = store.ask_devices(query, devices)
    except QueryMistake as error:
        return syntax_finding(_name(root, folder / "query.rq"), error.problem)
    difference = _difference(expected, found, ordered=bool(_ORDERED.search(query)))
    if not difference:
        return None
    file = _name(root, folder / "expected.csv")
    return Finding(
        kind=KIND,
        message=f"the answer is not the expected one: {question}",
        file=file,
        line=1,
        column=1,
        excerpt=difference,
    )


def _question(query: str) -> str:
    """Return the comment at the beginning."""
    lines = []
    for line in query.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return " ".join(lines).strip()


def _devices(root: Path, path: Path, profile: Profile, validator: Validator) -> frozenset[Triple]:
    """Return the devices of a file with all that they entail.

    Raises:
        Rejected: an import would refuse them.
    """
    read_triples(root, path)  # within bounds, and Turtle
    name = _name(root, path)
    found: set[Triple] = set()
    lines: dict[Iri, int] = {}
    for record in turtle_records(path):
        if isinstance(record.content, Unreadable):
            raise Rejected(Finding(kind=KIND, message=record.content.reason, file=name, line=record.line, column=1))
        draft = TurtleForm().draft(profile, record.content, MOMENT, record.content.device)
        if draft.issues:
            message = f"an import would refuse this device: {dict(draft.issues)}"
            raise Rejected(Finding(kind=KIND, message=message, file=name, line=record.line, column=1))
        lines[record.content.device] = record.line
        found |= draft.triples or frozenset()
    for device, violations in validator.validate(dict.fromkeys(lines, found)).items():
        message = f"an import would refuse this device: {'; '.join(each.message for each in violations)}"
        raise Rejected(Finding(kind=KIND, message=message, file=name, line=lines[device], column=1))
    return frozenset(found)


def _difference(expected: list[list[str]], found: list[list[str]], *, ordered: bool) -> str:
    """Return the rows in which two tables differ, one a line; nothing when they are the same."""
    if expected[:1] != found[:1]:
        return f"expected columns: {_row(expected[:1])}\nfound columns:    {_row(found[:1])}"
    missing, extra = Counter(map(tuple, expected)), Counter(map(tuple, found))
    lines = [f"missing: {_row([row])}" for row in (missing - extra).elements()]
    lines += [f"extra:   {_row([row])}" for row in (extra - missing).elements()]
    if not lines and ordered and expected != found:
        lines = ["the rows are in another order:", *(f"found: {_row([row])}" for row in found[1:])]
    return "\n".join(lines)


def _row(rows: Collection[Collection[str]]) -> str:
    return ", ".join(text for row in rows for text in row)


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
