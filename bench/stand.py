"""The test stand: data, configuration, tokens, the registry and the yardstick as processes, all of it temporary.

Parts come into being when a bench first asks for them and end with the stand: the import runs before the registry
starts, as it needs the store for itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from bench.connection import Connection
from bench.copies import copy_store
from bench.issuer import SERVICES, Issuer
from bench.process import free_port, run, serving
from bench.turns import Limits
from demo.households import devices
from registry.model_graphs import publish_model
from registry.profile import load_profile
from sparql.embedded import EmbeddedStore

REGISTRY = Path(sys.executable).with_name("der-registry")
KNOWN = 1000
"""How many devices requests ask for, at most."""
SLOWEST_IMPORT = 20
"""Devices a second below which an import is given up."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured: how many devices of how many aggregators, with which limits for each case.

    Attributes:
        store: a data folder into which just these devices were imported before; None to import them.
    """

    devices: int
    aggregators: int
    seed: int
    limits: Limits
    store: Path | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A device that is in the registry, with those who may see it."""

    device_id: str
    aggregator_id: str
    account_id: str
    longitude: float
    latitude: float


class Stand:
    """Everything that a bench needs; a context manager.

    Args:
        options: what is measured.
        say: shows progress.
    """

    def __init__(self, options: Options, say: Callable[[str], None]) -> None:
        self.options = options
        self.say = say
        self._parts = ExitStack()
        self._tokens: dict[tuple[str, str, str], str] = {}

    def __enter__(self) -> Self:
        self.folder = Path(self._parts.enter_context(TemporaryDirectory(prefix="der-bench-")))
        self.data = self.folder / "data"
        self.issuer = self._parts.enter_context(Issuer().served())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._parts.close()

    @cached_property
    def documents(self) -> Path:
        """The generated devices as an NDJSON file."""
        options = self.options
        self.say(f"generating {options.devices:,} devices")
        path = self.folder / "devices.ndjson"
        with path.open("w", encoding="utf-8") as stream:
            for document in devices(options.devices, options.aggregators, options.seed):
                stream.write(json.dumps(document) + "\n")
        return path

    @cached_property
    def known(self) -> tuple[Known, ...]:
        """Some of the devices, evenly spread over all and in a random order."""
        every = -(-self.options.devices // KNOWN)
        with self.documents.open(encoding="utf-8") as stream:
            documents = [json.loads(line) for line in islice(stream, 0, None, every)]
        Random(self.options.seed).shuffle(documents)
        return tuple(
            Known(each["device_id"], each["aggregator_id"], each["account_id"], *each["location"]["coordinates"])
            for each in documents
        )

    @cached_property
    def import_seconds(self) -> float:
        """The wall time of `der-registry import` for all devices, its start included."""
        command = [*self._command("import"), str(self.documents)]
        self.say("importing them")
        timeout = 120 + self.options.devices / SLOWEST_IMPORT
        return run(command, self.folder / "import.log", timeout=timeout)

    @cached_property
    def copy(self) -> Path:
        """The folder of a copy of the store from before the registry opened it, with the model that this one adds."""
        if self.options.store is None:
            self.say(f"imported in {self.import_seconds:.1f} s")
        else:
            self.say(f"copying {self.options.store}")
            copy_store(self.options.store, self.data)
        copy_store(self.data, self.folder / "unjournaled")
        path = copy_store(self.data / "store", self.folder / "copy")
        store = EmbeddedStore(path)
        publish_model(store, load_profile())
        store.close()
        return path

    @cached_property
    def registry(self) -> Connection:
        """A connection to the registry, which holds all devices."""
        return self.connect()

    @cached_property
    def yardstick(self) -> Connection:
        """A connection to the bare Flask view."""
        return self._connected(self._serve(lambda port: [sys.executable, "-m", "bench.yardstick", str(port)]))

    def connect(self) -> Connection:
        """Make one more connection to the registry, for a thread of its own."""
        return self._connected(self._registry_port)

    def connect_unjournaled(self) -> Connection:
        """Make a connection to the registry that keeps no journal, on a copy of the data."""
        return self._connected(self._unjournaled_port)

    def headers(self, role: str, device: Known) -> Mapping[str, str]:
        """Give the headers of one who sees the device: its prosumer, its aggregator, or a service."""
        host = SERVICES if role == "service" else device.aggregator_id
        subject = device.account_id if role == "prosumer" else host
        key = (role, host, subject)
        if key not in self._tokens:
            self._tokens[key] = self.issuer.token(*key)
        return {"Authorization": f"Bearer {self._tokens[key]}", "Accept": "application/json"}

    def _command(self, name: str) -> list[str]:
        configuration = self.folder / "registry.toml"
        configuration.write_text(self.issuer.configuration(self.options.aggregators), encoding="utf-8")
        return [str(REGISTRY), name, "--config", str(configuration), "--data", str(self.data)]

    @property
    def port(self) -> int:
        """The registry's port."""
        return self._registry_port

    @cached_property
    def _registry_port(self) -> int:
        _ = self.copy
        self.say("starting the registry")
        return self._serve(lambda port: [*self._command("serve"), "--port", str(port)])

    @cached_property
    def _unjournaled_port(self) -> int:
        _ = self.copy
        self.say("starting the registry without its journal")
        program = [sys.executable, "-m", "bench.unjournaled"]
        options = ["serve", *self._command("serve")[2:-1], str(self.folder / "unjournaled")]
        return self._serve(lambda port: [*program, *options, "--port", str(port)])

    def _serve(self, command: Callable[[int], list[str]]) -> int:
        port = free_port()
        self._parts.enter_context(serving(command(port), self.folder / f"{port}.log"))
        return port

    def _connected(self, port: int) -> Connection:
        connection = Connection(port)
        self._parts.callback(connection.close)
        return connection
