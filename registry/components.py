"""The parts of a registry below its doors: built once, from the store up, and closed in the other order.

Each part gets what it needs by hand; nothing looks another up. Which doors lead to them is said in `server.py`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from registry.contracts.commitments import Commitments
from registry.contracts.free_capacity import FreeCapacity
from registry.contracts.judging import Judge
from registry.contracts.writing import ContractWriter
from registry.devices.reading import DeviceReader
from registry.devices.writing import DeviceWriter
from registry.events.broadcast import Broadcast
from registry.events.channel import Write
from registry.history.past_copies import PastCopies
from registry.in_force import InForce
from registry.journal import Recorder
from registry.monitoring import Metrics
from registry.monitoring.sources import watch_journal, watch_listeners, watch_queries, watch_store
from registry.monitoring.tracing import tracer_of
from registry.operations.background import Background
from registry.operations.erasing import Eraser
from registry.profile import Profile
from registry.publishing.opening import open_store
from registry.publishing.publisher import Publisher
from registry.publishing.starting import Started, follow_shipped, start
from registry.settings import SandboxSection, Settings
from registry.spans import Tracer
from registry.vpps.desk import Desk
from registry.vpps.discovery import Discovery
from registry.vpps.members import Members
from registry.vpps.plants import Plants
from registry.vpps.totals import Power
from registry.webhooks.webhooks import Webhooks
from sparql.embedded import EmbeddedStore
from sparql.on_demand import EngineOnDemand
from sparql.sandbox import Sandbox, SandboxSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """What a registry is made of.

    Attributes:
        settings: how it runs.
        store: where devices and agreements stand.
        started: what changes them, store and journal brought together.
        engine: runs query texts from outside.
        judge: judges contracts.
        contracts: changes contracts.
        free: finds free capacity.
        desk: what can be done with virtual power plants.
        copies: the store as it was.
        eraser: erases accounts.
        background: what runs beside requests.
        broadcast: tells listeners of changes.
        webhooks: tells services of changes.
        metrics: counts.
        tracer: traces; None unless it is asked for.
    """

    settings: Settings
    store: EmbeddedStore
    started: Started
    engine: EngineOnDemand
    judge: Judge
    contracts: ContractWriter
    free: FreeCapacity
    desk: Desk
    copies: PastCopies
    eraser: Eraser
    background: Background
    broadcast: Broadcast
    webhooks: Webhooks
    metrics: Metrics
    tracer: Tracer | None

    @property
    def in_force(self) -> InForce:
        """The reference to the model in force."""
        return self.started.in_force

    @property
    def writer(self) -> DeviceWriter:
        """What changes devices."""
        return self.started.writer

    @property
    def publisher(self) -> Publisher:
        """What puts another model in force."""
        return self.started.publisher

    @property
    def recorder(self) -> Recorder:
        """What writes changes to the journal and to the store."""
        return self.started.recorder

    @property
    def profile(self) -> Profile:
        """The profile in force."""
        return self.in_force.edition.profile

    @property
    def reader(self) -> DeviceReader:
        """What reads devices by the profile in force."""
        return self.in_force.edition.reader

    def close(self) -> None:
        """Stop all queries, let changes under way end, and release journal and store."""
        self.background.close()
        self.broadcast.close()
        self.webhooks.close()
        self.engine.close()
        self.copies.close()
        self.recorder.close()
        self.store.close()
        if self.tracer is not None:
            self.tracer.close()


def build(settings: Settings, write: Write) -> Components:
    """Build all parts on the data folder of `settings`.

    Args:
        settings: how to run.
        write: how listeners are told of a change.

    Raises:
        StoreError: the store can't be opened; StoreLocked when another process has it.
        ProfileError: ontology or shapes can't be compiled.
        JournalError: the journal can't be used, or is not that of the store.
        TracingUnavailable: traces are asked for, and OpenTelemetry is not installed.
    """
    tracer, data = tracer_of(settings.tracing), settings.store.path
    store = open_store(data)
    started = start(store, data)
    follow_shipped(started.publisher, started.in_force)
    recorder, in_force = started.recorder, started.in_force
    engine = EngineOnDemand(lambda: _sandbox(store, data / "sandbox", settings.sandbox))
    judge = Judge(store, Commitments.of(recorder.journal))
    free, copies = FreeCapacity(store, judge.commitments), PastCopies(store, recorder, data / "past")
    components = Components(
        settings=settings,
        store=store,
        started=started,
        engine=engine,
        judge=judge,
        contracts=ContractWriter(recorder, started.writer, in_force, judge, started.clock),
        free=free,
        desk=_desk(settings, store, started, engine, free),
        copies=copies,
        eraser=Eraser(store, started, copies.drop, judge.commitments.drop),
        background=Background(store, recorder, data, settings.journal.retention_days),
        broadcast=Broadcast(recorder, in_force, write),
        webhooks=Webhooks(recorder, in_force, data, settings.webhooks),
        metrics=Metrics(),
        tracer=tracer,
    )
    _watch(components)
    components.webhooks.start()
    return components


def _desk(
    settings: Settings, store: EmbeddedStore, started: Started, engine: EngineOnDemand, free: FreeCapacity
) -> Desk:
    return Desk(
        Plants.of(started.recorder, started.clock),
        Members(store, started.writer),
        Discovery(engine, settings.sparql),
        Power(store, free.commitments),
        free,
    )


def _watch(components: Components) -> None:
    metrics, store = components.metrics, components.store
    watch_journal(metrics, components.recorder)
    watch_store(metrics, store, components.settings.store.path / "store")
    watch_queries(metrics, components.engine)
    watch_listeners(metrics, lambda: components.broadcast.listeners)


def _sandbox(store: EmbeddedStore, folder: Path, settings: SandboxSection) -> Sandbox:
    sandbox = Sandbox(store, folder, SandboxSettings(**settings.model_dump()))
    if sandbox.sockets_denied_by is None:
        logger.warning("nothing on this system denies sockets to query workers: only the scanner refuses SERVICE")
    else:
        logger.info("sockets are denied to query workers by %s", sandbox.sockets_denied_by)
    return sandbox
