"""The worker process: `python -m sparql.sandbox.worker`. Runs one query at a time on a private copy of the store.

It reads messages from standard input and answers on standard output. It trusts the server, and nobody trusts it:
it can be killed at any moment, and whatever it breaks is its own.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.query_engine import Limits, Query, QueryError, ResultKind
from sparql.sandbox.channel import ChannelClosed, receive, send
from sparql.sandbox.confinement import deny_sockets, die_with_parent, limit_memory, yield_to_others
from sparql.sandbox.output import Output
from sparql.terms import Iri

_IN, _OUT, _ERR = 0, 1, 2


def main() -> None:
    """Serve the process that started us until it is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("--memory", type=int, required=True)
    parser.add_argument("--nice", type=int, required=True)
    parser.add_argument("--last-words", type=Path, required=True)
    options = parser.parse_args()
    die_with_parent()
    out = os.dup(_OUT)
    os.dup2(_ERR, _OUT)  # what a library prints must not get between the messages
    store = EmbeddedStore(options.store)
    limit_memory(options.memory)
    yield_to_others(options.nice)
    _speak_into(options.last_words)
    send(out, {"sockets_denied_by": deny_sockets()})
    try:
        while True:
            header, _ = receive(_IN)
            for text in header.get("changes", ()):
                store.update(text)
            if "query" in header:
                send(out, *_answer(store, header))
            else:
                send(out, {})
    except ChannelClosed:
        return


def _speak_into(file: Path) -> None:
    """Let nothing that an engine says when it crashes get into the server's log, as it may hold what was asked."""
    last_words = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(last_words, _OUT)
    os.dup2(last_words, _ERR)


def _answer(store: EmbeddedStore, header: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    query, limits = _query(header["query"]), Limits(**header["limits"])
    output = Output(Path(header["file"]), limits)
    started = time.monotonic()
    try:
        kind = store.evaluate(query, output)
        content = output.finish()
    except QueryError as error:
        output.discard()
        return {"error": type(error).__name__, "message": str(error)}, b""
    except MemoryError:
        output.discard()
        return {"error": "OutOfMemory", "message": "the query needs more memory than a query gets"}, b""
    except Exception as error:  # noqa: BLE001  whatever an engine makes of a text, the worker is as good as before
        output.discard()
        return {"error": "QueryError", "message": f"the query can't be evaluated: {error}"}, b""
    answer = {
        "kind": kind,
        "media_type": query.media_types[kind],
        "size": output.size,
        "rows": 1 if kind is ResultKind.BOOLEAN else output.rows,
        "seconds": time.monotonic() - started,
        "inline": content is not None,
    }
    return answer, content or b""


def _query(fields: Mapping[str, Any]) -> Query:
    return Query(
        text=fields["text"],
        dataset=DatasetDescription(tuple(map(Iri, fields["default"])), tuple(map(Iri, fields["named"]))),
        media_types={ResultKind(kind): media_type for kind, media_type in fields["media_types"].items()},
        prefixes=fields["prefixes"],
        base=fields["base"],
    )


if __name__ == "__main__":
    main()
