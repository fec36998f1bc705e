"""Delivers events to all webhooks, in a few threads: to each one in order, and to none twice at the same time.

An event is delivered at least once: the place of a webhook is noted after the receiver has taken it.
"""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from registry.errors import RegistryError
from registry.events.cursor import Cursor
from registry.events.event import Event
from registry.events.reader import EventReader, Heard
from registry.journal import Recorder
from registry.webhooks.delivery import Deliverer, Outcome
from registry.webhooks.schedule import Schedule
from registry.webhooks.webhook import State, Webhook
from registry.webhooks.webhook_store import WebhookStore

LIMIT = 20
"""Changes that are read for a webhook at once."""
_AFTER_DEFECT = 60.0

logger = logging.getLogger(__name__)


class _Next(NamedTuple):
    """When a webhook is looked at again: at a time, at once if there is more, else when there is news."""

    time: float = 0.0
    more: bool = False


class Dispatcher:
    """Delivers what there is to deliver.

    Args:
        store: the webhooks.
        reader: returns what reads the events of a webhook.
        deliverer: makes deliveries.
        schedule: says when to try again.
        recorder: tells of changes.
        threads: how many deliveries are made at the same time.
        now: the time in seconds since 1970.
    """

    def __init__(  # noqa: PLR0913, PLR0917  what is delivered, to whom, how and when
        self,
        store: WebhookStore,
        reader: Callable[[Webhook], EventReader],
        deliverer: Deliverer,
        schedule: Schedule,
        recorder: Recorder,
        threads: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._reader = reader
        self._deliverer = deliverer
        self._schedule = schedule
        self._now = now
        self._changed = threading.Condition()
        self._not_before: dict[str, float] = {}
        self._fresh: set[str] = set()
        self._busy: set[str] = set()
        self._readers: dict[str, EventReader] = {}
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name="webhooks", daemon=True) for _ in range(threads)]
        recorder.listen(lambda _: self._hear())

    def start(self) -> None:
        """Begin where the last process ended."""
        for webhook in self._store.all():
            self._not_before[webhook.id] = math.inf if webhook.state.suspended else webhook.state.next_attempt
        self._hear()
        for thread in self._threads:
            thread.start()

    def wake(self, identifier: str) -> None:
        """Look at a webhook at once: it is new, or its owner has resumed or removed it."""
        with self._changed:
            self._not_before[identifier] = 0.0
            self._fresh.add(identifier)
            self._changed.notify()

    def close(self) -> None:
        """Finish the deliveries that are under way, and begin no others."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _hear(self) -> None:
        with self._changed:
            self._fresh.update(self._not_before)
            self._changed.notify_all()

    def _work(self) -> None:
        while (identifier := self._take()) is not None:
            try:
                following = self._deliver(identifier)
            except RegistryError as error:
                logger.warning("webhook %s can't be served for now: %s", identifier, error.message)
                following = _Next(self._now() + 1, more=True)
            except Exception:
                logger.exception("webhook %s can't be served", identifier)
                following = _Next(self._now() + _AFTER_DEFECT, more=True)
            self._put_back(identifier, following)

    def _take(self) -> str | None:
        """Wait for a webhook that may be served, and return it; None at the end."""
        with self._changed:
            while not self._closed:
                now = self._now()
                waiting = {each: self._not_before[each] for each in self._fresh - self._busy}
                due = min(waiting, key=waiting.__getitem__, default=None)
                if due is not None and waiting[due] <= now:
                    self._fresh.discard(due)
                    self._busy.add(due)
                    return due
                wait = math.inf if due is None else waiting[due] - now
                self._changed.wait(None if wait == math.inf else wait)
        return None

    def _put_back(self, identifier: str, following: _Next | None) -> None:
        with self._changed:
            self._busy.discard(identifier)
            if following is None:
                self._not_before.pop(identifier, None)
                self._fresh.discard(identifier)
                self._readers.pop(identifier, None)
                return
            if identifier not in self._fresh or following.time:
                self._not_before[identifier] = following.time
            if following.more:
                self._fresh.add(identifier)
            self._changed.notify()

    def _deliver(self, identifier: str) -> _Next | None:
        """Deliver some events to a webhook; return what follows, None if it is gone."""
        webhook = self._store.get(identifier)
        if webhook is None:
            return None
        if webhook.state.suspended:
            return _Next(math.inf)
        reader = self._readers.get(identifier) or self._readers.setdefault(identifier, self._reader(webhook))
        try:
            heard = reader.read(webhook.state.cursor, LIMIT)
        except RegistryError as error:
            if error.status >= 500:
                raise
            return self._noted(webhook, replace(webhook.state, suspended=True, error=error.message))
        return self._deliver_heard(webhook, reader, heard)

    def _deliver_heard(self, webhook: Webhook, reader: EventReader, heard: Heard) -> _Next | None:
        state = webhook.state
        for cursor, name, event in _numbered(reader, heard):
            if self._closed:
                return _Next(more=True)
            if event is not None:
                outcome = self._deliverer.deliver(webhook.url, webhook.secret, name, self._body(event))
                if outcome.error is not None:
                    return self._failed(webhook, state, outcome)
            if cursor is not None:
                state = State(cursor=cursor)
                if event is not None and not self._store.note(webhook.id, state):
                    return None
        if state.cursor != webhook.state.cursor and not self._store.note(webhook.id, state):
            return None
        return _Next(more=heard.more or heard.reset is not None)

    def _failed(self, webhook: Webhook, state: State, outcome: Outcome) -> _Next | None:
        failed = self._schedule.failed(state, outcome, self._now())
        logger.info("webhook %s: %s, %d times so far", webhook.id, outcome.error, failed.attempts)
        return self._noted(webhook, failed)

    def _noted(self, webhook: Webhook, state: State) -> _Next | None:
        if state.suspended:
            logger.warning("webhook %s is suspended: %s", webhook.id, state.error)
        if not self._store.note(webhook.id, state):
            return None
        return _Next(math.inf if state.suspended else state.next_attempt, more=True)

    def _body(self, event: Event) -> bytes:
        now = datetime.fromtimestamp(self._now(), UTC).isoformat().replace("+00:00", "Z")
        payload = {"type": event.type, "timestamp": event.data.get("time", now), "data": event.data}
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _numbered(reader: EventReader, heard: Heard) -> Iterator[tuple[Cursor | None, str, Event | None]]:
    """Yield events with their ids, each with the place after it if that is one between two changes."""
    if heard.reset is not None:
        yield heard.cursor, f"evt_{reader.identifier(heard.cursor)}_reset", heard.reset
    for told in heard.told:
        name = f"evt_{reader.identifier(told.cursor)}"
        if not told.events:
            yield told.cursor, name, None
            continue
        *others, last = told.events
        for number, event in enumerate(others, 1):
            yield None, f"{name}_{number}", event
        yield told.cursor, name, last
