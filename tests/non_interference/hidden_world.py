"""A registry in two states: with the devices that a role sees alone, and with much more that it doesn't see."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from stand import ALICE, BOB, A, B, Caller, Stand, running_stand
from temptation import CANARY, canaries, temptations, unnamed

from demo.cooperatives import Household
from demo.households import household_devices
from registry.access import DEVICES, GRAPHS, account_graph, aggregator_graph
from registry.devices.reading import DeviceReader
from registry.principal import Role
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import Iri, Triple, to_sparql

VEN = "7f1d0c6e-52a4-4b0e-8a3d-9e1f6b2c4d5a"
UNSEEN_FIELD = {Role.AGGREGATOR: "serial_number", Role.PROSUMER: "external_ids"}
"""Role -> a field of its own devices that it does not see."""


class HiddenWorld:
    """The world of `caller`.

    Attributes:
        stand: the registry.
        view: the graph that the caller sees.
        hidden: graphs that hold something, or will, and that the caller doesn't see.
        missing: names of graphs that there are not.
    """

    def __init__(self, stand: Stand, caller: Caller) -> None:
        self.stand = stand
        self.caller = caller
        self.view = account_graph(A, caller.account) if caller.role is Role.PROSUMER else aggregator_graph(A)
        self.hidden = (
            *(DEVICES, aggregator_graph(B), account_graph(B, ALICE), account_graph(B, BOB)),
            *(aggregator_graph(f"{A}.evil"), Iri(f"{self.view}/"), Iri(GRAPHS), Iri("urn:hidden")),
            *([aggregator_graph(A)] if caller.role is Role.PROSUMER else []),
        )
        self.missing = (Iri("urn:missing"), aggregator_graph("nobody.example"))
        self.own = [each["device_id"] for each in self._household(A, ALICE, count=3)]
        if caller.role is Role.AGGREGATOR:
            self.own += [each["device_id"] for each in self._household(A, BOB, count=2)]

    @property
    def store(self) -> EmbeddedStore:
        """The store of the registry."""
        store = self.stand.components.store
        assert isinstance(store, EmbeddedStore)
        return store

    def visible(self) -> list[Triple]:
        """Return the triples that the caller sees of devices."""
        return sorted((quad.triple for quad in self.stand.dump() if quad.graph == self.view), key=repr)

    def hide(self, *, tempting: bool = True) -> list[str]:
        """Add all that the caller must not notice; return texts that are in it and in nothing else.

        Args:
            tempting: whether hidden graphs get triples, too, that no device could have; changes of the caller's own
                devices then fail, as these stand beside the truth.
        """
        self._household(B, ALICE, count=2, name=f"{CANARY}-other-aggregator")
        self._household(B, BOB, count=2, name=f"{CANARY}-other-aggregator")
        if self.caller.role is Role.PROSUMER:
            self._household(A, BOB, count=2, name=f"{CANARY}-other-account")
        field = UNSEEN_FIELD[self.caller.role]
        for number, device_id in enumerate(self.own):
            value: Any = f"{CANARY}-unseen-field-{number}"
            reply = self.stand.patch(device_id, {field: [value] if field == "external_ids" else value})
            assert reply.status_code == 200, reply.get_data(as_text=True)
        if not tempting:
            return [f"{CANARY}-other", f"{CANARY}-unseen"]
        self.tempt(self.visible())
        return [*canaries(self.hidden), f"{CANARY}-other", f"{CANARY}-unseen"]

    def tempt(self, visible: Collection[Triple]) -> None:
        """Fill the hidden graphs, and the store's default graph, with what tempts someone who sees `visible`."""
        self.store.apply(ChangeSet(added=list(temptations(visible, self.hidden))))
        self.store.update(unnamed(visible))

    def show(self, triples: str, others: Collection[Iri]) -> None:
        """Make the view hold these N-Triples, and all hidden graphs and `others` nothing."""
        clear = " ; ".join(f"CLEAR SILENT GRAPH {to_sparql(graph)}" for graph in {self.view, *self.hidden, *others})
        insert = f"INSERT DATA {{ GRAPH {to_sparql(self.view)} {{ {triples} }} }}"
        self.store.update(f"{clear} ; CLEAR SILENT DEFAULT ; {insert}")

    def _household(self, aggregator: str, account: str, *, count: int, name: str = "") -> list[dict[str, Any]]:
        """Add a household's devices: names and values are the same for each household, the ids are not."""
        random = Random(11)
        household = Household(account, VEN, "Household", 2.1, 41.4)
        documents = [each for _ in range(count) for each in household_devices(household, aggregator, random)]
        for number, document in enumerate(documents):
            document["device_id"] = _identifier(aggregator, account, number)
            document["device_name"] = f"{document['device_name']} {name}".strip()
        self.stand.add(*documents)
        return documents


def _identifier(aggregator: str, account: str, number: int) -> str:
    return f"{number:08x}-{'a' if aggregator == A else 'b'}000-4000-8000-{account[-12:]}"


@contextmanager
def hidden_world(folder: Path, caller: Caller) -> Iterator[HiddenWorld]:
    """Run the world of `caller` on a store in `folder`; however few points a view has, they are indexed."""
    with (
        patch("registry.publishing.starting.DeviceReader", partial(DeviceReader, indexed_from=0)),
        running_stand(folder) as stand,
    ):
        yield HiddenWorld(stand, caller)
