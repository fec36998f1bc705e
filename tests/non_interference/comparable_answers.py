"""Answers in a form in which two of them are equal exactly if a client could not tell them apart.

What may differ between two equal answers is left out: the ids of the request and of the query, the time, the names of
validation reports and of blank nodes, and the order of solutions where the query gives none.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from rdflib import Graph
from rdflib.compare import to_canonical_graph
from werkzeug.test import TestResponse

_VARYING = {"x-request-id", "query-id", "date", "expires", "content-length"}
_ID = "compared"
_REPORT = re.compile(r"<(urn:uuid:[0-9a-f-]{36})> (?:a|<[^>]*#type>) (?:sh:|<[^>]*#)ValidationReport\b")
REQUEST_HEADERS = {"X-Request-Id": _ID, "Accept": "application/sparql-results+json, application/n-triples;q=0.9"}
"""What to send with each request."""


@dataclass(frozen=True, slots=True)
class ComparableAnswer:
    """Status, headers and body without what varies."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: tuple[str, ...]


def comparable(response: TestResponse, *, ordered: bool) -> ComparableAnswer:
    """Return what is to be compared of an answer."""
    headers = sorted((name.lower(), value) for name, value in response.headers if name.lower() not in _VARYING)
    lines = _lines(response)
    return ComparableAnswer(response.status_code, tuple(headers), tuple(lines if ordered else sorted(lines)))


def whole_text(response: TestResponse) -> str:
    """Return all that a client sees of an answer."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers)
    return f"{response.status}\n{headers}\n\n{response.get_data(as_text=True)}"


def _lines(response: TestResponse) -> list[str]:
    text = response.get_data(as_text=True)
    for report in _REPORT.findall(text):
        text = text.replace(report, "urn:report")
    if response.mimetype == "application/n-triples" and "_:" in text:
        # a template's blank nodes have other names in each answer
        return to_canonical_graph(Graph().parse(data=text, format="nt")).serialize(format="nt").splitlines()
    if response.mimetype != "application/sparql-results+json":
        return text.splitlines()
    document = json.loads(text)
    rows = document.pop("results", {}).get("bindings", [])
    return [json.dumps(document, sort_keys=True), *(json.dumps(row, sort_keys=True) for row in rows)]
