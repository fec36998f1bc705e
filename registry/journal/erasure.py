"""What the journal forgets of an account, and what it keeps so that it still adds up.

Erased is what was recorded of devices while they were with the account: for that time a device is as one that was not
there. An entry by which a device came to the account ends the device's history before, one by which it left begins the
one after; states of other times are other people's. Views of others keep their numbers, with gaps, and still hear that
a device is gone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from registry.access import account_graph
from registry.devices.documents import device_iri
from registry.errors import BadRequest
from registry.journal.entry import Entry, Resource, State
from registry.journal.journal import Journal
from registry.principal import Role
from sparql.terms import Iri

UNFINISHED = "erasing"
"""The note that says that the store's files, and the journal's log, may still hold what was erased."""
NOBODY = ("", "erased")
"""Issuer and subject in the place of an author who was erased."""
_BLOCK = 2_000
_LENGTHS = range(1, 257)


@dataclass(frozen=True, slots=True)
class Account:
    """An account at an aggregator.

    Attributes:
        aggregator_id: as devices name it.
        account_id: likewise.
    """

    aggregator_id: str
    account_id: str

    @property
    def view(self) -> Iri:
        """The account's own view."""
        return account_graph(self.aggregator_id, self.account_id)

    def has(self, state: State | None) -> bool:
        """Tell whether a device in this state is with the account."""
        if state is None:
            return False
        return account_graph(str(state.get("aggregator_id", "")), str(state.get("account_id", ""))) == self.view


def account_of(aggregator_id: Any, account_id: Any) -> Account:
    """Return the account that is named so.

    Raises:
        BadRequest: no aggregator or account can have such a name.
    """
    if not isinstance(aggregator_id, str) or len(aggregator_id) not in _LENGTHS:
        raise BadRequest("aggregator_id must be a text of 1 to 256 characters")
    if device_iri(account_id) is None:
        raise BadRequest("account_id must be a UUID")
    return Account(aggregator_id, account_id.lower())


def devices_of(journal: Journal, account: Account, after: int, until: int) -> set[str]:
    """Return the devices that entries after one sequence, up to another, say to have been with the account."""
    query = (
        "SELECT device, before, after FROM entry WHERE sequence > ? AND sequence <= ? AND device IS NOT NULL "
        "AND (INSTR(LOWER(before), LOWER(?)) OR INSTR(LOWER(after), LOWER(?)))"
    )
    found: set[str] = set()
    for start in range(after, until, _BLOCK):
        end = min(start + _BLOCK, until)
        for device, *states in journal.read(query, (start, end, account.account_id, account.account_id)):
            if any(map(account.has, map(_read, states))):
                found.add(device)
    return found


def agreements_of(journal: Journal, account: Account) -> list[Entry]:
    """Return the latest entry of whatever else than a device is the account's: its contracts."""
    return [
        entry
        for resource in Resource
        if resource is not Resource.DEVICE
        for entry in journal.latest_of(resource)
        if account.has(entry.state_after)
    ]


def forget(connection: sqlite3.Connection, account: Account, devices: Iterable[str]) -> None:
    """Erase what was recorded of `devices` while they were with the account, in the transaction of the caller."""
    authors: set[int] = set()
    _forget_view(connection, account.view)
    for device in sorted(devices):
        query = "SELECT sequence, before, after, author FROM entry WHERE device = ? ORDER BY sequence"
        for sequence, before, after, author in connection.execute(query, (device,)).fetchall():
            was, will = account.has(_read(before)), account.has(_read(after))
            if was or will:
                authors |= {author} if was else set()
                _scrub(connection, sequence, None if was else before, None if will else after)
    authors |= _forget_agreements(connection, account)
    _forget_authors(connection, authors)
    connection.execute("INSERT OR REPLACE INTO note VALUES (?, '1')", (UNFINISHED,))


def finished(journal: Journal) -> None:
    """Note that nothing that was erased is left in any file."""
    with journal.written() as connection:
        connection.execute("DELETE FROM note WHERE name = ?", (UNFINISHED,))


def _scrub(connection: sqlite3.Connection, sequence: int, before: str | None, after: str | None) -> None:
    """Leave what is not the account's of one entry, and what other views have yet to hear: that it is gone."""
    if after is None:
        shown = "deleted" if before is not None else "updated"
        connection.execute("UPDATE seen SET what = ? WHERE sequence = ? AND what = 'updated'", (shown, sequence))
        connection.execute("DELETE FROM seen WHERE sequence = ? AND what <> 'deleted'", (sequence,))
    else:
        connection.execute("UPDATE seen SET what = 'created' WHERE sequence = ? AND what = 'updated'", (sequence,))
    connection.execute("UPDATE entry SET before = ?, after = ? WHERE sequence = ?", (before, after, sequence))
    query = "DELETE FROM entry WHERE sequence = ? AND sequence NOT IN (SELECT sequence FROM seen)"
    if before is None and after is None:
        connection.execute(query, (sequence,))


def _forget_agreements(connection: sqlite3.Connection, account: Account) -> set[int]:
    """Forget what was recorded of contracts while they were the account's; return who recorded it."""
    authors: set[int] = set()
    query = "SELECT sequence, before, after, author FROM entry WHERE subject IS NOT NULL"
    for sequence, before, after, author in connection.execute(query).fetchall():
        was, will = account.has(_read(before)), account.has(_read(after))
        if was or will:
            authors.add(author)
            kept = (None if was else before, None if will else after)
            connection.execute("UPDATE entry SET before = ?, after = ? WHERE sequence = ?", (*kept, sequence))
            if kept == (None, None):
                connection.execute("DELETE FROM entry WHERE sequence = ?", (sequence,))
    return authors


def _forget_view(connection: sqlite3.Connection, view: Iri) -> None:
    for (number,) in connection.execute("SELECT id FROM view WHERE name = ?", (view,)).fetchall():
        connection.execute("DELETE FROM seen WHERE view = ?", (number,))
        connection.execute("DELETE FROM view WHERE id = ?", (number,))


def _forget_authors(connection: sqlite3.Connection, authors: Iterable[int]) -> None:
    """Forget the persons among authors of changes of what was the account's: those with the role that owns devices."""
    for author in sorted(authors):
        (role,) = connection.execute("SELECT role FROM author WHERE id = ?", (author,)).fetchone()
        if role != Role.PROSUMER:
            continue
        (used,) = connection.execute("SELECT EXISTS (SELECT 1 FROM entry WHERE author = ?)", (author,)).fetchone()
        if used:
            connection.execute("UPDATE author SET issuer = ?, subject = ? WHERE id = ?", (*NOBODY, author))
        else:
            connection.execute("DELETE FROM author WHERE id = ?", (author,))


def _read(text: str | None) -> State | None:
    found: State | None = None if text is None else json.loads(text)
    return found
