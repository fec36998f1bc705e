"""Changes of what is no device, as the journal and the store take them: from a state before to one afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from registry.journal.device_changes import Circumstances
from registry.journal.entry import Resource, State
from registry.journal.placed import quads_of
from registry.journal.recorder import Recorder
from registry.journal.state import write
from sparql.graph_store import ChangeSet
from sparql.terms import Iri


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """What becomes of one subject.

    Attributes:
        resource: what it is.
        subject: its IRI.
        time: when, as the journal has it.
        before: its state; None for a new one.
        after: its state now; None for one that is gone.
    """

    resource: Resource
    subject: Iri
    time: str
    before: State | None = None
    after: State | None = None


def record(recorder: Recorder, changes: Sequence[ResourceChange], how: Circumstances) -> None:
    """Make changes of different subjects, all or none; return when they are in the journal and in the store.

    Whoever calls sees to it that nobody else changes the same subjects meanwhile.

    Raises:
        InsufficientStorage, ServiceUnavailable: as Recorder.record.
    """
    entries, moves = [], []
    for change in changes:
        was = quads_of(change.resource, change.subject, change.before)
        will = quads_of(change.resource, change.subject, change.after)
        moves.append(ChangeSet.between(was, will))
        entries.append(
            replace(
                how.entry(change.time),
                before=None if change.before is None else write(change.before),
                after=None if change.after is None else write(change.after),
                resource=change.resource,
                subject=change.subject,
            )
        )
    recorder.record(entries, ChangeSet.together(moves))
