"""Verifies a journal by itself: that its file is sound, and that what it says can have come about.

What a state says of a device, and whether the store has it, is not judged here.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from registry.errors import BadRequest
from registry.journal.database import APPLICATION, VERSION
from registry.journal.entry import Kind, What
from registry.journal.journal import HORIZON
from registry.publishing.library import Published
from registry.publishing.model_files import from_zip

_KINDS = tuple(Kind)


def audit_journal(path: Path) -> Iterator[str]:
    """Yield what is wrong with the journal in a file that nobody is writing to."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            yield from _audit(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        yield f"the journal's file is damaged: {error}"


def _audit(connection: sqlite3.Connection) -> Iterator[str]:
    for (found,) in connection.execute("PRAGMA integrity_check(20)"):
        if found != "ok":
            yield f"the journal's file is damaged: {found}"
            return
    ((application,),) = connection.execute("PRAGMA application_id")
    ((version,),) = connection.execute("PRAGMA user_version")
    if (application, version) != (APPLICATION, VERSION):
        yield f"the file is no journal of version {VERSION}: application_id {application:#x}, version {version}"
        return
    for check in _CHECKS:
        yield from check(connection)


def _references(connection: sqlite3.Connection) -> Iterator[str]:
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(20):
        yield f"row {row} of the table {table} names something that is not in {parent}"


def _numbers(connection: sqlite3.Connection) -> Iterator[str]:
    ((last, given),) = connection.execute(
        "SELECT COALESCE((SELECT MAX(sequence) FROM entry), 0), "
        "COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'entry'), 0)"
    )
    if last > given:
        yield f"there is an entry {last:,}, but numbers were given up to {given:,} only"
    for kind, number in connection.execute("SELECT kind, COUNT(*) FROM entry GROUP BY kind"):
        if kind not in _KINDS:
            yield f"{number:,} entries are of an unknown kind {kind!r}"


def _chains(connection: sqlite3.Connection) -> Iterator[str]:
    """Verify that each entry of a device begins with the state that the one before ended with."""
    horizon = _horizon(connection)
    query = (
        "SELECT sequence, kind, device, before, after FROM entry INDEXED BY entry_of_device "
        "WHERE device IS NOT NULL ORDER BY device, sequence"
    )
    known, state = None, None
    for sequence, kind, device, before, after in connection.execute(query):
        pruned = device != known and sequence <= horizon
        if device != known:
            known, state = device, None
        if before != state and not pruned and _read(before) != _read(state):
            yield f"entry {sequence:,}: the state before is not the one that the device {device} was left in"
        yield from _states(sequence, kind, device, before, after)
        state = after


def _states(sequence: int, kind: str, device: str, before: str | None, after: str | None) -> Iterator[str]:
    if not _is_uuid(device):
        yield f"entry {sequence:,}: {device!r} is no device"
    for text in (before, after):
        if text is not None:
            state = _read(text)
            if not isinstance(state, dict):
                yield f"entry {sequence:,}: a state is no JSON object"
            elif state.get("device_id") != device:
                yield f"entry {sequence:,}: a state is of another device than {device}"
    gone = kind in (Kind.DELETE, Kind.ERASE)
    if gone and after is not None:
        yield f"entry {sequence:,}: the device {device} is there after it is gone"


def _views(connection: sqlite3.Connection) -> Iterator[str]:
    """Verify that each view numbers its changes in their order, without gaps but for what was pruned or erased."""
    query = (
        "SELECT name, number FROM (SELECT view, number, sequence, "
        "LAG(sequence) OVER (PARTITION BY view ORDER BY number) AS before FROM seen) "
        "JOIN view ON view.id = view WHERE sequence <= before LIMIT 20"
    )
    for name, number in connection.execute(query):
        yield f"view {name}: its change {number:,} is of an entry before that of its change {number - 1:,}"
    known = tuple(What)
    for name, what in connection.execute("SELECT DISTINCT name, what FROM seen JOIN view ON view.id = view"):
        if what not in known:
            yield f"view {name}: a change is of an unknown kind {what!r}"
    horizon = _horizon(connection)
    ((erased,),) = connection.execute("SELECT EXISTS (SELECT 1 FROM entry WHERE kind = ?)", (Kind.ERASE,))
    query = (
        "SELECT name, last, MIN(number), MAX(number), COUNT(number) FROM view "
        "LEFT JOIN seen ON view = id AND sequence > ? GROUP BY id"
    )
    for name, last, lowest, highest, count in connection.execute(query, (horizon,)):
        if highest is not None and highest > last:
            yield f"view {name}: its last change has the number {highest:,}, but {last:,} were given"
        elif not erased and count != last - (lowest or 1 if not horizon else lowest or last + 1) + 1:
            yield f"view {name}: {count:,} of its changes are there, some up to {last:,} are missing"
        elif not (erased or horizon) and lowest not in (None, 1):
            yield f"view {name}: its first change has the number {lowest:,}"


def _shown(connection: sqlite3.Connection) -> Iterator[str]:
    query = "SELECT sequence FROM seen WHERE sequence NOT IN (SELECT sequence FROM entry) LIMIT 20"
    for (sequence,) in connection.execute(query):
        yield f"a view shows an entry {sequence:,} that is not there"
    query = (
        "SELECT sequence FROM entry WHERE device IS NOT NULL AND kind <> 'migrate' "
        "AND sequence NOT IN (SELECT sequence FROM seen) LIMIT 20"
    )
    for (sequence,) in connection.execute(query):
        yield f"entry {sequence:,} shows in no view"


def _models(connection: sqlite3.Connection) -> Iterator[str]:
    """Verify that every model that was in force is there, and is what its name says."""
    query = (
        "SELECT name, record, files FROM model WHERE files IS NOT NULL "
        "OR id IN (SELECT model FROM entry WHERE kind = 'publish')"
    )
    for name, record, files in connection.execute(query):
        try:
            found = from_zip(files or b"").digest
            Published.read(record or "")
        except (BadRequest, ValueError, TypeError, KeyError) as error:
            yield f"the model {name[:12]} can't be read: {getattr(error, 'message', error)}"
            continue
        if found != name:
            yield f"the model {name[:12]} is not the one that was published: its digest is {found[:12]}"


_CHECKS: tuple[Callable[[sqlite3.Connection], Iterator[str]], ...] = (
    _references,
    _numbers,
    _chains,
    _views,
    _shown,
    _models,
)


def _horizon(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM note WHERE name = ?", (HORIZON,)).fetchone()
    return int(row[0]) if row else 0


def _read(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return text


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
