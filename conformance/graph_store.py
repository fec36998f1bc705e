"""The tests of the Graph Store Protocol, as far as they read.

The registry's graph store is read-only. So the writes of a conversation are sent too, and must be refused and change
nothing; then they are carried out on the store itself, and the reads must answer as if they had succeeded.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from rdflib import Graph
from rdflib.compare import isomorphic

from conformance.client import Answer, Client
from conformance.gallery import Gallery
from conformance.messages import Conversation, Message, read_conversations
from conformance.outcome import Outcome

_ENDPOINT = "/rdf-graph-store"
_DEFAULT = ""
_DIRECT = "DirectGraphIdentification"
_MINTED = "http://www.example/gsp/minted"
"""The graph that a POST to the graph store itself makes."""


def run(root: Path, gallery: Gallery, role: str, client: Client) -> Iterator[Outcome]:
    """Yield the outcome of every conversation with `client`, who asks as `role`."""
    for name in ("manifest-direct.ttl", "manifest-indirect.ttl"):
        for conversation in read_conversations(root / "graph-store-protocol", name):
            optional = _DIRECT in conversation.requires
            problem = _Store(gallery, client).converse(conversation)
            yield Outcome(test=conversation.id, role=role, problem=problem, optional=optional)


class _Store:
    """The graphs as they would be if the writes of a conversation had succeeded."""

    def __init__(self, gallery: Gallery, client: Client) -> None:
        self._gallery = gallery
        self._client = client
        self._graphs: dict[str, Graph] = {}
        self._variables: dict[str, str] = {}
        self._show()

    def converse(self, conversation: Conversation) -> str | None:
        """Say what is wrong in a conversation."""
        for message in conversation.messages:
            path = message.path
            for variable, value in self._variables.items():
                path = path.replace(variable, quote(value, safe=""))
            path = path.replace("/gsp", _ENDPOINT, 1)
            reading = message.method in ("GET", "HEAD")
            problem = self._read(path, message) if reading else self._write(path, message)
            if problem is not None:
                return f"{message.method} {message.path}: {problem}"
        return None

    def _read(self, path: str, message: Message) -> str | None:
        expected, answer = message.expected, self._client.send(message.method, path, message.headers)
        if not expected.accepts(answer.status):
            return f"{answer.summary()}, instead of {sorted(expected.statuses)}"
        if expected.content_type is not None and answer.headers.get("content-type") != expected.content_type:
            return f"{answer.headers.get('content-type')} instead of {expected.content_type}"
        if expected.body is None:
            return None
        return None if isomorphic(_parse(expected.body), _parse(answer.body.decode())) else "another graph"

    def _write(self, path: str, message: Message) -> str | None:
        answer: Answer = self._client.send(message.method, path, message.headers, message.body)
        if answer.status not in (403, 405):
            return f"a write is answered with {answer.summary()}"
        name = self._name(path, message)
        if message.method == "DELETE":
            self._graphs.pop(name, None)
        else:
            old = self._graphs.get(name) if message.method == "POST" else None
            self._graphs[name] = (old or Graph()) + _body(message)
        self._show()
        return None

    def _name(self, path: str, message: Message) -> str:
        parameters = dict(parse_qsl(urlsplit(path).query, keep_blank_values=True))
        if "default" in parameters:
            return _DEFAULT
        if "graph" in parameters:
            return parameters["graph"]
        if message.expected.location is not None:
            self._variables[message.expected.location] = _MINTED
        return _MINTED

    def _show(self) -> None:
        texts = {name: graph.serialize(format="nt") for name, graph in self._graphs.items()}
        self._gallery.show(texts.pop(_DEFAULT, ""), texts)


def _body(message: Message) -> Graph:
    """Return the graph that a write carries: that of its body, or those of its parts together."""
    content_type, body = message.headers["content-type"], message.body or b""
    parsed = email.message_from_bytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP
    )
    graph = Graph()
    for part in parsed.walk():
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            graph.parse(data=content, format="turtle")
    return graph


def _parse(text: str) -> Graph:
    return Graph().parse(data=text, format="turtle")
