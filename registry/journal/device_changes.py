"""Changes of devices, as the journal and the store take them: from triples before and triples afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from registry.access import placement
from registry.devices.documents import id_of
from registry.journal.entry import Author, Entry, Kind
from registry.journal.recorder import Recorder
from registry.journal.state import text_of, views
from registry.profile import Profile
from sparql.graph_store import ChangeSet
from sparql.terms import Iri, Triple


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one device.

    Attributes:
        device: its IRI.
        time: when, as the journal has it.
        before: all triples that were true of it; none for a new one.
        after: all that are true of it now; none for one that is gone.
    """

    device: Iri
    time: str
    before: frozenset[Triple] = frozenset()
    after: frozenset[Triple] = frozenset()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What changes that are made together share: what was done, by whom, by which model, in which request."""

    kind: Kind
    author: Author
    model: str
    request: str | None = None

    def entry(self, time: str) -> Entry:
        """Return what the journal says of all of them alike, of one that was made at a time."""
        return Entry(kind=self.kind, time=time, author=self.author, model=self.model, request=self.request)


def record(recorder: Recorder, profile: Profile, changes: Sequence[Change], how: Circumstances) -> None:
    """Make changes of different devices, all or none; return when they are in the journal and in the store.

    Raises:
        InsufficientStorage, ServiceUnavailable: as Recorder.record.
    """
    entries, moves = [], []
    for change in changes:
        was, will = placement(profile, change.before), placement(profile, change.after)
        moves.append(ChangeSet.between(was, will))
        entries.append(
            replace(
                how.entry(change.time),
                device=id_of(change.device),
                before=text_of(profile, change.before),
                after=text_of(profile, change.after),
                seen=views(was, will),
            )
        )
    recorder.record(entries, ChangeSet.together(moves))
