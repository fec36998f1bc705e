"""What runs beside the answers of a registry: the control socket, and the retention of the journal."""

from __future__ import annotations

from pathlib import Path

from registry.journal import Recorder
from registry.operations.checkpoints import Checkpoints
from registry.operations.control import Control
from registry.operations.retention import Retention
from sparql.embedded import EmbeddedStore


class Background:
    """The background of one running registry.

    Args:
        store: the store.
        recorder: writes to it.
        data: the data folder.
        retention_days: how long entries of the journal are kept; None for ever.
    """

    def __init__(self, store: EmbeddedStore, recorder: Recorder, data: Path, retention_days: int | None) -> None:
        data = data.absolute()
        checkpoints = Checkpoints(store, recorder, data)
        self.retention = Retention(recorder, store, checkpoints, retention_days)
        self._control = Control(data, checkpoints)

    def start(self) -> None:
        """Begin."""
        self._control.start()
        self.retention.start()

    def close(self) -> None:
        """End."""
        self.retention.close()
        self._control.close()
