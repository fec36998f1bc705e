"""The one write path: document -> triples -> SHACL -> placement -> one atomic change of the store.

One writer at a time inside a process (decision D11); a caller's precondition is judged under the same lock as the
change it allows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from registry.access import ALLOWED, BOOKKEEPING, Operation, date, placement, stated
from registry.clock import Clock
from registry.devices.device import Device
from registry.devices.documents import Document, device_iri, from_triples, structural_issues, terms_at, to_triples
from registry.devices.issues import issues_of, joined
from registry.devices.patches import merged, nested, with_defaults, without, without_echo
from registry.devices.reading import TRUTH, DeviceReader
from registry.devices.reports import report_of
from registry.devices.validation import Validator, Violation
from registry.errors import Forbidden, PreconditionFailed, ValidationFailed
from registry.principal import Principal
from registry.profile import Profile
from sparql.graph_store import ChangeSet, GraphStore
from sparql.terms import Iri, Triple

Precondition: TypeAlias = Callable[[Device], bool]
"""Tells whether a device, as the caller sees it, is still the one that the caller read."""


class Watch:
    """The devices that were changed since it was last asked."""

    def __init__(self) -> None:
        self._devices: set[Iri] = set()

    def note(self, devices: Collection[Iri]) -> None:
        """Note changes."""
        self._devices |= set(devices)

    def take(self) -> frozenset[Iri]:
        """Return the devices, and begin anew."""
        taken, self._devices = self._devices, set()
        return frozenset(taken)


class DeviceWriter:
    """Changes devices.

    Args:
        store: where their triples are.
        profile: the profile in force.
        reader: reads what is to be changed.
        clock: gives the times of changes.
    """

    def __init__(self, store: GraphStore, profile: Profile, reader: DeviceReader, clock: Clock) -> None:
        self._store = store
        self._profile = profile
        self._reader = reader
        self._clock = clock
        self._validator = Validator(profile)
        self._writing = threading.Lock()
        self._watches: list[Watch] = []

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let no change begin, and wait for the one under way, for as long as this lasts."""
        with self._writing:
            yield

    @contextmanager
    def watched(self) -> Iterator[Watch]:
        """Note which devices are changed for as long as this lasts."""
        watch = Watch()
        with self._writing:
            self._watches.append(watch)
        try:
            yield watch
        finally:
            self._watches.remove(watch)

    def adopt(self, profile: Profile, reader: DeviceReader) -> None:
        """Go on with another profile; to be called while paused."""
        self._profile = profile
        self._reader = reader
        self._validator = Validator(profile)

    def create(self, principal: Principal, documents: Sequence[Mapping[str, Any]], *, single: bool) -> list[Device]:
        """Add new devices, all or none.

        Raises:
            Forbidden: the role creates no devices.
            ValidationFailed: a document breaks the shapes, or its device_id is taken.
        """
        self._require(principal, Operation.CREATE)
        asked = [nested(document) for document in documents]
        with self._writing:
            devices = self._examined(principal, asked, single=single)
            added = [quad for triples in devices.values() for quad in placement(self._profile, triples)]
            self._apply(devices, ChangeSet(added=added))
            return [Device(iri, from_triples(self._profile, triples), triples) for iri, triples in devices.items()]

    def change(self, principal: Principal, device_id: str, changes: Mapping[str, Any], holds: Precondition) -> Device:
        """Merge `changes` into a device (RFC 7396) and return it as `principal` then sees it.

        Raises:
            NotFound: it doesn't exist, or not for this principal.
            PreconditionFailed: it changed since the caller read it.
            Forbidden: a field is not the role's to change.
            ValidationFailed: the outcome would break the shapes.
        """
        with self._writing:
            seen = self._current(principal, device_id, holds)
            asked = without_echo(nested(changes), seen)
            issues = structural_issues(self._profile, asked, principal.role, null_removes=True)
            patch = without(asked, issues)
            self._permit(principal, seen, merged(seen.document, patch, self._profile))
            (truth,) = self._reader.read(TRUTH, [seen.iri])
            self._write(principal, truth, merged(truth.document, patch, self._profile), issues)
            return self._reader.get(principal, device_id)

    def replace(self, principal: Principal, device_id: str, document: Mapping[str, Any], holds: Precondition) -> Device:
        """Put `document` in the place of a device, whose identity and time of creation stay.

        Raises:
            as `change`; Forbidden for every role but service.
        """
        self._require(principal, Operation.REPLACE)
        with self._writing:
            seen = self._current(principal, device_id, holds)
            asked = without_echo(nested(document), seen)
            issues = structural_issues(self._profile, asked, principal.role)
            asked = without(asked, issues)
            self._permit(principal, seen, {**seen.document, **asked})
            kept = {name: seen.document[name] for name in ("device_id", "_created", "_updated")}
            self._write(principal, seen, {**with_defaults(asked, self._profile), **kept}, issues)
            return self._reader.get(principal, device_id)

    def delete(self, principal: Principal, device_id: str, holds: Precondition) -> None:
        """Remove a device from every graph.

        Raises:
            Forbidden: the role deletes no devices.
            NotFound: it doesn't exist.
            PreconditionFailed: it changed since the caller read it.
        """
        self._require(principal, Operation.DELETE)
        with self._writing:
            seen = self._current(principal, device_id, holds)
            self._apply([seen.iri], ChangeSet(removed=placement(self._profile, seen.triples)))

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
        self, principal: Principal, documents: Sequence[Document], *, single: bool
    ) -> dict[Iri, frozenset[Triple]]:
        """Return the triples of new devices.

        Raises:
            ValidationFailed: with what is wrong with each document.
        """
        issues: list[dict[str, Any]] = []
        devices: dict[Iri, frozenset[Triple]] = {}
        iris = [device_iri(document.get(self._profile.identity.name)) for document in documents]
        taken = {each.iri for each in self._reader.read(TRUTH, [iri for iri in iris if iri is not None])}
        for number, (document, named) in enumerate(zip(documents, iris, strict=True)):
            found = structural_issues(self._profile, document, principal.role)
            if named is not None and (named in taken or named in devices):
                found[self._profile.identity.name] = f"value '{document[self._profile.identity.name]}' is not unique"
            iri = named if named is not None and named not in devices else Iri(f"urn:document:{number}")
            now = self._clock.text()
            filled = {**with_defaults(without(document, found), self._profile), "_created": now, "_updated": now}
            devices[iri] = to_triples(self._profile, filled, iri)
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

    def _write(self, principal: Principal, old: Device, document: Document, issues: dict[str, Any]) -> None:
        after = to_triples(self._profile, document, old.iri)
        broken = self._validator.validate({old.iri: after})
        all_issues = joined(self._issues(principal, old.iri, broken), issues)
        if all_issues:
            report = report_of(self._profile, principal.role, broken, {old.iri: issues})
            raise ValidationFailed("", [all_issues], report=report)
        if self._content(old.triples) == self._content(after):
            return
        now = self._profile.fields["_updated"].codec.encode(self._clock.text())
        dated = date(self._profile, old.triples, after, old.iri, now)
        was, will = placement(self._profile, old.triples), placement(self._profile, dated)
        self._apply([old.iri], ChangeSet(removed=was - will, added=will - was))

    def _apply(self, devices: Collection[Iri], change: ChangeSet) -> None:
        for watch in self._watches:  # before the change: one that fails was looked at for nothing, none is missed
            watch.note(devices)
        self._store.apply(change)

    def _content(self, triples: Collection[Triple]) -> set[Triple]:
        return {triple for triple in stated(self._profile, triples) if triple.predicate not in BOOKKEEPING}
