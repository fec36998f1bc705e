"""The tests of the SPARQL 1.1 Protocol: each a conversation of HTTP messages, sent as it is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from conformance import engine
from conformance.client import Answer, Client
from conformance.gallery import Gallery
from conformance.messages import Conversation, Expected, Message, read_conversations
from conformance.outcome import Outcome

_JSON, _XML = "application/sparql-results+json", "application/sparql-results+xml"
_FORMS = {
    "boolean": {_JSON, _XML},
    "tabular": {_JSON, _XML, "text/csv", "text/tab-separated-values"},
    "RDF": {"application/rdf+xml", "text/turtle", "application/n-triples", "text/html"},
}
"""What the manifest calls a format -> the media types that it lists for it."""
_RESULT = "{http://www.w3.org/2005/sparql-results#}boolean"


def run(root: Path, gallery: Gallery, role: str, client: Client) -> Iterator[Outcome]:
    """Yield the outcome of every conversation with `client`, who asks as `role`."""
    for conversation in read_conversations(root / "protocol"):
        gallery.show("", {name: engine.ntriples([path]) for name, path in conversation.graphs.items()})
        yield _converse(conversation, role, client)


def _converse(conversation: Conversation, role: str, client: Client) -> Outcome:
    for message in conversation.messages:
        path = message.path.replace("/sparql/", "/sparql", 1)
        answer = client.send(message.method, path, message.headers, message.body)
        problem = _problem(message.expected, answer)
        if problem is not None:
            refused = is_update(message) and answer.status in (403, 405)
            return Outcome(test=conversation.id, role=role, problem=problem, refused=refused)
    return Outcome(test=conversation.id, role=role, problem=None)


def is_update(message: Message) -> bool:
    """Tell whether a message asks for an update."""
    return "sparql-update" in message.headers.get("content-type", "") or (message.body or b"").startswith(b"update=")


def _problem(expected: Expected, answer: Answer) -> str | None:
    if not expected.accepts(answer.status):
        return f"{answer.summary()}, instead of {sorted(expected.statuses)}"
    if expected.form is not None and answer.media_type not in _FORMS[expected.form]:
        return f"{answer.media_type} is not {expected.form}"
    if expected.boolean is not None and _boolean(answer) is not expected.boolean:
        return f"{_boolean(answer)} instead of {expected.boolean}"
    return None


def _boolean(answer: Answer) -> bool | None:
    if answer.media_type == _JSON:
        return bool(json.loads(answer.body)["boolean"])
    return ElementTree.fromstring(answer.body).findtext(_RESULT) == "true"
