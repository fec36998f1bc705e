"""The check of a model: everything at once, not stopping at the first thing that is wrong.

Files, each by itself; the shapes by SHACL's own; the profile, compiled; the hygiene rules; then, with a profile that
compiles, the competency questions and the examples. What can't be looked at because a file can't be read is said in a
note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from registry.model_check.examples import example_files, example_findings
from registry.model_check.findings import Finding, Report, Severity
from registry.model_check.model_files import Model, deep_hierarchies, read_model
from registry.model_check.model_store import ModelStore
from registry.model_check.questions import question_findings, question_folders
from registry.model_check.rules import SHIPPED, Rule, read_rules, rule_findings
from registry.model_check.shacl_syntax import shacl_findings
from registry.profile import Profile, ProfileError, compile_profile

PLACES = (".", "tests/ontology")
"""Where `competency` and `examples` lie: beside the model, or as in a checkout."""

_IRI = re.compile(r"<([^<>\s]+)>")


def check_model(folder: Path) -> Report:
    """Check the model in `folder`; nothing in it is changed, and nothing is fetched.

    It takes about three seconds for the shipped model. Queries in the folder's own `hygiene` and `competency` are run
    within this process, without a limit on their time.
    """
    model, findings = read_model(folder)
    if deep := list(deep_hierarchies(model)):
        reason = "superclasses are nested too deep, so nothing but the files was looked at"
        findings += [*deep, Finding(severity=Severity.NOTE, kind="not_checked", message=reason)]
        return Report(findings=tuple(sorted(findings, key=_place)), checked={"files": len(model.files)})
    store = ModelStore(model)
    rules, unread = _rules(folder)
    findings += [*unread, *shacl_findings(model), *rule_findings(model, store, rules)]
    questions = [path for place in PLACES for path in question_folders(folder / place / "competency")]
    examples = [path for place in PLACES for path in example_files(folder / place / "examples")]
    profile = _profile(model, findings)
    if profile is not None:
        findings += question_findings(folder, questions, profile, store)
        findings += example_findings(folder, examples, profile)
    return Report(
        findings=tuple(sorted(dict.fromkeys(findings), key=_place)),
        checked={
            "files": len(model.files),
            "rules": sum(model.complete or rule.each_file for rule in rules),
            "questions": len(questions) if profile else 0,
            "examples": len(examples) if profile else 0,
        },
    )


def _rules(folder: Path) -> tuple[list[Rule], list[Finding]]:
    """Return the rules for every model and those of the folder."""
    shipped, _ = read_rules(SHIPPED)
    own, findings = read_rules(folder)
    return shipped + own, findings


def _profile(model: Model, findings: list[Finding]) -> Profile | None:
    """Compile the model, if all its files could be read; say in `findings` why there is no profile."""
    if not model.complete:
        reason = "not all files can be read, so only rules for single files and the shapes of SHACL were looked at"
        findings.append(Finding(severity=Severity.NOTE, kind="not_checked", message=reason))
        return None
    try:
        return compile_profile(model.ontology, model.shapes)
    except ProfileError as error:
        findings.append(model.finding("profile_compiles", str(error), next(_terms(model, str(error)), "")))
    reason = "there is no profile, so competency questions and examples were not looked at"
    findings.append(Finding(severity=Severity.NOTE, kind="not_checked", message=reason))
    return None


def _terms(model: Model, message: str) -> Iterator[str]:
    """Yield the IRIs in a message that are subjects in the shapes, then in the ontology."""
    for file in sorted(model.files, key=lambda file: not file.is_shapes):
        yield from (iri for iri in _IRI.findall(message) if iri in file.places.subjects)


def _place(finding: Finding) -> tuple[str, int, int, str]:
    return finding.file or "", finding.line or 0, finding.column or 0, finding.message
