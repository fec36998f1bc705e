"""The one write path: document -> triples -> SHACL -> placement -> journal -> one atomic change of the store.

One writer at a time for each device (decision D11); a caller's precondition is judged while nobody else can change the
device, until the change that it allows is in the journal and in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

from registry.access import ALLOWED, BOOKKEEPING, Operation, dataset, date, stated
from registry.clock import Clock
from registry.devices.device import Device
from registry.devices.documents import (
    Document,
    device_iri,
    from_triples,
    structural_issues,
    terms_at,
    to_triples,
)
from registry.devices.holds import Holds
from registry.devices.issues import issues_of, joined
from registry.devices.patches import merged, nested, with_defaults, without, without_echo
from registry.devices.reading import TRUTH
from registry.devices.reports import report_of
from registry.devices.stamping import stamped
from registry.devices.validation import Validator, Violation
from registry.devices.watch import Watch
from registry.errors import Forbidden, PreconditionFailed, ValidationFailed
from registry.in_force import Edition
from registry.journal import Author, Kind, Recorder
from registry.journal.device_changes import Change, Circumstances, record
from registry.principal import Principal
from registry.request_id import request_id
from sparql.terms import Iri, Triple

Precondition: TypeAlias = Callable[[Device], bool]
"""Tells whether a device, as the caller sees it, is still the one that the caller read."""


class DeviceWriter:
    """Changes devices.

    Args:
        recorder: writes changes to the journal and to the store.
        edition: the model in force, and what reads devices by it.
        clock: gives the times of changes.
    """

    def __init__(self, recorder: Recorder, edition: Edition, clock: Clock) -> None:
        self._recorder = recorder
        self._clock = clock
        self._holds = Holds()
        self._watches: list[Watch] = []
        self.adopt(edition)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let no change begin, and wait for those under way, for as long as this lasts."""
        with self._holds.paused():
            yield

    def held(self, devices: Collection[Iri]) -> AbstractContextManager[None]:
        """Let nobody else change devices, nor the model, for as long as this lasts; whatever has an IRI can be held."""
        return self._holds.on(devices)

    @contextmanager
    def watched(self) -> Iterator[Watch]:
        """Note which devices are changed for as long as this lasts."""
        watch = Watch()
        with self._holds.paused():
            self._watches.append(watch)
        try:
            yield watch
        finally:
            self._watches.remove(watch)

    def adopt(self, edition: Edition) -> None:
        """Go on with another model; to be called while paused."""
        self._model = edition.name
        self._profile = edition.profile
        self._reader = edition.reader
        self._validator = Validator(edition.profile)

    def create(self, principal: Principal, documents: Sequence[Mapping[str, Any]], *, single: bool) -> list[Device]:
        """Add new devices, all or none.

        Raises:
            Forbidden: the role creates no devices.
            ValidationFailed: a document breaks the shapes, or its device_id is taken.
        """
        self._require(principal, Operation.CREATE)
        asked = [nested(document) for document in documents]
        named = [device_iri(document.get(self._profile.identity.name)) for document in asked]
        with self._holds.on([iri for iri in named if iri is not None]):
            examined = self._examined(principal, asked, named, single=single)
            devices = [Device(iri, from_triples(self._profile, each), each) for iri, each in examined.items()]
            new = [Change(each.iri, each.document["_updated"], after=each.triples) for each in devices]
            self._record(principal, Kind.CREATE, new)
            return devices

    def change(self, principal: Principal, device_id: str, changes: Mapping[str, Any], holds: Precondition) -> Device:
        """Merge `changes` into a device (RFC 7396) and return it as `principal` then sees it.

        Raises:
            NotFound: it doesn't exist, or not for this principal.
            PreconditionFailed: it changed since the caller read it.
            Forbidden: a field is not the role's to change.
            ValidationFailed: the outcome would break the shapes.
        """
        with self._held(device_id):
            seen = self._current(principal, device_id, holds)
            asked = without_echo(nested(changes), seen)
            issues = structural_issues(self._profile, asked, principal.role, null_removes=True)
            patch = without(asked, issues)
            self._permit(principal, seen, merged(seen.document, patch, self._profile))
            truth = seen if dataset(principal) == TRUTH else self._reader.read(TRUTH, [seen.iri])[0]
            outcome = {**merged(truth.document, patch, self._profile), "_updated": self._clock.text()}
            self._write(principal, Kind.CHANGE, truth, stamped(self._profile, principal.role, patch, outcome), issues)
            return self._reader.get(principal, device_id)

    def replace(self, principal: Principal, device_id: str, document: Mapping[str, Any], holds: Precondition) -> Device:
        """Put `document` in the place of a device, whose identity and time of creation stay.

        Raises:
            as `change`; Forbidden for every role but service.
        """
        self._require(principal, Operation.REPLACE)
        with self._held(device_id):
            seen = self._current(principal, device_id, holds)
            asked = without_echo(nested(document), seen)
            issues = structural_issues(self._profile, asked, principal.role)
            asked = without(asked, issues)
            self._permit(principal, seen, {**seen.document, **asked})
            kept = {name: seen.document[name] for name in ("device_id", "_created")}
            outcome = {**with_defaults(asked, self._profile), **kept, "_updated": self._clock.text()}
            self._write(principal, Kind.REPLACE, seen, stamped(self._profile, principal.role, asked, outcome), issues)
            return self._reader.get(principal, device_id)

    def delete(self, principal: Principal, device_id: str, holds: Precondition) -> None:
        """Remove a device from every graph.

        Raises:
            Forbidden: the role deletes no devices.
            NotFound: it doesn't exist.
            PreconditionFailed: it changed since the caller read it.
        """
        self._require(principal, Operation.DELETE)
        with self._held(device_id):
            seen = self._current(principal, device_id, holds)
            self._record(principal, Kind.DELETE, [Change(seen.iri, self._clock.text(), before=seen.triples)])

    def _held(self, device_id: str) -> AbstractContextManager[None]:
        iri = device_iri(device_id)
        return self._holds.on([] if iri is None else [iri])

    def _require(self, principal: Principal, operation: Operation) -> None:
        if principal.role not in ALLOWED[operation]:
            able = ", ".join(sorted(ALLOWED[operation]))
            raise Forbidden(f"The role {principal.role} may not {operation} devices; {able} may.")

    def _current(self, principal: Principal, device_id: str, holds: Precondition) -> Device:
        seen = self._reader.get(principal, device_id)
        if not holds(seen):
            raise PreconditionFailed("Client and server etags don't match")
        return seen

    def _permit(self, principal: Principal, seen: Device, outcome: Mapping[str, Any]) -> None:
        """Refuse an outcome that differs from what is seen in a field that the role may not change."""
        objects = set(self._profile.objects)
        for field in self._profile.visible(principal.role):
            if field is not self._profile.identity and principal.role in field.writable_by:
                objects.discard(field.names[0])
            elif terms_at(self._profile, outcome, field) != terms_at(self._profile, seen.document, field):
                raise Forbidden(f"The modification of the field {field.name} is not allowed")
        for name in sorted(objects):
            if (name in outcome) != (name in seen.document):
                raise Forbidden(f"The modification of the field {name} is not allowed")

    def _examined(
        self, principal: Principal, documents: Sequence[Document], iris: Sequence[Iri | None], *, single: bool
    ) -> dict[Iri, frozenset[Triple]]:
        """Return the triples of new devices.

        Raises:
            ValidationFailed: with what is wrong with each document.
        """
        issues: list[dict[str, Any]] = []
        devices: dict[Iri, frozenset[Triple]] = {}
        taken = {each.iri for each in self._reader.read(TRUTH, [iri for iri in iris if iri is not None])}
        for number, (document, named) in enumerate(zip(documents, iris, strict=True)):
            found = structural_issues(self._profile, document, principal.role)
            if named is not None and (named in taken or named in devices):
                found[self._profile.identity.name] = f"value '{document[self._profile.identity.name]}' is not unique"
            iri = named if named is not None and named not in devices else Iri(f"urn:document:{number}")
            now = self._clock.text()
            asked = without(document, found)
            filled = {**with_defaults(asked, self._profile), "_created": now, "_updated": now}
            devices[iri] = to_triples(self._profile, stamped(self._profile, principal.role, asked, filled), iri)
            issues.append(found)
        broken = self._validator.validate(devices)
        named_wrong = dict(zip(devices, issues, strict=True))
        issues = [joined(self._issues(principal, iri, broken), found) for iri, found in named_wrong.items()]
        wrong = sum(1 for each in issues if each)
        if wrong:
            message = f"Insertion failure: {wrong} document(s) contain(s) error(s)"
            report = report_of(self._profile, principal.role, broken, named_wrong)
            raise ValidationFailed(message, issues, single=single, report=report)
        return devices

    def _issues(self, principal: Principal, iri: Iri, broken: Mapping[Iri, Sequence[Violation]]) -> dict[str, Any]:
        return issues_of(self._profile, broken.get(iri, ()), principal.role)

    def _write(self, principal: Principal, kind: Kind, old: Device, document: Document, issues: dict[str, Any]) -> None:
        """Put `document`, its `_updated` the time of the change, in the place of `old`, unless it says the same."""
        after = to_triples(self._profile, document, old.iri)
        broken = self._validator.validate({old.iri: after})
        all_issues = joined(self._issues(principal, old.iri, broken), issues)
        if all_issues:
            report = report_of(self._profile, principal.role, broken, {old.iri: issues})
            raise ValidationFailed("", [all_issues], report=report)
        if self._content(old.triples) == self._content(after):
            return
        now = document["_updated"]
        dated = date(self._profile, old.triples, after, old.iri, self._profile.fields["_updated"].codec.encode(now))
        self._record(principal, kind, [Change(old.iri, now, before=old.triples, after=dated)])

    def _record(self, principal: Principal, kind: Kind, changes: Sequence[Change]) -> None:
        """Have devices changed, and return when that is durable."""
        how = Circumstances(kind, Author.of(principal), self._model, request_id())
        try:
            record(self._recorder, self._profile, changes, how)
        finally:  # only now: who looks at a device that was noted sees the change
            for watch in tuple(self._watches):
                watch.note([change.device for change in changes])

    def _content(self, triples: Collection[Triple]) -> set[Triple]:
        return {triple for triple in stated(self._profile, triples) if triple.predicate not in BOOKKEEPING}
