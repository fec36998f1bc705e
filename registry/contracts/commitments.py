"""All contracts, and what they hold of which device and when: kept in memory, made from the journal at the start.

One dictionary for contracts, one for devices; both are changed after the journal and the store were, while the devices
concerned are held, so whoever holds a device sees all that is held of it.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from registry.contracts.contract import Contract, from_state
from registry.journal import Journal, Resource
from sparql.terms import Iri


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a contract holds of a device.

    Attributes:
        contract: the contract.
        device: the device.
        begin: from when.
        end: until when; not in it.
        power: how much, in kW.
    """

    contract: Contract
    device: Iri
    begin: datetime
    end: datetime
    power: Decimal


class Commitments:
    """The contracts of a registry, and what they hold."""

    def __init__(self, contracts: Iterable[Contract] = ()) -> None:
        self._lock = threading.Lock()
        self._contracts: dict[Iri, Contract] = {}
        self._held: defaultdict[Iri, tuple[Commitment, ...]] = defaultdict(tuple)
        for contract in contracts:
            self.put(contract)

    @classmethod
    def of(cls, journal: Journal) -> Commitments:
        """Return what a journal says."""
        latest = journal.latest_of(Resource.CONTRACT)
        return cls(from_state(entry.state_after) for entry in latest if entry.state_after is not None)

    def put(self, contract: Contract) -> None:
        """Take a contract, in the place of the one with its IRI if there is one."""
        with self._lock:
            former = self._contracts.get(contract.iri)
            held = {each.device: each for each in commitments_of(contract)}
            for device in {asset.device for each in (former, contract) if each for asset in each.assets}:
                others = [each for each in self._held[device] if each.contract.iri != contract.iri]
                self._held[device] = (*others, held[device]) if device in held else tuple(others)
            self._contracts[contract.iri] = contract

    def drop(self, names: Iterable[Iri]) -> None:
        """Forget contracts, and all that they hold, as after an erasure."""
        with self._lock:
            for name in names:
                former = self._contracts.pop(name, None)
                for asset in former.assets if former else ():
                    self._held[asset.device] = tuple(
                        each for each in self._held[asset.device] if each.contract.iri != name
                    )

    def contract(self, name: Iri) -> Contract | None:
        """Return the contract with an IRI."""
        return self._contracts.get(name)

    def contracts(self) -> Sequence[Contract]:
        """Return all contracts, those that began last first."""
        with self._lock:
            found = list(self._contracts.values())
        return sorted(found, key=lambda each: (each.start, each.iri), reverse=True)

    def held(self, device: Iri, besides: Iri | None = None) -> Sequence[Commitment]:
        """Return what contracts hold of a device.

        Args:
            besides: a contract whose own does not count.
        """
        found = self._held.get(device, ())
        return found if besides is None else [each for each in found if each.contract.iri != besides]

    def overlapping(self, start: datetime, end: datetime) -> Mapping[Iri, Sequence[Commitment]]:
        """Return the devices of which anything is held at some time from `start` to `end`, with all that is."""
        with self._lock:
            every = list(self._held.items())
        return {device: held for device, held in every if any(each.begin < end and start < each.end for each in held)}


def commitments_of(contract: Contract) -> list[Commitment]:
    """Return what a contract holds; nothing if it was ended before it began."""
    if contract.until <= contract.start:
        return []
    return [
        Commitment(contract, asset.device, contract.start, contract.until, asset.power)
        for asset in contract.assets
        if asset.power is not None
    ]
