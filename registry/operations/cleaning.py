"""Makes the files anew that may still hold what was erased, and finishes that when a process was killed before."""

from __future__ import annotations

import logging
import time

from registry.errors import ServiceUnavailable
from registry.journal import Journal
from registry.journal.erasure import UNFINISHED, finished
from sparql.embedded import EmbeddedStore
from sparql.graph_store import StoreError

WITHIN = 60.0
"""Seconds to wait for readers of the journal, so that its log can be emptied."""

logger = logging.getLogger(__name__)


def clean(store: EmbeddedStore, journal: Journal) -> None:
    """Make the files anew that may hold what was erased, and note that this is done.

    Raises:
        ServiceUnavailable: it can't be done for now; the next start of the registry does it.
    """
    try:
        store.renew()
    except StoreError as error:
        logger.exception("the store's files still hold what was erased")
        raise _unfinished("the store can't be made anew") from error
    journal.settle()  # the store has it, and on its disk: the text that says what was removed goes too
    until = time.monotonic() + WITHIN
    while not journal.truncate():
        if time.monotonic() > until:
            raise _unfinished("somebody reads the journal for long, as a backup does")
        time.sleep(0.1)
    finished(journal)
    journal.truncate()


def finish(store: EmbeddedStore, journal: Journal) -> None:
    """Finish an erasure that was cut short, when a registry starts; what can't be done yet waits for the next one."""
    if journal.note(UNFINISHED) is None:
        return
    logger.info("finishing an erasure that was cut short")
    try:
        clean(store, journal)
    except ServiceUnavailable as error:
        logger.error("%s", error.message)


def _unfinished(reason: str) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"It is erased, but bytes of it are still in files: {reason}. Ask again, or start the registry again",
        headers={"Retry-After": "60"},
    )
