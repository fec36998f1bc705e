"""`oxigraph serve`: the registry's engine behind its own HTTP server, without tokens, roles or limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

from bench.connection import Answer, Connection
from bench.process import free_port, serving
from bench.sparql_request import HEADERS
from sparql.dataset import DatasetDescription

NAME = "oxigraph serve"
COMMAND = "oxigraph"


@contextmanager
def served(command: str, store: Path, dataset: DatasetDescription) -> Iterator[Callable[[str], Answer]]:
    """Serve a copy of the store on loopback, and give the request that asks a query of the dataset."""
    port = free_port()
    # Its own default is localhost, which may be more than IPv4's loopback.
    start = [command, "serve", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    graphs = [("default-graph-uri", graph) for graph in dataset.default]
    graphs += [("named-graph-uri", graph) for graph in dataset.named]
    path = f"/query?{urlencode(graphs)}"
    log = store.with_name(f"{store.name}.log")
    with serving(start, log, ready="Listening for requests"), closing(Connection(port)) as connection:
        yield lambda text: connection.ask("POST", path, headers=HEADERS, body=text.encode())
