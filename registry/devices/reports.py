"""The SHACL validation report of what was refused, as far as a role may see it (SHACL, section 3.6).

Results are IRIs in the report, not blank nodes, so that each one can be pointed at. Names that no field has are no
matter of SHACL; they are reported as what a closed shape does not allow, as this is what they are to the client. A
value of a nested object is reported at its own node, `<device>#status`, so that the path is always one predicate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import uuid4

from registry.devices.validation import OUT_OF_VIEW, Violation
from registry.principal import Role
from registry.profile import Profile
from registry.vocabulary import SH
from sparql.terms import BOOLEAN, TYPE, Iri, Literal, Term, Triple

Parts: TypeAlias = dict[str, Term | list[Literal]]
"""The local name of a predicate of SHACL -> what a result says by it."""


def report_of(
    profile: Profile,
    role: Role,
    violations: Mapping[Iri, Sequence[Violation]],
    unknown: Mapping[Iri, Mapping[str, Any]],
) -> frozenset[Triple]:
    """Return the triples of a report.

    Args:
        profile: the profile in force.
        role: who reads it; of a field out of its view nothing is said but that a rule is broken.
        violations: device -> what SHACL found.
        unknown: device -> issues with names, nested as the document is.
    """
    report = Iri(f"urn:uuid:{uuid4()}")
    triples = {Triple(report, TYPE, SH.term("ValidationReport"))}
    triples.add(Triple(report, SH.term("conforms"), Literal("false", BOOLEAN)))
    number = 0
    for device in dict.fromkeys([*violations, *unknown]):
        found = [_result(profile, role, device, each) for each in violations.get(device, ())]
        found += [_closed(profile, name, words) for name, words in _words(unknown.get(device, {}))]
        for parts in found:
            number += 1
            result = Iri(f"{report}#result-{number}")
            triples.add(Triple(report, SH.term("result"), result))
            triples.update(_statements(result, {"focusNode": device, **parts}))
    return frozenset(triples)


def _result(profile: Profile, role: Role, device: Iri, violation: Violation) -> Parts:
    if violation.field is not None and role not in violation.field.visible_to:
        return {
            "sourceShape": profile.shape,
            "sourceConstraintComponent": SH.term("NodeConstraintComponent"),
            "resultMessage": OUT_OF_VIEW.literals(),
        }
    parts: Parts = {
        "sourceConstraintComponent": SH.term(violation.component),
        "sourceShape": profile.shape if violation.field is None else violation.field.shape,
    }
    if violation.message:
        parts["resultMessage"] = violation.message.literals()
    if violation.field is not None:
        parts["resultPath"] = violation.field.predicate
        if len(violation.field.path) > 1:
            parts["focusNode"] = Iri(f"{device}#{violation.field.names[0]}")
        if violation.value is not None:
            parts["value"] = violation.value
    return parts


def _closed(profile: Profile, name: str, words: str) -> Parts:
    return {
        "sourceShape": profile.shape,
        "sourceConstraintComponent": SH.term("ClosedConstraintComponent"),
        "resultMessage": Literal(f"{name}: {words}"),
    }


def _words(issues: Mapping[str, Any], parent: str = "") -> Iterator[tuple[str, str]]:
    for name, issue in issues.items():
        if isinstance(issue, Mapping):
            yield from _words(issue, f"{parent}{name}.")
        else:
            yield f"{parent}{name}", str(issue)


def _statements(result: Iri, parts: Parts) -> Iterator[Triple]:
    yield Triple(result, TYPE, SH.term("ValidationResult"))
    yield Triple(result, SH.term("resultSeverity"), SH.term("Violation"))
    for name, value in parts.items():
        for each in value if isinstance(value, list) else [value]:
            yield Triple(result, SH.term(name), each)
