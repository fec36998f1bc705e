"""`GET /events`: change events as they happen (Server-Sent Events; WHATWG HTML, section 9.2).

A thread verifies the token, reads what is asked for, and answers what is wrong with a problem document; the stream
itself is sent by the front's loop. A server without that loop sends what there is so far and ends the answer, after
which a client comes back by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from flask import Blueprint, Response, request

from registry.errors import NotAcceptable
from registry.event_settings import EventSettings
from registry.events.broadcast import Broadcast
from registry.events.event import Reason, reset
from registry.events.listeners import Listeners
from registry.events.reader import Audience, EventReader
from registry.events.subscription import read_subscription
from registry.http.authentication import authenticate_with, principal
from registry.http.event_stream import EventStream, Start
from registry.http.file_answers import stream_body
from registry.http.problems import answer_with_problems
from registry.http.server_sent_events import MEDIA_TYPE
from registry.tokens.bearer import token_of
from registry.tokens.verifier import TokenVerifier
from sparql.negotiation import best, parse_accept

PATH = "/events"
LAST_EVENT_ID = "Last-Event-ID"


def events_blueprint(
    broadcast: Broadcast, settings: EventSettings, verifier: TokenVerifier, prefixes: Callable[[], Mapping[str, str]]
) -> Blueprint:
    """Return the blueprint of the events, open to whoever `verifier` knows."""
    blueprint = Blueprint("events", __name__)
    blueprint.before_request(authenticate_with(verifier))
    answer_with_problems(blueprint, prefixes)
    listeners = Listeners(settings.listeners, settings.listeners_each)

    @blueprint.get(PATH, strict_slashes=False)
    def listen() -> Response:
        if best(parse_accept(request.headers.get("Accept")), [MEDIA_TYPE]) is None:
            raise NotAcceptable(f"Events come as {MEDIA_TYPE} alone")
        audience = Audience.of(principal(), read_subscription(request.args))
        reader = broadcast.reader(audience)
        reader.check()
        start = _start(reader)
        if request.method == "HEAD":
            return _answer(())
        expires = verifier.expires(token_of(request.headers.get("Authorization")))
        name = listeners.enter(principal())
        stream = EventStream(broadcast, start, settings, expires, lambda: listeners.leave(name))
        body = stream_body(request.environ, stream)
        return _answer(stream.so_far() if body is None else body)

    return blueprint


def _answer(body: Iterable[bytes]) -> Response:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(body, headers=headers, content_type=f"{MEDIA_TYPE}; charset=utf-8", direct_passthrough=True)


def _start(reader: EventReader) -> Start:
    identifier = request.headers.get(LAST_EVENT_ID) or request.args.get("last_event_id")
    now = reader.now()
    if not identifier:
        return Start(reader, now, now)
    cursor = reader.resume(identifier)
    if cursor is None:
        return Start(reader, now, now, reset(Reason.UNKNOWN))
    return Start(reader, now, cursor)
