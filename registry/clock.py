"""Time that never stands still: each moment it gives is later than the one before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from registry.profile.codecs import DATE_FORMAT


class Clock:
    """Gives moments in UTC, to the microsecond, no two alike, so that they put changes in order.

    Args:
        now: the source of time.
        last: a time after which it begins, as text, even if the machine's clock has been put back since.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC), last: str | None = None) -> None:
        self._now = now
        self._last = (datetime.strptime(last, DATE_FORMAT) if last else datetime.min).replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def moment(self) -> datetime:
        """Return a moment later than all before."""
        with self._lock:
            self._last = max(self._now(), self._last + timedelta(microseconds=1))
            return self._last

    def text(self) -> str:
        """Return a moment in the format of times in JSON."""
        return self.moment().strftime(DATE_FORMAT)
