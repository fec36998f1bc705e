"""`python -m conformance`: runs the W3C's tests and says how they went; the exit code is 0 when nothing failed."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance import description, evaluation, graph_store, protocol
from conformance.deviations import judge, read_deviations
from conformance.gallery import AGGREGATOR, Gallery
from conformance.outcome import Outcome
from conformance.report import lines
from conformance.wiring import Server, with_server
from registry.access import DEVICES, aggregator_graph
from registry.principal import Role
from sparql.embedded import EmbeddedStore

_BESIDE = Path(__file__).parents[2] / "shared" / "w3c-sparql11"


def find_tests() -> Path | None:
    """Return the folder of the tests, as W3C_TESTS says or beside the repository; None when there is none."""
    folder = Path(os.environ.get("W3C_TESTS") or _BESIDE)
    return folder if (folder / "protocol" / "manifest.ttl").is_file() else None


def main() -> int:
    """Run everything and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="say of each test what was wrong, listed or not")
    options = parser.parse_args()
    root = find_tests()
    if root is None:
        _say("The W3C's tests are not here: set W3C_TESTS to their folder (see docs/conformance.md).")
        return 1 if os.environ.get("CI") == "true" else 0
    logging.basicConfig(level=logging.CRITICAL)
    with TemporaryDirectory(prefix="der-conformance-") as folder:
        return with_server(Path(folder), lambda server: _report(root, server, verbose=options.verbose))


def _report(root: Path, server: Server, *, verbose: bool) -> int:
    outcomes = list(_outcomes(root, server))
    if verbose:
        for outcome in outcomes:
            if outcome.problem is not None:
                _say(f"{outcome.test} as {outcome.role}: {outcome.problem}  [engine: {outcome.engine}]")
    judgement = judge(outcomes, read_deviations())
    for line in lines(judgement):
        _say(line)
    return 1 if judgement.failed else 0


def _outcomes(root: Path, server: Server) -> Iterator[Outcome]:
    for role, client in server.clients.items():
        yield from description.run(root, role, client, server.endpoint)
    store = server.components.store
    assert isinstance(store, EmbeddedStore)  # the tests' data goes in by its own update
    gallery = Gallery(store)
    views = {Role.SERVICE.value: DEVICES, Role.AGGREGATOR.value: aggregator_graph(AGGREGATOR)}
    with server.showing(gallery):
        for role, client in server.clients.items():
            yield from protocol.run(root, gallery, role, client)
            yield from graph_store.run(root, gallery, role, client)
        yield from evaluation.run(root, gallery, server.clients, views)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
