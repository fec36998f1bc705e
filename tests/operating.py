"""A registry's data with devices of two households, changed and moved, and what can be done with them stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stand import ALICE, BOB, A, B, device, running_stand

from registry.journal.entry import OPERATOR
from registry.journal.erasure import Account
from registry.operations import backup, rebuilding, restoring
from registry.operations.erasing import Eraser
from registry.publishing.starting import start
from sparql.embedded import EmbeddedStore

SECRET = "the secret heat pump of alice"


def prepare(data: Path) -> None:
    """Make a registry with devices of Alice's and of Bob's, changed and moved."""
    with running_stand(data) as stand:
        stand.add(*(_document(number) for number in range(1, 31)))
        for number in (1, 2, 3):
            stand.patch(_document(number)["device_id"], {"device_name": f"{SECRET}, changed"})
        stand.patch(_document(4)["device_id"], {"account_id": BOB, "device_name": "bob has it now"})
        stand.patch(_document(20)["device_id"], {"account_id": ALICE, "device_name": f"{SECRET}, come later"})


def _document(number: int) -> dict[str, Any]:
    if number <= 10:
        return device(number, device_name=f"{SECRET} {number}")
    return device(number, account_id=BOB, aggregator_id=B if number > 25 else A)


def operate(operation: str, data: Path, other: Path) -> None:
    match operation:
        case "prepare":
            prepare(data)
        case "backup":
            backup.make_backup(data, other, lambda _: None)
        case "restore":
            restoring.restore(other, data)
        case "rebuild":
            rebuilding.rebuild_store(data, lambda _: None)
        case "erase":
            store = EmbeddedStore(data / "store")
            started = start(store, data)
            Eraser(store, started).erase(Account(A, ALICE), OPERATOR)
            store.close()
            started.recorder.journal.close()
