"""The keys of one issuer: kept, found by `kid`, renewed in the background.

A key that is known is found without ever waiting for the provider: keys are renewed once an hour beside the requests,
and kept when the provider is down. Only a request whose key is not known waits for a fetch, and all fetches together
are at most one in ten seconds, so that made-up key ids can't be used to harass the provider. A provider that reuses
a `kid` for a new key is noticed at the hourly renewal only.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import Key

from registry.errors import ServiceUnavailable
from registry.tokens.bearer import invalid_token
from registry.tokens.issuer import Issuer
from registry.tokens.metadata import Fetch, FetchError, fetch_json, fetch_keys

MAX_AGE = 3600.0
"""Seconds after which keys are renewed; a key that the provider retired is refused from then on."""
INTERVAL = 10.0
"""Seconds between the beginnings of two fetches, whatever became of the first."""
PATIENCE = 2.0
"""Seconds that a request waits for a fetch; after that the fetch goes on without it."""

logger = logging.getLogger(__name__)


class KeySource:
    """Finds the keys of one issuer; may be used by many threads.

    Args:
        issuer: whose keys.
        fetch: GETs a URL and returns its JSON.
        now: the time in seconds.
    """

    def __init__(self, issuer: Issuer, *, fetch: Fetch = fetch_json, now: Callable[[], float] = time.time) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._now = now
        self._lock = threading.Lock()
        self._keys: tuple[Key, ...] | None = None
        self._renewed: float | None = None
        self._attempted: float | None = None
        self._done = threading.Event()
        self._done.set()

    def find(self, kid: str | None, algorithm: JWSAlgModel) -> Key:
        """Return the key that a token with `kid` and `algorithm` must be signed with.

        Without a `kid` there is one only when exactly one key suits the algorithm.

        Raises:
            Unauthorized: the issuer has no such key, or it does not suit the algorithm.
            ServiceUnavailable: the issuer's keys could not be had so far.
        """
        keys = self._keys
        if keys is not None and self._due(self._renewed, MAX_AGE):
            self._start_fetch()
        if keys is None or not _candidates(keys, kid):
            self._start_fetch()
            finished = self._done.wait(PATIENCE)
            keys = self._keys
            if keys is None or not (finished or _candidates(keys, kid)):
                raise ServiceUnavailable(
                    "The signing keys of the token's issuer can't be had at the moment, try again later.",
                    headers={"Retry-After": f"{INTERVAL:.0f}"},
                )
        return _suitable(keys, kid, algorithm)

    def _due(self, since: float | None, seconds: float) -> bool:
        # a clock that was set back counts as due, or the keys would be stuck until it has caught up
        return since is None or not 0 <= self._now() - since < seconds

    def _start_fetch(self) -> None:
        with self._lock:
            if not self._done.is_set() or not self._due(self._attempted, INTERVAL):
                return
            self._attempted = self._now()
            self._done.clear()
        try:
            threading.Thread(target=self._renew, name="issuer-keys", daemon=True).start()
        except RuntimeError:
            logger.exception("keys of issuer %s: no thread to fetch them", self._issuer.issuer)
            self._done.set()

    def _renew(self) -> None:
        try:
            self._keys = fetch_keys(self._issuer, self._fetch)
            self._renewed = self._now()
        except FetchError as error:
            kept = "no keys yet" if self._keys is None else f"keeping {len(self._keys)} keys"
            logger.warning("keys of issuer %s: %s (%s)", self._issuer.issuer, error, kept)
        finally:
            self._done.set()


def _candidates(keys: tuple[Key, ...], kid: str | None) -> tuple[Key, ...]:
    return keys if kid is None else tuple(key for key in keys if key.kid == kid)


def _suitable(keys: tuple[Key, ...], kid: str | None, algorithm: JWSAlgModel) -> Key:
    candidates = _candidates(keys, kid)
    if not candidates:
        raise invalid_token("The token's kid names no key of its issuer.")
    fitting = [key for key in candidates if _suits(key, algorithm)]
    if not fitting:
        raise invalid_token(f"The key of the token does not suit its algorithm {algorithm.name}.")
    if len(fitting) > 1 and kid is None:
        raise invalid_token("The token has no kid, and its issuer has several keys that it could mean.")
    return fitting[0]


def _suits(key: Key, algorithm: JWSAlgModel) -> bool:
    try:
        algorithm.check_key(key)
        key.check_key_op("verify")
    except JoseError:
        return False
    return True
