"""Examines records in batches: draft -> SHACL -> placement -> N-Quads ready to load, or what is wrong with them.

Pure but for the time it takes: it reads no file and knows no store, so that it can run in other processes. Whether
a device is there already is not judged here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.access import BOOKKEEPING, placement
from registry.devices.documents import from_triples, to_triples
from registry.devices.issues import issues_of, joined
from registry.devices.validation import Validator, Violation
from registry.intake.records import WHOLE, Batch, Draft, Record, Unreadable
from registry.journal.entry import What
from registry.journal.state import state_of, views, write
from registry.principal import Role
from registry.profile import Profile
from registry.vocabulary import MODIFIED
from sparql.nquads import to_nquads
from sparql.terms import Iri, Triple


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record.

    Attributes:
        issues: what is wrong with it; the rest is empty then.
        iri: the device.
        quads: its placement as N-Quads.
        digest: stands for what the document says, times of the record apart.
        time: its time of change.
        state: its state as the journal keeps it.
        seen: the views that it is new in.
    """

    issues: Mapping[str, Any] = field(default_factory=dict)
    iri: str = ""
    quads: bytes = b""
    digest: bytes = b""
    time: str = ""
    state: str = ""
    seen: tuple[tuple[Iri, What], ...] = ()


class Examiner:
    """Judges records by one profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._validator = Validator(profile)

    def examine(self, batch: Batch) -> list[Outcome]:
        """Return the outcome of each record of `batch`, in its order."""
        drafts = [
            self._draft(batch, record, moment, Iri(f"urn:document:{number}"))
            for number, (record, moment) in enumerate(zip(batch.records, batch.moments, strict=True))
        ]
        return [self._outcome(draft, found) for draft, found in zip(drafts, self._violations(drafts), strict=True)]

    def _draft(self, batch: Batch, record: Record, moment: str, spare: Iri) -> Draft:
        if isinstance(record.content, Unreadable):
            return Draft(issues={WHOLE: record.content.reason})
        return batch.form.draft(self._profile, record.content, moment, spare)

    def _violations(self, drafts: Sequence[Draft]) -> list[Sequence[Violation]]:
        """Validate in one go, but for devices that are there twice: those must not be seen as one."""
        found: list[Sequence[Violation]] = [()] * len(drafts)
        left = [number for number, draft in enumerate(drafts) if draft.triples is not None]
        while left:
            wave: dict[Iri, int] = {}
            for number in left:
                wave.setdefault(drafts[number].iri or Iri(f"urn:document:{number}"), number)
            broken = self._validator.validate({iri: drafts[number].triples or () for iri, number in wave.items()})
            for iri, number in wave.items():
                found[number] = broken.get(iri, ())
            taken = set(wave.values())
            left = [number for number in left if number not in taken]
        return found

    def _outcome(self, draft: Draft, violations: Sequence[Violation]) -> Outcome:
        issues = joined(issues_of(self._profile, violations, Role.SERVICE), draft.issues)
        if issues or draft.iri is None or draft.triples is None:
            return Outcome(issues or {self._profile.identity.name: "must be of uuid type"})
        document = from_triples(self._profile, draft.triples)
        triples = draft.triples if draft.canonical else self._canonical(document, draft)
        state, quads = state_of(self._profile, triples), placement(self._profile, triples)
        return Outcome(
            iri=str(draft.iri),
            quads=to_nquads(quads),
            digest=digest(self._profile, document),
            time=state["_updated"],
            state=write(state),
            seen=views((), quads),
        )

    def _canonical(self, document: Mapping[str, Any], draft: Draft) -> frozenset[Triple]:
        kept = {each for each in draft.triples or () if each.predicate in BOOKKEEPING - {MODIFIED}}
        return to_triples(self._profile, document, draft.iri or Iri()) | kept


def digest(profile: Profile, document: Mapping[str, Any]) -> bytes:
    """Return what stands for the fields of `document` but for those that the registry itself keeps."""
    said = {name: value for name, value in document.items() if not profile.keeps(name)}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha1(text.encode(), usedforsecurity=False).digest()
