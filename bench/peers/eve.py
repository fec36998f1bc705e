"""The former registry, Eve, with the settings that it had, on mongomock: an in-memory stand-in for MongoDB.

A stand-in looks at every document for every request, has no indexes, no $near and no $geoWithin; MongoDB itself is
faster at what has an index. The documents are put into it directly. There are no roles, and one token.
Run as `python -m bench.peers.eve PORT DOCUMENTS AGGREGATOR`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.connection import Answer, Connection
from bench.process import free_port, serving

NAME = "Eve on mongomock"
TIMEOUT = 120.0
TOKEN = "bench"
"""Eve is told to accept it; it looks it up in a set."""
SETTINGS = Path(__file__).parents[2] / "tests" / "beside_eve"
"""Where the former registry's settings are: the tests compare the same with this registry."""


def installed() -> bool:
    """Tell whether Eve and the stand-in are there, as they are with the dependencies for development."""
    return SETTINGS.is_dir() and all(map(find_spec, ("eve", "mongomock")))


@contextmanager
def served(documents: Path, aggregator: str, log: Path) -> Iterator[Callable[[str], Answer]]:
    """Serve an aggregator's devices of an NDJSON file on loopback, and give the GET of a path."""
    port = free_port()
    command = [sys.executable, "-m", "bench.peers.eve", str(port), str(documents), aggregator]
    with serving(command, log), closing(Connection(port, TIMEOUT)) as connection:
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
        yield lambda path: connection.ask("GET", path, headers=headers)


def main(port: int, documents: Path, aggregator: str) -> None:
    """Fill the database and serve it until SIGTERM."""
    sys.path.insert(0, str(SETTINGS))
    from former_registry import FormerRegistry  # noqa: PLC0415  not on the path before

    from registry.http.serving import serve  # noqa: PLC0415

    former = FormerRegistry()
    former.accept(TOKEN)
    former.app.add_url_rule("/health/live", "live", lambda: "live")
    with former.connected():
        with documents.open(encoding="utf-8") as stream:
            former.insert(
                stored(document, number)
                for number, document in enumerate(map(json.loads, stream))
                if document["aggregator_id"] == aggregator
            )
        serve(
            former.app,
            host="127.0.0.1",
            port=port,
            on_ready=lambda: print(f"ready: http://127.0.0.1:{port}", flush=True),
        )


def stored(document: dict[str, Any], number: int) -> dict[str, Any]:
    """Give a document as Eve keeps it: with its times and its entity tag."""
    from eve.utils import document_etag  # noqa: PLC0415  a dependency for development

    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    return {**document, "_created": now, "_updated": now, "_etag": document_etag(document)}


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
