"""How every SPARQL endpoint is asked alike: a POST of the text (SPARQL 1.1 Protocol, section 2.1.3), answered in JSON.

And what its answer says, whoever wrote it down.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

RESULTS = "application/sparql-results+json"
HEADERS: Mapping[str, str] = {"Content-Type": "application/sparql-query", "Accept": RESULTS}
_NUMBERS = frozenset({"integer", "decimal", "double", "float"})


def rows(body: bytes) -> Counter[frozenset[tuple[str, str]]]:
    """Read the rows of a SELECT's answer, in no order; numbers and times by value, as engines differ in writing."""
    bindings = json.loads(body)["results"]["bindings"]
    return Counter(frozenset((name, _value(term)) for name, term in row.items()) for row in bindings)


def _value(term: Mapping[str, str]) -> str:
    kind = term.get("datatype", "").partition("XMLSchema#")[2]
    if kind in _NUMBERS:
        return f"{float(term['value']):.9g}"
    if kind == "dateTime":
        return datetime.fromisoformat(term["value"]).isoformat()
    return term["value"]
