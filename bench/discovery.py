"""discovery: queries of an aggregator over HTTP, beside the engine called in this process, and beside other servers.

Everybody gets the same texts, the same dataset and the same triples, and answers in SPARQL's JSON. The yardstick is
pyoxigraph, which parses, evaluates and serialises with nothing around it. Who gives other rows is not measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPMessage
from itertools import cycle
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from bench.connection import Answer
from bench.contenders import ROUNDS, Contender, compare
from bench.copies import copy_store
from bench.peers import HOW, executable, oxigraph, rdflib_endpoint
from bench.queries import QUERIES
from bench.result import Bench, Result
from bench.sparql_request import HEADERS
from bench.stand import Known, Stand
from registry.access import MODEL, aggregator_graph
from sparql.dataset import DatasetDescription

FEW = 30
"""Rounds of a peer that takes tens of ms for the shortest query."""
DEVICE_CLASS = ox.NamedNode("https://w3id.org/flexcoop/cim#deviceClass")


def measure(stand: Stand) -> Iterator[Result]:
    """Compare everybody on each query, as the aggregator of the first known device."""
    aggregator = stand.known[0].aggregator_id
    devices = [device for device in stand.known if device.aggregator_id == aggregator]
    graphs = (aggregator_graph(aggregator), *MODEL)
    dataset = DatasetDescription(default=graphs, named=graphs)
    with ExitStack() as parts:
        another = copy_store(stand.copy, stand.folder / "oxigraph")
        store = ox.Store(stand.copy)
        yardstick = Contender("pyoxigraph", direct(store, dataset), ROUNDS)
        registry = Contender("registry", over_http(stand, devices[0]), ROUNDS)
        others = [registry, *_oxigraph(stand, another, dataset, parts), *_rdflib(stand, store, dataset, parts)]
        for query in QUERIES:
            texts = cycle([query.text(device) for device in devices])
            yield from compare(query.name, texts, yardstick, others, stand.options.limits)


def direct(store: ox.Store, dataset: DatasetDescription) -> Callable[[str], Answer]:
    """Make the call of the engine with both dataset arguments, as the query workers call it."""
    default: Any = [ox.NamedNode(name) for name in dataset.default]
    named: Any = [ox.NamedNode(name) for name in dataset.named]

    def ask(text: str) -> Answer:
        start = time.perf_counter()
        found: Any = store.query(text, default_graph=default, named_graphs=named)
        body = found.serialize(format=ox.QueryResultsFormat.JSON)
        return Answer(body, HTTPMessage(), time.perf_counter() - start)

    return ask


def over_http(stand: Stand, device: Known) -> Callable[[str], Answer]:
    """Make the request of the device's aggregator to the registry."""
    headers = {**stand.headers("aggregator", device), **HEADERS}
    return lambda text: stand.registry.ask("POST", "/sparql", headers=headers, body=text.encode())


def _oxigraph(stand: Stand, store: Path, dataset: DatasetDescription, parts: ExitStack) -> Iterator[Contender]:
    if command := _found(stand, oxigraph.COMMAND):
        ask = parts.enter_context(oxigraph.served(command, store, dataset))
        yield Contender(oxigraph.NAME, ask, ROUNDS, optional=True)


def _rdflib(stand: Stand, store: ox.Store, dataset: DatasetDescription, parts: ExitStack) -> Iterator[Contender]:
    size = sum(1 for _ in store.quads_for_pattern(None, DEVICE_CLASS, None, ox.NamedNode(dataset.default[0])))
    stand.say(f"the aggregator sees {size:,} devices")
    if size > rdflib_endpoint.MOST_DEVICES:
        stand.say(f"no rows of {rdflib_endpoint.NAME}: it takes up to {rdflib_endpoint.MOST_DEVICES:,} devices")
    elif command := _found(stand, rdflib_endpoint.COMMAND):
        document = _document(store, dataset, stand.folder / "view.nq")
        endpoint = parts.enter_context(rdflib_endpoint.served(command, document))
        yield Contender(rdflib_endpoint.NAME, endpoint.ask, FEW, optional=True)


def _document(store: ox.Store, dataset: DatasetDescription, path: Path) -> Path:
    names = {*dataset.default, *dataset.named}
    quads = (quad for name in names for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(name)))
    ox.serialize(quads, path, ox.RdfFormat.N_QUADS)
    return path


def _found(stand: Stand, name: str) -> str | None:
    command = executable(name)
    if command is None:
        stand.say(f"no rows of {name}: it is not installed; {HOW}")
    return command


BENCH = Bench("discovery", "SPARQL over HTTP, beside the engine itself and other servers", measure)
