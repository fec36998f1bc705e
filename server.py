"""The wiring: settings -> store -> profile -> doors. Everything is built once, here, and passed on by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask

from registry.clock import Clock
from registry.devices.reading import DeviceReader
from registry.devices.writing import DeviceWriter
from registry.http.devices import devices_blueprint
from registry.http.errors import register_error_handlers
from registry.http.headers import install_headers, limit_body
from registry.http.health import health_blueprint
from registry.http.request_log import install_request_log
from registry.profile import Profile, load_profile
from registry.settings import Settings
from registry.tokens.issuer import Issuer
from registry.tokens.verifier import TokenVerifier
from sparql.embedded import EmbeddedStore
from sparql.graph_store import GraphStore

EXTENSION = "der-registry"


@dataclass(frozen=True, slots=True)
class Components:
    """What the application is made of, for those who start it: `app.extensions["der-registry"]`."""

    settings: Settings
    store: GraphStore
    profile: Profile
    reader: DeviceReader
    writer: DeviceWriter


def create_app(settings: Settings, issuers: Iterable[Issuer] | None = None) -> Flask:
    """Build the application.

    Args:
        settings: how to run.
        issuers: the issuers to trust instead of those of the settings.

    Raises:
        StoreError: the store can't be opened; StoreLocked when another process has it.
        ProfileError: ontology or shapes can't be compiled.
    """
    profile = load_profile()
    store = EmbeddedStore(settings.store.path / "store")
    reader = DeviceReader(store, profile)
    writer = DeviceWriter(store, profile, reader, Clock())
    trusted = [each.to_issuer() for each in settings.issuers] if issuers is None else issuers
    verifier = TokenVerifier(trusted)

    app = Flask("registry", static_folder=None)
    app.extensions[EXTENSION] = Components(settings, store, profile, reader, writer)
    app.register_blueprint(health_blueprint({"store": lambda: store.graphs() is not None}))
    app.register_blueprint(devices_blueprint(reader, writer, profile, verifier))
    register_error_handlers(app)
    limit_body(app, settings.server.max_body)
    install_headers(app)
    install_request_log(app)
    return app
