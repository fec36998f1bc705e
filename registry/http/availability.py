"""`/1/devices/{id}/availability`: when a device can be used, as JSON and as iCalendar.

A way to one field of a device: it is changed as by PATCH, under the same rule of access and the same entity tag.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request

from registry.calendars import Calendar, Span, WindowsError, read_windows, write_windows
from registry.calendars.icalendar_reading import CalendarRefusedError, CalendarUnreadableError, from_icalendar
from registry.calendars.icalendar_writing import to_icalendar
from registry.calendars.json_form import written_moment
from registry.calendars.members import WrongMemberError, read_moment, read_zone
from registry.devices.device import Device
from registry.devices.writing import DeviceWriter, Precondition
from registry.errors import BadRequest, NotFound, PreconditionFailed, ValidationFailed
from registry.http.authentication import authenticate_with, principal
from registry.http.bodies import read_body
from registry.http.preconditions import http_date, if_match_of, not_modified
from registry.http.representation import chosen, represent
from registry.in_force import Edition, InForce
from registry.profile import Field
from registry.profile.codecs import DATE_FORMAT
from registry.tokens.verifier import TokenVerifier

ICALENDAR = "text/calendar"
LONGEST = timedelta(days=400)
"""The time that spans can be asked for."""
_PATH = "/1/devices/<device_id>/availability"
_READ_BACK = frozenset({"windows", "from", "to", "spans", "gaps"})
"""The members of what is read; a client may send all of them back."""


def availability_blueprint(in_force: InForce, writer: DeviceWriter, verifier: TokenVerifier) -> Blueprint:
    """Return the blueprint, open to whoever `verifier` knows."""
    blueprint = Blueprint("windows", __name__)
    blueprint.before_request(authenticate_with(verifier))
    view = _AvailabilityViews(in_force, writer)
    blueprint.add_url_rule(_PATH, "read", view.read, strict_slashes=False)
    blueprint.add_url_rule(_PATH, "replace", view.replace, methods=["PUT"], strict_slashes=False)
    blueprint.add_url_rule(_PATH, "delete", view.delete, methods=["DELETE"], strict_slashes=False)
    return blueprint


class _AvailabilityViews:
    """One method for each operation."""

    def __init__(self, in_force: InForce, writer: DeviceWriter) -> None:
        self._in_force = in_force
        self._writer = writer

    def read(self, device_id: str) -> Response:
        return self._in_force.read(lambda edition: _read(edition, device_id))

    def replace(self, device_id: str) -> Response:
        windows = _windows_of_body()
        field, holds = self._field(device_id), self._precondition(device_id)
        if isinstance(windows, CalendarRefusedError):
            self._require(device_id, holds)
            raise ValidationFailed("", [{field.name: windows.issues}])
        stated = None if windows == [] else windows
        device = self._writer.change(principal(), device_id, {field.name: stated}, holds)
        return _tagged(represent(_document(_calendar(device, field))), device)

    def delete(self, device_id: str) -> Response:
        field = self._field(device_id)
        device = self._writer.change(principal(), device_id, {field.name: None}, self._precondition(device_id))
        return _tagged(Response(status=204, mimetype=chosen()), device)

    def _field(self, device_id: str) -> Field:
        return self._in_force.read(lambda edition: _seen(edition, device_id)[1])

    def _precondition(self, device_id: str) -> Precondition:
        return if_match_of(request.headers, lambda: self._field(device_id))

    def _require(self, device_id: str, holds: Precondition) -> None:
        device = self._in_force.read(lambda edition: edition.reader.get(principal(), device_id))
        if not holds(device):
            raise PreconditionFailed("Client and server etags don't match")


def _seen(edition: Edition, device_id: str) -> tuple[Device, Field]:
    """Return a device as the caller sees it, and the field that says when it can be used.

    Raises:
        NotFound: it doesn't exist, or not for the caller, or there is no such field for it.
    """
    device, field = edition.reader.get(principal(), device_id), edition.profile.calendar_field
    if field is None or principal().role not in field.visible_to:
        raise NotFound("The model in force has no availability windows that you may see.")
    return device, field


def _read(edition: Edition, device_id: str) -> Response:
    device, field = _seen(edition, device_id)
    calendar, media_type = _calendar(device, field), chosen([ICALENDAR])
    tag = f"{device.etag}-ics" if media_type == ICALENDAR else device.etag
    updated = max(device.document["_updated"], edition.since.strftime(DATE_FORMAT))
    asked = _asked_range()
    if not_modified(request.headers, updated, tag):
        response = Response(status=304)
    elif media_type == ICALENDAR:
        changed = datetime.strptime(device.document["_updated"], DATE_FORMAT).replace(tzinfo=UTC)
        body = to_icalendar(calendar.windows, str(device.iri), changed)
        response = Response(body, content_type=f"{ICALENDAR}; charset=utf-8")
    else:
        response = represent(_document(calendar, asked), media_type=media_type)
    response.set_etag(tag)
    response.headers["Last-Modified"] = http_date(device.document["_updated"])
    response.headers["Cache-Control"] = "no-cache"
    return response


def _calendar(device: Device, field: Field) -> Calendar:
    try:
        return Calendar(read_windows(device.document[field.name]))
    except (KeyError, WindowsError):
        return Calendar()


def _document(calendar: Calendar, asked: tuple[datetime, datetime] | None = None) -> dict[str, Any]:
    document: dict[str, Any] = {"windows": write_windows(calendar.windows)}
    if asked is None:
        return document
    begin, end = asked
    gaps = [
        {"begin": written_moment(since), "end": written_moment(until)} for since, until in calendar.gaps(begin, end)
    ]
    spans = [_span(span) for span in calendar.spans(begin, end)]
    return {**document, "from": written_moment(begin), "to": written_moment(end), "spans": spans, "gaps": gaps}


def _span(span: Span) -> dict[str, Any]:
    written: dict[str, Any] = {"begin": written_moment(span.begin), "end": written_moment(span.end)}
    return written if span.power is None else {**written, "available_power": span.power}


def _asked_range() -> tuple[datetime, datetime] | None:
    """Return the time that the parameters `from` and `to` state.

    Raises:
        BadRequest: only one is there, one is no moment, or they are in the wrong order or too far apart.
    """
    texts = [request.args.get(name) for name in ("from", "to")]
    if texts == [None, None]:
        return None
    if None in texts:
        raise BadRequest("from and to belong together: give both, or none")
    found = []
    for name, text in zip(("from", "to"), texts, strict=True):
        try:
            found.append(read_moment(text))
        except WrongMemberError as wrong:
            raise BadRequest(f"{name} {wrong}; in an address a + is written %2B") from None
    begin, end = found
    if not begin < end <= begin + LONGEST:
        raise BadRequest(f"to must be later than from, by {LONGEST.days} days at the most")
    return begin, end


def _windows_of_body() -> Any:
    """Return the windows that the body states, unjudged if they are JSON, or why a calendar can't be taken.

    Raises:
        BadRequest: it can't be read.
    """
    if request.mimetype != ICALENDAR:
        return _windows_of_json(read_body())
    try:
        return write_windows(from_icalendar(request.get_data(cache=False), _zone_asked()))
    except CalendarUnreadableError as error:
        raise BadRequest(f"The body can't be read: {error}") from None
    except CalendarRefusedError as error:
        return error


def _windows_of_json(body: Any) -> Any:
    if not isinstance(body, Mapping):
        return body
    if "windows" not in body or not set(body) <= _READ_BACK:
        raise BadRequest('The body must be a list of windows, or an object with the member "windows"')
    return body["windows"]


def _zone_asked() -> str | None:
    zone = request.args.get("time_zone")
    if zone is None:
        return None
    try:
        return read_zone(zone)
    except WrongMemberError as wrong:
        raise BadRequest(f"time_zone {wrong}") from None


def _tagged(response: Response, device: Device) -> Response:
    response.set_etag(device.etag)
    return response
