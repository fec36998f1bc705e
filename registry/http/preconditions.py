"""Conditional requests on one device (RFC 9110, section 13), as generous in their forms as Eve is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from werkzeug.datastructures import Headers

from registry.devices.writing import Precondition
from registry.errors import PreconditionRequired
from registry.profile.codecs import DATE_FORMAT


def if_match(headers: Headers) -> Precondition:
    """Return the precondition that the If-Match header states: quoted, bare and weak tags are understood.

    `*` matches nothing: a client that names no version has not read one.

    Raises:
        PreconditionRequired: there is no such header.
    """
    tags = matched_tags(headers)
    return lambda device: device.etag in tags


def matched_tags(headers: Headers) -> set[str]:
    """Return the entity tags of documents that If-Match names.

    Raises:
        PreconditionRequired: there is no such header.
    """
    value = headers.get("If-Match")
    if not value:
        raise PreconditionRequired("To edit a document its etag must be provided using the If-Match header")
    return {tag.partition("-")[0] for tag in entity_tags(value)}  # any serialisation shows which version it is


def if_match_of(headers: Headers, look: Callable[[], object]) -> Precondition:
    """Return the precondition that the If-Match header states; what does not exist needs none to be 404.

    Args:
        headers: those of the request.
        look: looks for the device.

    Raises:
        NotFound: there is no such header, and `look` finds none.
        PreconditionRequired: there is no such header.
    """
    try:
        return if_match(headers)
    except PreconditionRequired:
        look()
        raise


def not_modified(headers: Headers, updated: str | None, etag: str, *, by_date: bool = True) -> bool:
    """Tell whether the caller has this version: every condition that was sent agrees.

    Args:
        headers: those of the request.
        updated: the time of the last change, in DATE_FORMAT; None if nothing is there that has one.
        by_date: whether If-Modified-Since suffices alone. Not for a listing: when a device left it, no time tells.
        etag: the tag of the serialisation that would be sent (RFC 9110, section 13.1.2).
    """
    tags, since = headers.get("If-None-Match"), headers.get("If-Modified-Since")
    if not tags and not (since and by_date):
        return False
    same = not tags or has_current(headers, etag)
    return same and (not since or _unchanged_since(updated, since))


def has_current(headers: Headers, etag: str) -> bool:
    """Tell whether If-None-Match names `etag` (RFC 9110, section 13.1.2): what is sent for it is 304."""
    return not {"*", etag}.isdisjoint(entity_tags(headers.get("If-None-Match", "")))


def entity_tags(value: str) -> set[str]:
    """Return the opaque tags in a header, without quotes and weakness."""
    return {tag.strip().removeprefix("W/").strip('"') for tag in value.split(",")}


def http_date(text: str) -> str:
    """Return a time of a document in the form of HTTP headers, whole seconds."""
    moment = datetime.strptime(text, DATE_FORMAT).replace(tzinfo=UTC)
    return format_datetime(moment.replace(microsecond=0), usegmt=True)


def _unchanged_since(updated: str | None, since: str) -> bool:
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if updated is None:
        return True
    changed = datetime.strptime(updated, DATE_FORMAT).replace(tzinfo=UTC)
    return changed.replace(microsecond=0) <= moment
