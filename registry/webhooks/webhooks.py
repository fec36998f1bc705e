"""The webhooks of service clients: made, shown, resumed and removed by their owners."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from registry.access import MAY_SUBSCRIBE
from registry.errors import Conflict, Forbidden, NotFound
from registry.event_settings import WebhookSettings
from registry.events.reader import Audience, EventReader
from registry.events.subscription import Subscription
from registry.in_force import InForce
from registry.journal import Recorder
from registry.principal import Principal
from registry.webhooks.delivery import Deliverer
from registry.webhooks.dispatcher import Dispatcher
from registry.webhooks.schedule import Schedule
from registry.webhooks.signature import check_secret, new_secret
from registry.webhooks.webhook import Owner, State, Webhook
from registry.webhooks.webhook_store import WebhookStore

FILE = "webhooks.sqlite"


class Webhooks:
    """All webhooks of a registry.

    Args:
        recorder: the journal, and how far it may be told of.
        in_force: the model in force.
        folder: where the file of the webhooks is.
        settings: whom the registry may call, and how long it tries.
        now: the time in seconds since 1970.
    """

    def __init__(
        self,
        recorder: Recorder,
        in_force: InForce,
        folder: Path,
        settings: WebhookSettings,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._recorder = recorder
        self._in_force = in_force
        self._most = settings.subscriptions_each
        self._on = bool(settings.allowed_origins)
        self._now = now
        self._store = WebhookStore(folder / FILE)
        self._adding = threading.Lock()
        self._deliverer = Deliverer(settings.allowed_origins, settings.timeout, now)
        schedule = Schedule(settings.suspend_after, Random())  # noqa: S311  jitter is no secret
        self._dispatcher = Dispatcher(
            self._store, self._reader, self._deliverer, schedule, recorder, settings.threads, now
        )

    def start(self) -> None:
        """Begin to deliver, unless the operator allows no origin."""
        if self._on:
            self._dispatcher.start()

    def close(self) -> None:
        """Finish the deliveries that are under way."""
        self._dispatcher.close()
        self._deliverer.close()
        self._store.close()

    def of(self, principal: Principal) -> list[Webhook]:
        """Return the webhooks of a principal.

        Raises:
            Forbidden: its role has none.
        """
        return self._store.of(_owner(principal))

    def get(self, principal: Principal, identifier: str) -> Webhook:
        """Return one of the principal's webhooks.

        Raises:
            Forbidden: its role has none.
            NotFound: it has none of this id.
        """
        owner, found = _owner(principal), self._store.get(identifier)
        if found is None or found.owner != owner:
            raise NotFound("You have no webhook with this id")
        return found

    def add(self, principal: Principal, url: str, subscription: Subscription, secret: str | None) -> Webhook:
        """Make a webhook that gets the events from now on.

        Args:
            principal: whose it is.
            url: whom to call.
            subscription: with which events.
            secret: with what to sign; None for a new one.

        Raises:
            Forbidden: the role has no webhooks, or the operator has not allowed this URL.
            BadRequest: the URL, the subscription or the secret can't be read.
            Conflict: the principal has as many webhooks as it may.
        """
        owner = _owner(principal)
        reader = self._of(owner.principal(), subscription)
        webhook = Webhook(
            id=f"wh_{secrets.token_hex(12)}",
            owner=owner,
            url=self._deliverer.check(url),
            subscription=subscription,
            secret=new_secret() if secret is None else check_secret(secret),
            created=self._now(),
            state=State(cursor=reader.now()),
        )
        reader.check()
        with self._adding:
            if len(self._store.of(owner)) >= self._most:
                raise Conflict(f"You have {self._most} webhooks, as many as you may; remove one first")
            self._store.add(webhook)
        self._dispatcher.wake(webhook.id)
        return webhook

    def resume(self, principal: Principal, identifier: str) -> Webhook:
        """Have a webhook that is suspended, or waits after a failure, tried again at once.

        Raises:
            Forbidden, NotFound: as `get`.
        """
        self._store.resume(self.get(principal, identifier).id)
        self._dispatcher.wake(identifier)
        return self.get(principal, identifier)

    def remove(self, principal: Principal, identifier: str) -> None:
        """Forget a webhook.

        Raises:
            Forbidden, NotFound: as `get`.
        """
        self._store.remove(self.get(principal, identifier).id)
        self._dispatcher.wake(identifier)

    def _reader(self, webhook: Webhook) -> EventReader:
        return self._of(webhook.owner.principal(), webhook.subscription)

    def _of(self, principal: Principal, subscription: Subscription) -> EventReader:
        return EventReader(self._recorder, self._in_force, Audience.of(principal, subscription))


def _owner(principal: Principal) -> Owner:
    if principal.role not in MAY_SUBSCRIBE:
        raise Forbidden(f"The role {principal.role} has no webhooks; services have, and everybody has GET /events")
    return Owner.of(principal)
