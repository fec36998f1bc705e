"""The wiring: settings -> store -> profile -> doors. Everything is built once, here, and passed on by hand."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from registry.clock import Clock
from registry.contracts.commitments import Commitments
from registry.contracts.free_capacity import FreeCapacity
from registry.contracts.judging import Judge
from registry.contracts.writing import ContractWriter
from registry.devices.reading import DeviceReader
from registry.devices.writing import DeviceWriter
from registry.events.broadcast import Broadcast
from registry.history.past import Past
from registry.history.past_copies import PastCopies
from registry.http.availability import availability_blueprint
from registry.http.body_limit import limit_body
from registry.http.contracts import contracts_blueprint
from registry.http.cors import install_cors
from registry.http.devices import devices_blueprint
from registry.http.erasures import erasures_blueprint
from registry.http.errors import register_error_handlers
from registry.http.events import events_blueprint
from registry.http.file_answers import install_file_answers
from registry.http.graph_store import graph_store_blueprint
from registry.http.headers import install_headers
from registry.http.health import health_blueprint
from registry.http.history import history_blueprint
from registry.http.json_ld_context import context_blueprint
from registry.http.method_override import install_method_override
from registry.http.metrics import metrics_blueprint
from registry.http.model import publishing_blueprint
from registry.http.model_documents import model_documents_blueprint
from registry.http.queries import queries_blueprint
from registry.http.query_answers import QueryRunner, SparqlDoor
from registry.http.request_log import install_request_log
from registry.http.request_spans import install_request_spans
from registry.http.self_description import description_blueprint
from registry.http.server_sent_events import write_told
from registry.http.sparql import sparql_blueprint
from registry.http.webhooks import webhooks_blueprint
from registry.in_force import InForce
from registry.journal import Recorder
from registry.monitoring import Metrics
from registry.monitoring.sources import watch_journal, watch_listeners, watch_queries, watch_store
from registry.monitoring.tracing import tracer_of
from registry.openapi import description
from registry.operations.background import Background
from registry.operations.erasing import Eraser
from registry.profile import Profile
from registry.publishing.publisher import Publisher
from registry.publishing.starting import follow_shipped, start
from registry.settings import SandboxSection, Settings
from registry.spans import Tracer
from registry.tokens.issuer import Issuer
from registry.tokens.verifier import TokenVerifier
from registry.webhooks.webhooks import Webhooks
from sparql.embedded import EmbeddedStore
from sparql.graph_store import GraphStore
from sparql.on_demand import EngineOnDemand
from sparql.sandbox import Sandbox, SandboxSettings
from sparql.triple_counts import TripleCounts

EXTENSION = "der-registry"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Components:
    """What the application is made of, for those who start it: `app.extensions["der-registry"]`."""

    settings: Settings
    store: GraphStore
    in_force: InForce
    writer: DeviceWriter
    publisher: Publisher
    recorder: Recorder
    contracts: ContractWriter
    engine: EngineOnDemand
    copies: PastCopies
    background: Background
    broadcast: Broadcast
    webhooks: Webhooks
    metrics: Metrics
    tracer: Tracer | None

    @property
    def profile(self) -> Profile:
        """The profile in force."""
        return self.in_force.edition.profile

    @property
    def reader(self) -> DeviceReader:
        """What reads devices by the profile in force."""
        return self.in_force.edition.reader

    def close(self) -> None:
        """Stop all queries and release the store."""
        self.background.close()
        self.broadcast.close()
        self.webhooks.close()
        self.engine.close()
        self.copies.close()
        self.store.close()
        self.recorder.journal.close()
        if self.tracer is not None:
            self.tracer.close()


def create_app(settings: Settings, issuers: Iterable[Issuer] | None = None) -> Flask:
    """Build the application.

    Args:
        settings: how to run.
        issuers: the issuers to trust instead of those of the settings.

    Raises:
        StoreError: the store can't be opened; StoreLocked when another process has it.
        ProfileError: ontology or shapes can't be compiled.
        JournalError: the journal can't be used, or is not that of the store.
        TracingUnavailable: traces are asked for, and OpenTelemetry is not installed.
    """
    tracer = tracer_of(settings.tracing)
    store = EmbeddedStore(settings.store.path / "store")
    started = start(store, settings.store.path)
    in_force, writer, publisher = started.in_force, started.writer, started.publisher
    follow_shipped(publisher, in_force)
    trusted = [each.to_issuer() for each in settings.issuers] if issuers is None else issuers
    verifier = TokenVerifier(trusted)
    engine = EngineOnDemand(lambda: _sandbox(store, settings.store.path / "sandbox", settings.sandbox))
    metrics = Metrics()
    watch_journal(metrics, started.recorder)
    watch_store(metrics, store, settings.store.path / "store")
    watch_queries(metrics, engine)
    door = SparqlDoor(
        runner=QueryRunner(engine, settings.sparql),
        count=TripleCounts(store).of,
        prefixes=in_force.prefixes,
        base_url=settings.server.base_url,
        observe=metrics.query,
    )

    copies = PastCopies(store, started.recorder, settings.store.path / "past")
    background = Background(store, started.recorder, settings.store.path, settings.journal.retention_days)

    broadcast = Broadcast(started.recorder, in_force, write_told)
    watch_listeners(metrics, lambda: broadcast.listeners)
    webhooks = Webhooks(started.recorder, in_force, settings.store.path, settings.webhooks)

    app = Flask("registry", static_folder=None)
    judge = Judge(store, Commitments.of(started.recorder.journal))
    contracts = ContractWriter(started.recorder, writer, in_force, judge, Clock())
    app.extensions[EXTENSION] = Components(
        settings=settings,
        store=store,
        in_force=in_force,
        writer=writer,
        publisher=publisher,
        recorder=started.recorder,
        engine=engine,
        copies=copies,
        background=background,
        broadcast=broadcast,
        webhooks=webhooks,
        contracts=contracts,
        metrics=metrics,
        tracer=tracer,
    )
    app.register_blueprint(
        health_blueprint({"store": lambda: store.graphs() is not None, "journal": lambda: started.recorder.writable})
    )
    past = Past(started.recorder.journal, copies)
    free = FreeCapacity(store, judge.commitments)
    app.register_blueprint(devices_blueprint(in_force, writer, past, verifier, free))
    app.register_blueprint(contracts_blueprint(in_force, judge, contracts, verifier))
    app.register_blueprint(availability_blueprint(in_force, writer, verifier))
    app.register_blueprint(history_blueprint(in_force, started.recorder, publisher.library, verifier))
    app.register_blueprint(context_blueprint(lambda: in_force.edition.profile))
    app.register_blueprint(model_documents_blueprint(publisher, in_force))
    app.register_blueprint(publishing_blueprint(publisher, in_force, verifier, metrics.publish))
    app.register_blueprint(erasures_blueprint(Eraser(store, started, copies.drop), in_force.prefixes, verifier))
    app.register_blueprint(sparql_blueprint(door, verifier))
    app.register_blueprint(graph_store_blueprint(door, verifier))
    app.register_blueprint(queries_blueprint(engine, in_force.prefixes, verifier))
    app.register_blueprint(events_blueprint(broadcast, settings.events, verifier, in_force.prefixes))
    app.register_blueprint(webhooks_blueprint(webhooks, verifier, in_force.prefixes))
    app.register_blueprint(description_blueprint(lambda: description(in_force.edition.profile)))
    app.register_blueprint(metrics_blueprint(metrics, settings.metrics.access, verifier))
    webhooks.start()
    register_error_handlers(app)
    install_method_override(app)
    limit_body(app, settings.server.max_body)
    install_cors(app, settings.server.cors_origins)
    install_headers(app)
    install_request_spans(app, tracer)
    install_request_log(app, metrics.request)
    install_file_answers(app)
    return app


def _sandbox(store: EmbeddedStore, folder: Path, settings: SandboxSection) -> Sandbox:
    sandbox = Sandbox(store, folder, SandboxSettings(**settings.model_dump()))
    if sandbox.sockets_denied_by is None:
        logger.warning("nothing on this system denies sockets to query workers: only the scanner refuses SERVICE")
    else:
        logger.info("sockets are denied to query workers by %s", sandbox.sockets_denied_by)
    return sandbox
