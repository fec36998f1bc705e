"""What can go wrong for a caller, as one tree. Domain code raises; one handler at the HTTP door answers.

    RegistryError
    ├── BadRequest 400
    ├── Unauthorized 401
    ├── Forbidden 403
    ├── NotFound 404
    ├── MethodNotAllowed 405
    ├── NotAcceptable 406
    ├── Conflict 409
    ├── Gone 410                   says since when history is there
    ├── PreconditionFailed 412
    ├── ContentTooLarge 413
    ├── UnsupportedMediaType 415
    ├── ValidationFailed 422      carries the issues of each document
    ├── ContractRefused 409, 422   carries why a contract does not hold
    ├── ModelRefused 422           carries what is wrong with a model, or what it would do
    ├── PreconditionRequired 428
    ├── TooManyRequests 429
    ├── ServiceUnavailable 503
    └── InsufficientStorage 507

A message is written for the reader: what was wrong, where, what would be right. It never holds anything about
what the caller may not see.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from sparql.terms import Triple

Issues: TypeAlias = Mapping[str, Any]
"""Issues of one document: field name -> words, a list of words, or the issues of a nested object."""


class RegistryError(Exception):
    """A failure that is the caller's to know.

    Args:
        message: one sentence or two for the reader.
        headers: further headers of the answer.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(self, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.headers = dict(headers or {})


class BadRequest(RegistryError):
    """The request can't be understood."""

    status, title = 400, "Bad request"


class Unauthorized(RegistryError):
    """There is no token, or one that can't be accepted (RFC 6750, section 3)."""

    status, title = 401, "Unauthorized"


class Forbidden(RegistryError):
    """The caller's role does not allow this, whatever the data holds."""

    status, title = 403, "Forbidden"


class NotFound(RegistryError):
    """There is no such thing in the caller's view."""

    status, title = 404, "Not found"


class MethodNotAllowed(RegistryError):
    """The resource has no such method."""

    status, title = 405, "Method not allowed"


class NotAcceptable(RegistryError):
    """None of the media types asked for is on offer."""

    status, title = 406, "Not acceptable"


class Conflict(RegistryError):
    """The request can't be done beside another that is under way."""

    status, title = 409, "Conflict"


class Gone(RegistryError):
    """What was asked for is kept no longer, or never was.

    Args:
        message: what, in a sentence.
        since: the time since which such things are kept.
    """

    status, title = 410, "Gone"

    def __init__(self, message: str, since: str) -> None:
        super().__init__(message)
        self.since = since


class PreconditionFailed(RegistryError):
    """The document changed since the caller read it."""

    status, title = 412, "Precondition failed"


class ContentTooLarge(RegistryError):
    """The body exceeds the configured size."""

    status, title = 413, "Content too large"


class UnsupportedMediaType(RegistryError):
    """The body is of a type that the resource does not take."""

    status, title = 415, "Unsupported media type"


class ValidationFailed(RegistryError):
    """One or more documents break the shapes.

    Args:
        issues: for each document in the order of the request its issues, empty for a good one.
        single: whether the request held one document instead of a list.
        report: the SHACL validation report of the documents.
    """

    status, title = 422, "Unprocessable content"

    def __init__(
        self, message: str, issues: Sequence[Issues], *, single: bool = True, report: Collection[Triple] = ()
    ) -> None:
        super().__init__(message)
        self.issues = issues
        self.single = single
        self.report = report


class ModelRefused(RegistryError):
    """A model can't be put in force.

    Args:
        message: why, in a sentence.
        code: the kind of reason, for programs.
        report: what was found, by name.
    """

    status, title = 422, "The model is refused"

    def __init__(self, message: str, code: str, report: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.code = code
        self.report = report


class ContractRefused(RegistryError):
    """A contract does not hold.

    Args:
        message: what that means.
        verdict: every reason, as JSON.
        report: the same as a SHACL validation report.
        committed: whether other contracts are the only reason, so that it is a conflict with these.
    """

    status, title = 422, "The contract does not hold"

    def __init__(
        self, message: str, verdict: Mapping[str, Any], *, report: Collection[Triple], committed: bool
    ) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.report = report
        if committed:
            self.status = 409  # type: ignore[misc]  # that of one failure, not of the class


class PreconditionRequired(RegistryError):
    """A change needs If-Match (RFC 6585, section 3)."""

    status, title = 428, "Precondition required"


class TooManyRequests(RegistryError):
    """The caller asks for more than it may have at the same time (RFC 6585, section 4)."""

    status, title = 429, "Too many requests"


class ServiceUnavailable(RegistryError):
    """Something the answer needs is out of reach for now."""

    status, title = 503, "Service unavailable"


class InsufficientStorage(RegistryError):
    """A change can't be kept: the disk is full (RFC 4918, section 11.5)."""

    status, title = 507, "Insufficient storage"
