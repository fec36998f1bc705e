"""Erases all that the registry holds of an account: from the store, from the journal, and from their files.

The journal forgets and says so in one transaction, the store follows as by any other change, and then the files are
made anew, because the engine keeps every text that it ever had. A process that is killed in between finds a note of
it in the journal and finishes at its next start. Copies that were made before, backups above all, are out of its reach.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass

from registry.access import DEVICES, MAY_ERASE, aggregator_graph, placement
from registry.devices.documents import device_iri, from_triples, id_of
from registry.devices.enumeration import triples_in
from registry.errors import Forbidden
from registry.journal import Author, Entry, Kind, What
from registry.journal.erasure import Account, agreements_of, devices_of, forget
from registry.journal.placed import quads_of
from registry.operations.cleaning import clean
from registry.principal import Principal
from registry.profile import Profile
from registry.publishing.starting import Started
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import Iri, Quad


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is kept of an erasure.

    Attributes:
        time: when.
        devices: how many devices were removed.
        salt: random, in hexadecimal.
        account: HMAC-SHA-256 with the salt over aggregator and account; shows that it was this one, to who knows it.
    """

    time: str
    devices: int
    salt: str
    account: str


def digest(account: Account, salt: str) -> str:
    """Return what an erasure keeps of an account."""
    text = json.dumps([account.aggregator_id, account.account_id.lower()], ensure_ascii=False)
    return hmac.new(bytes.fromhex(salt), text.encode(), hashlib.sha256).hexdigest()


class Eraser:
    """Erases accounts.

    Args:
        store: the store.
        started: what changes it.
        drop_copies: removes copies of the store that are kept for readers.
        drop_agreements: has who keeps contracts in memory forget some.
    """

    def __init__(
        self,
        store: EmbeddedStore,
        started: Started,
        drop_copies: Callable[[], None] = lambda: None,
        drop_agreements: Callable[[Collection[Iri]], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._started = started
        self._drop_copies = drop_copies
        self._drop_agreements = drop_agreements
        self._journal = started.recorder.journal

    def erase_for(self, principal: Principal, account: Account) -> Erasure:
        """Erase an account for a caller; as `erase`.

        Raises:
            Forbidden: the role erases nothing.
        """
        if principal.role not in MAY_ERASE:
            able = ", ".join(sorted(MAY_ERASE))
            raise Forbidden(f"The role {principal.role} may not erase accounts; {able} may.")
        return self.erase(account, Author.of(principal))

    def erase(self, account: Account, author: Author) -> Erasure:
        """Remove the devices of an account and all that was recorded of it; return when no file holds any of it.

        Devices that were with the account at other times lose that part of their history. Doing it again does no harm.

        Raises:
            Conflict: a model is being published.
            InsufficientStorage, ServiceUnavailable: it can't be written, or not yet from all files; try again.
        """
        with self._started.publisher.alone():
            until = self._journal.last
            known = devices_of(self._journal, account, 0, until)  # most of the reading, while others still write
            with self._started.writer.paused():
                known |= devices_of(self._journal, account, until, self._journal.last)
                done = self._forget(account, known, author)
            self._drop_copies()
            clean(self._store, self._journal)
        return done

    def _forget(self, account: Account, known: Collection[str], author: Author) -> Erasure:
        edition, time_of_it = self._started.in_force.edition, self._started.clock.text()
        present, agreements = self._present(edition.profile, account, known), agreements_of(self._journal, account)
        salt = secrets.token_hex(16)
        done = Erasure(time_of_it, len(present), salt, digest(account, salt))

        def work(connection: sqlite3.Connection) -> Iterator[Entry]:
            forget(connection, account, {*known, *map(id_of, present)})
            seen = ((DEVICES, What.DELETED), (aggregator_graph(account.aggregator_id), What.DELETED))
            common = {"kind": Kind.ERASE, "time": time_of_it, "author": author, "model": edition.name}
            for device in sorted(present):
                yield Entry(**common, device=id_of(device), seen=seen)  # type: ignore[arg-type]  # each of its own kind
            yield Entry(**common, after=json.dumps(asdict(done)))  # type: ignore[arg-type]

        removed = [quad for quads in present.values() for quad in quads]
        for each in agreements:
            removed += quads_of(each.resource, each.subject or "", each.state_after)
        self._started.recorder.erase(work, ChangeSet(removed=removed))
        self._drop_agreements([Iri(each.subject or "") for each in agreements])
        return done

    def _present(self, profile: Profile, account: Account, known: Collection[str]) -> dict[Iri, frozenset[Quad]]:
        """Return the devices that are with the account now, and what the store holds of them."""
        subjects = self._store.select(
            "SELECT DISTINCT ?s WHERE { ?s ?p ?o }", DatasetDescription(default=(account.view,))
        )
        iris = {device_iri(device) for device in known}
        iris |= {device_iri(id_of(Iri(str(subject).partition("#")[0]))) for (subject,) in subjects}
        found = triples_in(self._store, profile, DEVICES, sorted(iri for iri in iris if iri is not None))
        return {
            iri: placement(profile, triples)
            for iri, triples in found.items()
            if account.has(from_triples(profile, triples))
        }
