"""What files are made of, whatever their form: records, what can't be read of them, and drafts of devices.

A form (JSON, CSV, Turtle) turns a record into a draft; `examination.py` judges drafts. Nothing here opens a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from registry.devices.documents import Document, device_iri, structural_issues, to_triples
from registry.devices.patches import nested, with_defaults
from registry.errors import BadRequest
from registry.principal import Role
from registry.profile import Profile
from registry.strict_json import read_json
from sparql.terms import Iri, Triple

WHOLE = "_document"
"""The name under which an issue stands that is about a document as a whole."""

DROPPED = ("_id", "_etag", "_links", "_status", "_version", "_latest_version")
"""Marks of the registry's answers, and of the former registry's database, that say nothing of the device."""
_DELETED = "_deleted"
"""The former registry's mark of devices that are there no more."""


class FileRefused(Exception):
    """A file of which nothing can be taken, because it isn't what its ending says; where and why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The content of a record that can't be understood: why, and its text."""

    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One document of a file, still in its form.

    Attributes:
        line: the line of the file on which it starts, from 1.
        content: what its form takes, or Unreadable.
    """

    line: int
    content: Any


@dataclass(frozen=True, slots=True)
class Draft:
    """What a record says of a device.

    Attributes:
        iri: the device; None when its id is none.
        triples: what was said, with all that it entails; None when it can't be read.
        issues: what no shape can see.
        canonical: whether the triples are written as the profile's codecs write them.
    """

    iri: Iri | None = None
    triples: frozenset[Triple] | None = None
    issues: Mapping[str, Any] = field(default_factory=dict)
    canonical: bool = True


class Form(Protocol):
    """A syntax of device descriptions. Sent to other processes with each batch, so it is small."""

    def draft(self, profile: Profile, content: Any, moment: str, spare: Iri) -> Draft:
        """Return what `content` says.

        Args:
            profile: the profile in force.
            content: a record's content, readable as far as the file's reader could tell.
            moment: the time that a document without times gets.
            spare: the subject for a document whose id is none.
        """

    def shown(self, profile: Profile, content: Any) -> dict[str, Any]:
        """Return how a rejected record is shown: {"document": …}, or {"text": …} when it is none."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one file, examined together.

    Attributes:
        file: the number of the file among those that are read.
        form: their form.
        records: the records, in the order of the file.
        moments: for each record the time that it gets if it has none.
    """

    file: int
    form: Form
    records: tuple[Record, ...]
    moments: tuple[str, ...]


def draft_document(profile: Profile, given: Mapping[str, Any], moment: str, spare: Iri) -> Draft:
    """Return the draft of a JSON document: marks dropped, times kept or filled in, defaults filled in.

    Args:
        profile: the profile in force.
        given: the document; dotted names are understood.
        moment: the time for `_created` and `_updated` where they are absent.
        spare: the subject if the id is no UUID.
    """
    document: Document = nested({name: value for name, value in given.items() if name not in DROPPED})
    times = {name: document.pop(name, moment) for name, field in profile.fields.items() if field.is_record}
    deleted = document.pop(_DELETED, False)
    issues = structural_issues(profile, document, Role.SERVICE)
    if deleted is not False:
        issues[_DELETED] = "the former registry had deleted it"
    iri = device_iri(document.get(profile.identity.name))
    filled = {**with_defaults(document, profile), **times}
    return Draft(iri, to_triples(profile, filled, iri or spare), issues)


def unfit(text: str) -> str | None:
    """Return why `text` can't be a value, by the rule for strings in JSON; None when it can."""
    if text.isprintable():
        return None
    try:
        read_json(json.dumps(text).encode())
    except BadRequest as error:
        return error.message.partition(": ")[2]
    return None
