"""`der-registry serve`: settings -> application -> HTTP, and with --demo a provider of tokens beside it.

Standard output gets one line, `ready: http://H:P`, when the server can answer; everything else goes to standard
error, so that a script may wait for that line. What is served is the business of `server.create_app`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli import config_options, read_settings

if TYPE_CHECKING:
    from flask import Flask

    from registry.settings import Settings
    from registry.tokens.issuer import Issuer

DEMO_DATA = Path("data/demo")
DEMO_HOST = "127.0.0.1"
DEMO_WITHIN = 30.0
"""Seconds within which the demo's provider must answer."""
QUERY_THREADS = 16
"""Requests to the SPARQL doors that are worked on, or wait for a query worker, at the same time."""

EVENT_THREADS = 2
"""Requests for streams of events that are checked at the same time; a stream itself takes no thread."""

MODEL_THREADS = 2
"""Requests about the model at the same time: a publish takes a thread for as long as it rehearses."""


@click.command()
@config_options
@click.option("--host", metavar="H", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, metavar="P", help="TCP port to listen on.  [default: 8080]")
@click.option("--demo", is_flag=True, help="Loopback only: with sample devices and an OpenID provider on port P+1.")
def serve(config: Path | None, data: Path | None, host: str | None, port: int | None, demo: bool) -> None:
    """Answer over HTTP until SIGTERM, then finish the requests in flight.

    Prints one line, `ready: http://H:P`, when it can answer. With --demo, data goes to data/demo unless --data
    says otherwise.
    """
    if demo and data is None:
        data = DEMO_DATA
    settings = read_settings(config, store_path=data, server_host=host, server_port=port)
    if demo:
        _require_loopback(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    _run(settings, demo)


def _run(settings: Settings, demo: bool) -> None:
    from registry.http import endpoint, erasures, events, graph_store, model  # noqa: PLC0415  `--help` does without
    from registry.http.front import Lane  # noqa: PLC0415
    from registry.http.request_log import configure_logging  # noqa: PLC0415
    from registry.http.serving import ListenError, free_address, serve  # noqa: PLC0415
    from registry.journal.database import JournalError  # noqa: PLC0415
    from registry.monitoring.tracing import TracingUnavailable  # noqa: PLC0415
    from registry.profile.profile import ProfileError  # noqa: PLC0415
    from sparql.graph_store import StoreError  # noqa: PLC0415
    from sparql.query_engine import EngineUnavailable  # noqa: PLC0415

    configure_logging()
    host, port = settings.server.host, settings.server.port
    try:
        free_address(host, port)  # before the store is opened and samples are loaded
        with _provider(settings) if demo else nullcontext(), _application(settings, demo) as app:
            serve(
                app,
                host=host,
                port=port,
                threads=settings.server.threads,
                lanes=[
                    Lane(QUERY_THREADS, (endpoint.PATH, graph_store.PATH)),
                    Lane(MODEL_THREADS, (*model.PATHS, erasures.PATH)),
                    Lane(EVENT_THREADS, (events.PATH,)),
                ],
                max_body=settings.server.max_body,
                on_ready=lambda: _announce(settings, demo),
            )
    except (ListenError, StoreError, JournalError, ProfileError, EngineUnavailable, TracingUnavailable) as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _application(settings: Settings, demo: bool) -> Iterator[Flask]:
    """Build the application, for a demo with the demo's issuers and devices, and close it at the end."""
    from server import EXTENSION, create_app  # noqa: PLC0415

    app = create_app(settings, _demo_issuers(settings) if demo else None)
    components = app.extensions[EXTENSION]
    try:
        if demo:
            from demo.samples import load  # noqa: PLC0415  only the demo needs the demo

            load(app)
        components.engine.start()
        components.background.start()
        yield app
    finally:
        components.close()


def _demo_issuers(settings: Settings) -> list[Issuer]:
    from demo.provider import issuers  # noqa: PLC0415  only the demo needs the demo

    return [*(each.to_issuer() for each in settings.issuers), *issuers(settings.server.port + 1)]


def _require_loopback(settings: Settings) -> None:
    from registry.settings import is_loopback  # noqa: PLC0415

    if not is_loopback(settings.server.host):
        raise click.UsageError(
            f"--demo gives tokens to everybody who asks, so it serves this machine only: "
            f"{settings.server.host!r} is no loopback address, use 127.0.0.1."
        )
    if settings.server.port == 65535:
        raise click.UsageError("--demo needs the port after --port too: use one below 65535.")


@contextmanager
def _provider(settings: Settings) -> Iterator[None]:
    """Run the demo's OpenID provider beside us; when it dies, we end as by SIGTERM, but with an error."""
    from registry.http.serving import free_address  # noqa: PLC0415

    port = settings.server.port + 1
    free_address(DEMO_HOST, port)
    options = ["--port", str(port), "--registry", _url(settings), "--parent", str(os.getpid())]
    # -P: a folder called demo where we are started must not stand in for ours; a session of its own: Ctrl-C is ours
    child = subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-P", "-m", "demo", *options], stdout=sys.stderr, start_new_session=True
    )
    watch = _Watch(child)
    try:
        watch.start()
        _await(port)
        yield
    finally:
        watch.over = True
        child.terminate()
        child.wait()
        if watch.died:
            raise click.ClickException(f"the demo's provider ended by itself, with code {child.returncode}")


class _Watch(threading.Thread):
    """Waits for the end of `child`, and sends SIGTERM to this process unless it was to be expected."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self._child = child
        self.over = False
        self.died = False

    def run(self) -> None:
        self._child.wait()
        if not self.over:
            self.died = True
            os.kill(os.getpid(), signal.SIGTERM)


def _await(port: int) -> None:
    from registry.http.serving import answers  # noqa: PLC0415

    deadline = time.monotonic() + DEMO_WITHIN
    while not answers(DEMO_HOST, port):
        if time.monotonic() > deadline:
            raise click.ClickException(f"the demo's provider does not answer on port {port}")
        time.sleep(0.05)


def _url(settings: Settings) -> str:
    host = settings.server.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.server.port}"


def _announce(settings: Settings, demo: bool) -> None:
    url = _url(settings)
    print(f"ready: {url}", flush=True)  # noqa: T201  the one line that scripts wait for
    if demo:
        port = settings.server.port
        option = "" if port == 8080 else f" --port {port}"
        click.echo(GREETING.format(url=url, provider=f"http://{DEMO_HOST}:{port + 1}", option=option), err=True)


GREETING = """
The registry answers at {url}, with sample devices of two cooperatives.
Who they are, and their passwords: {provider}

In another terminal:
  TOKEN=$(der-registry token aggregator{option})        # or prosumer, service, engineer
  curl -H "Authorization: Bearer $TOKEN" '{url}/1/devices?max_results=3'
  curl -H "Authorization: Bearer $TOKEN" '{url}/1/devices?sort=-_updated'

Ctrl-C ends both.
"""
