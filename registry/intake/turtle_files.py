"""Turtle files: triples grouped by device, the device's IRI in the place of a line.

A device may be described in any order and say as little as its shapes allow: its class by rdf:type alone, its
entailed triples or none of them. What no field stands for is refused, never passed over.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.intake.records import Draft, FileRefused, Record, Unreadable
from registry.intake.turtle_device import TurtleDevice
from registry.profile import Profile
from sparql.embedded.turtle import TurtleError, parse_turtle
from sparql.terms import Iri, Literal, Triple, to_sparql

_DEVICE = re.compile(r"(urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:#.*)?", re.DOTALL)
_NAME = re.compile(r"(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|<(?P<iri>(?!urn:uuid:)[^<>\s]*)>")


@dataclass(frozen=True, slots=True)
class Description:
    """The triples of a file about one device."""

    device: Iri
    triples: tuple[Triple, ...]


class TurtleForm:
    """A device and its triples."""

    def draft(self, profile: Profile, content: Description, moment: str, spare: Iri) -> Draft:  # noqa: ARG002  the protocol's signature
        """Return what the triples say."""
        device = TurtleDevice(profile, content.device)
        for triple in content.triples:
            device.add(triple)
        triples, issues = device.completed(moment)
        return Draft(content.device, triples, issues, canonical=False)

    def shown(self, profile: Profile, content: Description) -> dict[str, Any]:  # noqa: ARG002  the protocol's signature
        """Return the triples as N-Triples."""
        return {"text": "".join(_line(triple) for triple in content.triples)}


def turtle_records(path: Path) -> Iterator[Record]:
    """Yield the records of a Turtle file, which is read as a whole.

    Raises:
        FileRefused: it isn't Turtle.
    """
    data = path.read_bytes()
    try:
        triples = list(parse_turtle(data))
    except TurtleError as error:
        raise FileRefused(error.line, f"no Turtle: {error}") from None
    owners = _owners(triples)
    groups: defaultdict[Iri, list[Triple]] = defaultdict(list)
    for triple in triples:
        groups[owners.get(triple.subject, triple.subject)].append(triple)
    lines = _lines(data.decode("utf-8", "replace"), groups)
    for subject, found in groups.items():
        line = lines.get(subject, 1)
        if _DEVICE.fullmatch(subject):
            yield Record(line, Description(subject, tuple(found)))
        else:
            what = "a blank node that no device leads to" if subject.startswith("_:") else f"<{subject}>"
            reason = f"the subject is {what}: expected <urn:uuid:…> with a UUID in lower case"
            yield Record(line, Unreadable(reason, "".join(map(_line, found))))


def _owners(triples: Iterable[Triple]) -> Mapping[Iri, Iri]:
    """Return node -> device: by the IRI's fragment, for a blank node by the triple that leads to it."""
    owners: dict[Iri, Iri] = {}
    for subject, _, value in triples:
        found = _DEVICE.fullmatch(subject)
        if found:
            owners[subject] = Iri(found[1])
            if isinstance(value, Iri) and value.startswith("_:"):
                owners[value] = Iri(found[1])
    return owners


def _lines(text: str, subjects: Container[str]) -> Mapping[str, int]:
    """Return the first line on which each of `subjects` is named; a device also by its UUID alone."""
    lines: dict[str, int] = {}
    line, counted = 1, 0
    for found in _NAME.finditer(text):
        name = found["iri"] or f"urn:uuid:{found['uuid']}"
        if name in subjects and name not in lines:
            line += text.count("\n", counted, found.start())
            counted = found.start()
            lines[name] = line
    return lines


def _line(triple: Triple) -> str:
    subject, predicate, value = triple
    shown = to_sparql(value) if isinstance(value, Literal) else _shown(value)
    return f"{_shown(subject)} {_shown(predicate)} {shown} .\n"


def _shown(node: Iri) -> str:
    return str(node) if node.startswith(("_:", "<<")) else f"<{node}>"
