"""The hygiene rules: queries in files, each of which must return nothing about a model.

The name of a file is the assertion that a result contradicts. Its head says the same in a sentence, and why; then
`Severity: error` or `warning`, and `Scope: file` if the rule holds for each file alone, so that it can be asked
although another file could not be read. Each result binds ?error, what is wrong in words, with IRIs between < and >;
and ?term, what it is about, or ?file, the graph of a file. Members of lists are found by `?list rdfs:member ?member`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.model_check.findings import Finding, Severity
from registry.model_check.model_files import Model, Rejected, read_text, syntax_finding
from registry.model_check.model_store import ModelStore, QueryMistake, file_name

SHIPPED = Path(__file__).parent
"""Whose folder `hygiene` holds the rules for every model."""

_HEAD = re.compile(r"^#[ \t]*(Severity|Scope):[ \t]*(\w+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    """A query that must return nothing.

    Attributes:
        name: the assertion.
        file: where the query stands, relative to the folder that it was read from.
        text: the query.
        severity: how much it matters.
        each_file: whether it holds for each file alone.
    """

    name: str
    file: str
    text: str
    severity: Severity
    each_file: bool


def read_rules(folder: Path) -> tuple[list[Rule], list[Finding]]:
    """Read `hygiene/*.rq` in `folder`, and return what is wrong with its files."""
    rules, findings = [], []
    for path in sorted(folder.glob("hygiene/*.rq")):
        try:
            text = read_text(folder, path)
        except Rejected as error:
            findings.append(error.finding)
            continue
        head = dict(_HEAD.findall(text))
        severity = Severity.WARNING if head.get("Severity") == Severity.WARNING else Severity.ERROR
        name = path.relative_to(folder).as_posix()
        rules.append(Rule(path.stem, name, text, severity, head.get("Scope") == "file"))
    return rules, findings


def rule_findings(model: Model, store: ModelStore, rules: Iterable[Rule]) -> Iterator[Finding]:
    """Yield what contradicts `rules`; of a model that is not complete only what each file alone contradicts."""
    for rule in rules:
        if model.complete or rule.each_file:
            try:
                rows = store.ask_model(rule.text)
            except QueryMistake as error:
                yield syntax_finding(rule.file, error.problem)
                continue
            for row in rows:
                yield _finding(model, rule, row.get("error"), row.get("term", ""), row.get("file"))


def _finding(model: Model, rule: Rule, error: str | None, term: str, graph: str | None) -> Finding:
    if error is None:
        return Finding(kind="syntax", message="the query must bind ?error, and ?term or ?file", file=rule.file, line=1)
    within = file_name(graph) if graph else None
    if not error:  # nothing can be put in words about a blank node
        error = f"something without an IRI contradicts this: {rule.text.splitlines()[0].lstrip('# ')}"
    return model.finding(rule.name, error, term, severity=rule.severity, within=within)
