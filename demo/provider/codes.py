"""Authorization codes: in memory, valid for a minute, usable once (RFC 6749, section 4.1.2)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from authlib.oidc.core.models import AuthorizationCodeMixin  # type: ignore[import-untyped]

from demo.provider.tenants import User

LIFETIME = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCode(AuthorizationCodeMixin):  # type: ignore[misc]  # authlib has no types
    """What a code stands for, until it is redeemed."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    user: User
    code_challenge: str
    code_challenge_method: str
    nonce: str | None
    auth_time: int

    def get_redirect_uri(self) -> str:
        """Return where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return the granted scope."""
        return self.scope

    def get_nonce(self) -> str | None:
        """Return the nonce of the request."""
        return self.nonce

    def get_auth_time(self) -> int:
        """Return when the person logged in, in seconds since 1970."""
        return self.auth_time


@dataclass(slots=True)
class CodeStore:
    """The codes that are out; may be used by many threads."""

    now: Callable[[], float] = time.time
    _codes: dict[str, AuthorizationCode] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, code: AuthorizationCode) -> None:
        """Keep a new code, and forget those that have expired."""
        with self._lock:
            self._codes = {key: each for key, each in self._codes.items() if self._alive(each)}
            self._codes[code.code] = code

    def redeem(self, code: str, client_id: str) -> AuthorizationCode | None:
        """Take a code out, whatever becomes of the request: nobody gets a second try."""
        with self._lock:
            found = self._codes.pop(code, None)
        return found if found and found.client_id == client_id and self._alive(found) else None

    def _alive(self, code: AuthorizationCode) -> bool:
        return self.now() < code.auth_time + LIFETIME
