"""The wiring: settings -> components -> doors. Everything is built once and passed on by hand.

The parts below the doors are put together in `registry/components.py`; here each gets its door.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Blueprint, Flask

from registry.components import Components, build
from registry.history.past import Past
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
from registry.http.vpps import vpps_blueprint
from registry.http.webhooks import webhooks_blueprint
from registry.openapi import description
from registry.settings import Settings
from registry.tokens.issuer import Issuer
from registry.tokens.verifier import TokenVerifier
from sparql.triple_counts import TripleCounts

__all__ = ["EXTENSION", "Components", "create_app"]

EXTENSION = "der-registry"
"""The name of the components among the application's extensions."""


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
    trusted = [each.to_issuer() for each in settings.issuers] if issuers is None else issuers
    components, verifier = build(settings, write_told), TokenVerifier(trusted)
    app = Flask("registry", static_folder=None)
    app.extensions[EXTENSION] = components
    for doors in (_facade, _marketplace, _queries, _model, _changes, _operation):
        for blueprint in doors(components, verifier):
            app.register_blueprint(blueprint)
    _install(app, components)
    return app


def _facade(parts: Components, verifier: TokenVerifier) -> Iterator[Blueprint]:
    """Yield the REST facade of devices: as they are, as they were, and when they are available."""
    past = Past(parts.recorder.journal, parts.copies)
    yield devices_blueprint(parts.in_force, parts.writer, past, verifier, parts.free)
    yield availability_blueprint(parts.in_force, parts.writer, verifier)
    yield history_blueprint(parts.in_force, parts.recorder, parts.publisher.library, verifier)
    yield context_blueprint(lambda: parts.profile)


def _marketplace(parts: Components, verifier: TokenVerifier) -> Iterator[Blueprint]:
    """Yield what is agreed about devices, and what they are put together to."""
    yield contracts_blueprint(parts.in_force, parts.judge, parts.contracts, verifier)
    yield vpps_blueprint(parts.in_force, parts.desk, verifier)


def _queries(parts: Components, verifier: TokenVerifier) -> Iterator[Blueprint]:
    """Yield the SPARQL doors."""
    door = SparqlDoor(
        runner=QueryRunner(parts.engine, parts.settings.sparql),
        count=TripleCounts(parts.store).of,
        prefixes=parts.in_force.prefixes,
        base_url=parts.settings.server.base_url,
        observe=parts.metrics.query,
    )
    yield sparql_blueprint(door, verifier)
    yield graph_store_blueprint(door, verifier)
    yield queries_blueprint(parts.engine, parts.in_force.prefixes, verifier)


def _model(parts: Components, verifier: TokenVerifier) -> Iterator[Blueprint]:
    """Yield the model: to read, and to replace."""
    yield model_documents_blueprint(parts.publisher, parts.in_force)
    yield publishing_blueprint(parts.publisher, parts.in_force, verifier, parts.metrics.publish)


def _changes(parts: Components, verifier: TokenVerifier) -> Iterator[Blueprint]:
    """Yield changes as they happen."""
    yield events_blueprint(parts.broadcast, parts.settings.events, verifier, parts.in_force.prefixes)
    yield webhooks_blueprint(parts.webhooks, verifier, parts.in_force.prefixes)


def _operation(parts: Components, verifier: TokenVerifier) -> Iterator[Blueprint]:
    """Yield what operators and programs ask of the server itself."""
    checks = {"store": lambda: parts.store.graphs() is not None, "journal": lambda: parts.recorder.writable}
    yield health_blueprint(checks)
    yield erasures_blueprint(parts.eraser, parts.in_force.prefixes, verifier)
    yield description_blueprint(lambda: description(parts.profile))
    yield metrics_blueprint(parts.metrics, parts.settings.metrics.access, verifier)


def _install(app: Flask, parts: Components) -> None:
    """Put around all doors what is the same for each; the last one is the outermost."""
    register_error_handlers(app)
    install_method_override(app)
    limit_body(app, parts.settings.server.max_body)
    install_cors(app, parts.settings.server.cors_origins)
    install_headers(app)
    install_request_spans(app, parts.tracer)
    install_request_log(app, parts.metrics.request)
    install_file_answers(app)
