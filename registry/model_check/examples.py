"""Devices that must conform to the shapes, and devices that must not, each for the reason that its file is named after.

`conforms/*.ttl` each describe a device that the shapes allow; `fails/<field>-<constraint>-<what>.ttl` one that breaks
the named constraint of the named field and no other, as `max_capacity-datatype-text.ttl`. They are judged as the
registry judges what it is sent; they say themselves all that the device entails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from registry.devices.validation import Validator, Violation
from registry.model_check.findings import Finding
from registry.model_check.model_files import Rejected, read_text, syntax_finding
from registry.profile import Profile
from registry.vocabulary import DEVICE
from sparql.embedded.turtle import TurtleError, parse_turtle
from sparql.terms import TYPE, Triple
from sparql.turtle_errors import explain_turtle

KIND = "examples_are_judged_right"


def example_files(folder: Path) -> list[Path]:
    """Return the examples in `folder`, which holds `conforms` and `fails`."""
    return sorted([*folder.glob("conforms/*.ttl"), *folder.glob("fails/*.ttl")])


def example_findings(root: Path, paths: Collection[Path], profile: Profile) -> Iterator[Finding]:
    """Yield what is wrong with the examples of a model: each one that the shapes judge otherwise than it says."""
    validator = Validator(profile)
    for path in paths:
        name = path.relative_to(root).as_posix()
        try:
            violations = _violations(validator, read_triples(root, path))
        except Rejected as error:
            yield error.finding
            continue
        message = _conforms(violations) if path.parent.name == "conforms" else _fails(profile, path.stem, violations)
        if message:
            yield Finding(kind=KIND, message=message, file=name, line=1, column=1)


def read_triples(root: Path, path: Path) -> list[Triple]:
    """Return the triples of a Turtle file.

    Raises:
        Rejected: it is none.
    """
    text = read_text(root, path)
    try:
        return list(parse_turtle(text.encode()))
    except TurtleError as error:
        raise Rejected(syntax_finding(path.relative_to(root).as_posix(), explain_turtle(text, error))) from None


def expected_violation(fields: Collection[str], stem: str) -> tuple[str, str] | None:
    """Return the field and the constraint component that the name of a counter-example says; None when it says none.

    A field can have a hyphen of its own: `status.x-fanspeed-maxCount-two` is about `status.x-fanspeed`.
    """
    parts = stem.split("-")
    for end in range(len(parts) - 1, 0, -1):
        constraint = parts[end]
        if constraint and "-".join(parts[:end]) in fields:
            return "-".join(parts[:end]), f"{constraint[0].upper()}{constraint[1:]}ConstraintComponent"
    return None


def _violations(validator: Validator, triples: Collection[Triple]) -> list[Violation] | None:
    """Return the violations of all devices that `triples` describe; None when there is no device."""
    devices = {triple.subject: triples for triple in triples if triple[1:] == (TYPE, DEVICE)}
    if not devices:
        return None
    return [violation for found in validator.validate(devices).values() for violation in found]


def _conforms(violations: list[Violation] | None) -> str:
    if violations is None:
        return f"there is no <{DEVICE}> in this example"
    found = "; ".join(dict.fromkeys(f"{each.message} ({_broken(each)})" for each in violations))
    return f"this should conform, but does not: {found}" if found else ""


def _fails(profile: Profile, stem: str, violations: list[Violation] | None) -> str:
    expected = expected_violation(profile.fields, stem)
    if expected is None:
        return "the name must say which field breaks which constraint: <field>-<constraint>-<what>.ttl"
    if violations is None:
        return f"there is no <{DEVICE}> in this example"
    wanted = " ".join(expected)
    found = dict.fromkeys(map(_broken, violations))
    if list(found) == [wanted]:
        return ""
    return f"this should break {wanted} alone, but it breaks {', '.join(found) or 'nothing'}"


def _broken(violation: Violation) -> str:
    return f"{violation.field.name if violation.field else 'the device'} {violation.component}"
