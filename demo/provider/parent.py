"""Ends this process when the one that started it is gone, however that one ended."""

from __future__ import annotations

import os
import signal
import threading
import time

INTERVAL = 0.5
GRACE = 5.0
"""Seconds to finish by oneself."""


def end_with_parent(parent: int) -> None:
    """Watch in a thread that the parent is still process `parent`; send SIGTERM to ourselves when it is not.

    The system gives an orphan another parent at once, even when the dead one was not yet reaped.
    """
    threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(INTERVAL)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
