"""The control socket of a running registry, `<data>/control.sock`: what only the process that has the store can do.

One JSON object a line in, JSON lines out. `{"command": "checkpoint"}` is answered with a checkpoint of the store, its
path told from the data folder, that lasts until the connection ends. Who may connect is decided by the file's mode: its
owner, and nobody else. It is no door for clients: nothing here reads or changes devices.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from registry.operations.checkpoints import Checkpoints
from registry.operations.unix_socket import listening
from sparql.graph_store import StoreError

NAME = "control.sock"
_PATIENCE = 10.0
"""Seconds for the one line of a command."""
_LONGEST = 64 * 1024

logger = logging.getLogger(__name__)


class Control:
    """Listens in a thread of its own, and answers each connection in another.

    Args:
        data: the data folder.
        checkpoints: those of its store.
    """

    def __init__(self, data: Path, checkpoints: Checkpoints) -> None:
        self._path = data / NAME
        self._checkpoints = checkpoints
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to listen. Without a socket the registry runs all the same, but for backups while it does."""
        self._checkpoints.clear()
        try:
            self._listener = listening(self._path)
        except OSError as error:
            logger.warning("there is no control socket, so no backup can be made while this runs: %s", error)
            return
        self._begin(self._accept, self._listener)

    def close(self) -> None:
        """End all connections, and with them what was made for them."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        _end(listener)
        with self._lock:
            connections, threads = list(self._connections), list(self._threads)
        for each in connections:
            _end(each)
        for thread in threads:
            thread.join(_PATIENCE)
        self._path.unlink(missing_ok=True)

    def _begin(self, work: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, name="control", daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                connection, _ = listener.accept()
            except OSError:
                break
            with self._lock:
                self._connections.add(connection)
            self._begin(self._serve, connection)
        with self._lock:
            self._threads.discard(threading.current_thread())

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(_PATIENCE)
            command = read_line(connection)
            connection.settimeout(None)
            self._answer(connection, command)
        except (OSError, ValueError) as error:
            logger.info("a connection to the control socket ended: %s", error)
        finally:
            connection.close()
            with self._lock:
                self._connections.discard(connection)
                self._threads.discard(threading.current_thread())

    def _answer(self, connection: socket.socket, command: Mapping[str, Any]) -> None:
        if command.get("command") != "checkpoint":
            known = 'known is {"command": "checkpoint"}'
            send_line(connection, {"error": f"there is no command {command.get('command')!r}; {known}"})
            return
        send_line(connection, {"progress": "making a checkpoint of the store"})
        try:
            with self._checkpoints.taken() as checkpoint:
                send_line(
                    connection,
                    {
                        "checkpoint": checkpoint.folder.relative_to(self._path.parent).as_posix(),
                        "sequence": checkpoint.sequence,
                    },
                )
                connection.recv(1)  # nothing is to come: it returns when the other end is done, or gone
        except StoreError as error:
            send_line(connection, {"error": str(error)})


def send_line(connection: socket.socket, said: Mapping[str, Any]) -> None:
    """Send a JSON object as a line."""
    connection.sendall(json.dumps(said).encode() + b"\n")


def read_line(connection: socket.socket) -> dict[str, Any]:
    """Return the JSON object of the next line.

    Raises:
        ValueError: the connection ends before, or it is none.
        OSError: nothing comes.
    """
    data = bytearray()
    while not data.endswith(b"\n"):
        piece = connection.recv(1)
        if not piece or len(data) > _LONGEST:
            raise ValueError("no line of JSON came")
        data += piece
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError("a line is no JSON object")
    return found


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
