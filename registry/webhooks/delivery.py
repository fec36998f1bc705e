"""One delivery: a signed POST to an origin that is allowed, and what its answer means.

No redirect is followed, no proxy of the environment used, and nothing of the answer's body read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from registry.errors import BadRequest, Forbidden
from registry.webhooks.signature import sign

LONGEST_WAIT = 24 * 3600.0
"""Seconds that a Retry-After is heeded at most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery.

    Attributes:
        error: what went wrong; None if it was taken.
        wait: seconds that the receiver asks for.
        gone: whether it wants no more.
    """

    error: str | None = None
    wait: float = 0.0
    gone: bool = False


class Deliverer:
    """Makes deliveries; may be used by many threads.

    Args:
        allowed: the origins that may be called.
        timeout: seconds that each step may take.
        now: the time in seconds since 1970.
    """

    def __init__(self, allowed: Collection[str], timeout: float, now: Callable[[], float] = time.time) -> None:
        self._allowed = frozenset(allowed)
        self._now = now
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False)

    def check(self, url: str) -> str:
        """Return `url` if it may be called.

        Raises:
            Forbidden: no webhook may be called, or none there.
            BadRequest: it is no URL of http or https.
        """
        if not self._allowed:
            raise Forbidden("Webhooks are off: the operator has allowed no origin (webhooks.allowed_origins)")
        origin = _origin(url)
        if origin not in self._allowed:
            raise Forbidden(f"url: the operator has not allowed webhooks to {origin} (webhooks.allowed_origins)")
        return url

    def deliver(self, url: str, secret: str, identifier: str, body: bytes) -> Outcome:
        """Make one delivery."""
        try:
            self.check(url)
            return self._answered(url, self._headers(secret, identifier, body), body)
        except (Forbidden, BadRequest) as error:
            return Outcome(error.message)
        except httpx.TimeoutException:
            return Outcome("no answer in time")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Outcome(f"no answer: {type(error).__name__}")

    def close(self) -> None:
        """End all connections."""
        self._client.close()

    def _headers(self, secret: str, identifier: str, body: bytes) -> dict[str, str]:
        timestamp = int(self._now())
        return {
            "Content-Type": "application/json",
            "User-Agent": "der-registry",
            "webhook-id": identifier,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(secret, identifier, timestamp, body),
        }

    def _answered(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        with self._client.stream("POST", url, content=body, headers=headers) as response:
            if response.is_success:
                return Outcome()
            wait = self._wait(response.headers.get("Retry-After"))
            return Outcome(f"answered {response.status_code}", wait, gone=response.status_code == 410)

    def _wait(self, header: str | None) -> float:
        """Return how many seconds a Retry-After asks for (RFC 9110, section 10.2.3)."""
        if header is None:
            return 0.0
        if header.strip().isdecimal():
            seconds = float(header)
        else:
            try:
                moment = parsedate_to_datetime(header)
            except ValueError:
                return 0.0
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            seconds = (moment - datetime.fromtimestamp(self._now(), UTC)).total_seconds()
        return min(max(seconds, 0.0), LONGEST_WAIT)


def _origin(url: str) -> str:
    """Return the origin of a URL, without the port that its scheme has anyway.

    Raises:
        BadRequest: it has none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadRequest("url is no URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadRequest("url must be an http or https URL")
    if "@" in parts.netloc or not url.isascii() or not url.isprintable() or any(mark in url for mark in ' \\"<>'):
        raise BadRequest("url must have no user, and no character that a URL can't have")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = port is None or port == {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" if usual else f"{parts.scheme}://{host}:{port}"
