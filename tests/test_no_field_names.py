"""Python names no field of devices: the model in Turtle is the only place where one is written.

Looked at are the strings and identifiers of all that is shipped; docstrings and comments explain and are left aside.
A field with an ordinary English name, or one that another standard has too, is told apart by where it stands.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.profile import load_profile

ROOT = Path(__file__).parents[1]
FILES = sorted([*(ROOT / "registry").rglob("*.py"), *(ROOT / "sparql").rglob("*.py"), ROOT / "server.py"])
ALLOWED = {"account_id", "aggregator_id", "device_id", "_created", "_updated"}
"""What the access rule, addresses and the record's own times need."""
OTHER_MEANINGS = {
    "status": "of an answer (RFC 9110, section 15; RFC 9457; Eve's `_status`)",
    "model": "the registry's: ontology and shapes",
    "mode": "of a file (POSIX)",
}
"""Names that mean something else in Python, as identifiers and in prose."""
LITERALS_OF_ANOTHER_MEANING = {
    "status": {
        "registry/http/problems.py": "a member of a problem document (RFC 9457, section 3.1)",
        "registry/http/request_log.py": "of the answer, in the log",
        "registry/http/health.py": "a member of the health check's answer",
        "registry/openapi/schemas.py": "the member of a problem document, described",
        "registry/monitoring/metrics.py": "of the answer, a label of a metric",
        "registry/webhooks/webhook.py": "how a webhook fares",
        "registry/openapi/event_operations.py": "how a webhook fares, described",
    },
    "model": {
        "registry/openapi/model_operations.py": "the digest of a published model, described",
        "registry/http/history_documents.py": "the version that was in force",
        "registry/openapi/history_schemas.py": "the version that was in force, described",
        "registry/operations/erasing.py": "the model in force, in an entry of the journal",
        "registry/http/published_documents.py": "the digest of a published model, listed",
        "registry/events/event.py": "why a listener begins anew: another model",
        "registry/events/rendering.py": "the digest of a published model, told",
        "registry/publishing/outcome.py": "the digest of a published model",
        "registry/cli/ontology_publish.py": "the digest of a published model, and the command's argument",
    },
}
"""A string that is a field's name -> where it is another standard's, or the registry's own."""

PROFILE = load_profile()
NAMES = {part for name in PROFILE.fields for part in (name, *name.split("."))} - ALLOWED
TERMS = {
    re.split(r"[#/]", step)[-1] for field in PROFILE.fields.values() if field.name not in ALLOWED for step in field.path
}
COMPOUND = {name for name in NAMES | TERMS if re.search(r"[_.-]|[a-z][A-Z]", name)} - {"asWKT", "hasGeometry"}
"""Names that are no words of English: of fields, and of the properties that they lead to."""


def findings(source: str) -> Iterator[tuple[str, str]]:
    """Yield ("literal", "identifier" or "text") and the name of a field, wherever a source names one."""
    tree = ast.parse(source)
    explaining = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explaining:
            yield from _in_string(node.value)
        for attribute in ("id", "attr", "arg", "name", "asname"):
            name = getattr(node, attribute, None)
            if isinstance(name, str) and name in NAMES - OTHER_MEANINGS.keys():
                yield "identifier", name


def _in_string(text: str) -> Iterator[tuple[str, str]]:
    if text in NAMES:
        yield "literal", text
        return
    words = set(re.findall(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*", text))
    parts = {part for word in words for part in (word, *word.split("."))}
    quoted = {word for word in re.findall(r"""["'`#]([\w.-]+)["'`>]""", text) if word in NAMES | TERMS - ALLOWED}
    yield from (("text", name) for name in sorted((parts & COMPOUND) | quoted))


def found_in(file: Path) -> list[tuple[str, str]]:
    """Return what a file of the repository names and has no other meaning there."""
    place = file.relative_to(ROOT).as_posix()
    return [
        (kind, name)
        for kind, name in findings(file.read_text())
        if not (kind == "literal" and place in LITERALS_OF_ANOTHER_MEANING.get(name, ()))
    ]


def test_there_are_names_and_files() -> None:
    assert len(NAMES) > 40
    assert {"max_capacity", "status.x-fanspeed", "setPoint", "location"} <= NAMES
    assert {"max_capacity", "x-fanspeed", "maxCapacity", "setPoint"} <= COMPOUND
    assert len(FILES) > 150


@pytest.mark.parametrize("folder", sorted({file.parent.relative_to(ROOT).as_posix() for file in FILES}))
def test_no_field_is_named(folder: str) -> None:
    found = {
        f"{file.relative_to(ROOT)}: {kind} {name}"
        for file in FILES
        if file.parent == ROOT / folder
        for kind, name in found_in(file)
    }
    assert found == set()


@pytest.mark.parametrize("name", LITERALS_OF_ANOTHER_MEANING)
def test_each_place_with_another_meaning_is_still_one(name: str) -> None:
    assert name in OTHER_MEANINGS
    for place in LITERALS_OF_ANOTHER_MEANING[name]:
        assert ("literal", name) in set(findings((ROOT / place).read_text())), place


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('document["max_capacity"]', [("literal", "max_capacity")]),
        ('document["status"]["mode"]', [("literal", "mode"), ("literal", "status")]),
        ("device.state_of_charge", [("identifier", "state_of_charge")]),
        ("def ask(manufacturer): ...", [("identifier", "manufacturer")]),
        ("update(online=True)", [("identifier", "online")]),
        ('f"?device flex:maxCapacity {value}"', [("text", "maxCapacity")]),
        ("'such as status.x-fanspeed'", [("text", "status.x-fanspeed"), ("text", "x-fanspeed")]),
        ("""x = 'such as {"location": 0}'""", [("text", "location")]),
        ('"an address has a location"', []),
        ("def f():\n    '''Return max_capacity.'''  # max_capacity", []),
        ("status = 404", []),
        ("principal.account_id", []),
    ],
)
def test_a_name_is_seen(source: str, expected: list[tuple[str, str]]) -> None:
    statement = source if source.startswith(("def ", "status")) else f"x = {source.removeprefix('x = ')}"
    assert sorted(set(findings(statement))) == expected
