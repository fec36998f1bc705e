"""Migrations: SPARQL Updates in a candidate's migrations/ folder that repair what its rules would break.

They run in the order of their file names on a copy of the store. What they leave in the graph of devices counts, device
by device; whatever else they do is thrown away with the copy.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.access import DEVICES
from registry.errors import BadRequest
from sparql.graph_store import GraphStore, StoreError
from sparql.terms import to_sparql
from sparql.tokens import Source, resolve_code_points, tokens

_REFUSED = ("LOAD", "SERVICE")
HINT = f"begin it with WITH {to_sparql(DEVICES)}, then DELETE {{…}} INSERT {{…}} WHERE {{…}}"


def examine(migrations: Mapping[str, str]) -> None:
    """Refuse texts that reach for another place.

    Raises:
        BadRequest: names the file, the line and the word.
    """
    for name, text in migrations.items():
        for reading in dict.fromkeys((text, resolve_code_points(text))):
            for kind, start, end in tokens(Source(reading)):
                word = reading[start:end].upper()
                if kind == "name" and any(word.endswith(each) for each in _REFUSED):
                    line = reading.count("\n", 0, start) + 1
                    raise BadRequest(f"{name}:{line}: {reading[start:end]} is not allowed: a migration changes devices")


def migrate(store: GraphStore, migrations: Mapping[str, str]) -> None:
    """Run `migrations` on `store`, a copy.

    Raises:
        BadRequest: one can't be read or run; says which and why.
    """
    for name, text in migrations.items():
        try:
            store.update(text)
        except StoreError as error:
            reason = str(error).removeprefix("nothing was written, ")
            raise BadRequest(f"{name}: {reason}; {HINT}") from None
