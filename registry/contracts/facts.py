"""What is found out about a contract and each of its devices, as the RDF that the rules are asked about.

The names are those of ontology/contracts.ttl. No rule is applied here: that a fact is a reason to refuse a contract is
for the shapes to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from registry.contracts.commitments import Commitment
from registry.contracts.contract import Asset, Contract, interval
from registry.contracts.free_power import NOTHING, Capacity
from registry.contracts.known_devices import KnownDevice
from registry.contracts.types import contract_types
from registry.profile import Profile
from registry.vocabulary import FLEX
from sparql.terms import TYPE, XSD, Iri, Literal, Term, Triple, double

Values: TypeAlias = dict[Iri, tuple[Term, ...]]

ASSET, GAP, CONFLICT = FLEX.term("asset"), FLEX.term("gap"), FLEX.term("conflict")
_DATE = XSD.term("date")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A time at which too little power is left, and one of the contracts that hold it.

    Attributes:
        begin: from when.
        end: until when.
        contract_id: the contract; None if who asks may not see it.
    """

    begin: datetime
    end: datetime
    contract_id: str | None

    def __str__(self) -> str:
        """Return the interval, and the contract in parentheses."""
        named = f" ({self.contract_id})" if self.contract_id is not None else ""
        return f"{interval(self.begin, self.end)}{named}"


@dataclass(frozen=True, slots=True)
class Node:
    """A contract or an asset, as the rules are asked about it.

    Attributes:
        iri: the node.
        values: predicate -> what is found out.
        device: the device that an asset leads to, if it is in view.
    """

    iri: Iri
    values: Values
    device: KnownDevice | None = None

    def triples(self, among: Collection[Iri] | None) -> Iterator[Triple]:
        """Yield what is said of the node and of its device by some predicates; None for all."""
        for predicate, values in self.values.items():
            if among is None or predicate in among:
                yield from (Triple(self.iri, predicate, value) for value in values)
        if self.device is not None and (among is None or ASSET in among):
            for predicate, placed in self.device.values.items():
                if among is None or predicate in among:
                    yield from (Triple(Iri(self.device.iri + at), predicate, value) for at, value in placed)


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """What is found out about one device of a contract.

    Attributes:
        asset: the device and what is asked of it.
        node: for the rules.
        capacity: what it has to give; None for a device out of view.
        conflicts: when too little is left.
    """

    asset: Asset
    node: Node
    capacity: Capacity | None = None
    conflicts: tuple[Conflict, ...] = ()

    @property
    def free(self) -> Decimal | None:
        """The power that is free during the whole span; None if it isn't known."""
        return self.capacity.free if self.capacity else None

    @property
    def offered(self) -> Decimal:
        """The power that it has during the whole span, whatever other contracts hold of it."""
        if self.capacity is None or self.capacity.gaps:
            return NOTHING
        return max(NOTHING, self.capacity.power or NOTHING)


def unknown(node: Iri, asset: Asset) -> AssetFacts:
    """Return the facts about a device that is not in view: none but that the contract names one."""
    return AssetFacts(asset, Node(node, {TYPE: (FLEX.term("ContractAsset"),)}))


def asset_facts(  # noqa: PLR0913, PLR0917  a contract, one of its devices, and what is known of that
    profile: Profile,
    contract: Contract,
    number: int,
    device: KnownDevice,
    capacity: Capacity,
    conflicts: Sequence[Conflict],
    silence: timedelta | None,
    common: Values,
) -> AssetFacts:
    """Return the facts about a device in view.

    Args:
        profile: the model in force.
        contract: the contract.
        number: the place of the device in it, from 0.
        device: the device.
        capacity: what it has to give.
        conflicts: when contracts leave too little of it.
        silence: for how long it has been silent, if that is too long.
        common: `common_facts` of the contract.
    """
    asset = contract.assets[number]
    values: Values = {**common, ASSET: (device.iri,)}
    if asset.power is not None:
        values[FLEX.term("requiredPower")] = (double(float(asset.power)),)
    if capacity.power is not None:
        values[FLEX.term("powerInSpan")] = (double(float(capacity.power)),)
    if capacity.free is not None:
        values[FLEX.term("freePower")] = (double(float(capacity.free)),)
    if capacity.gaps:
        values[GAP] = tuple(Literal(interval(*gap)) for gap in capacity.gaps)
    if conflicts:
        values[CONFLICT] = tuple(Literal(str(each)) for each in conflicts)
    if silence is not None:
        values[FLEX.term("staleFor")] = (Literal(_duration(silence), XSD.term("dayTimeDuration")),)
    suited, field = contract_types(profile).suits.get(contract.type, frozenset()), profile.class_field
    if field is not None and suited.isdisjoint(device.all(field.predicate)):
        values[FLEX.term("unfitFor")] = (contract.type,)
    return AssetFacts(asset, Node(contract.asset_iri(number), values, device), capacity, tuple(conflicts))


def common_facts(profile: Profile, contract: Contract) -> Values:
    """Return what is the same for all devices of a contract that are in view."""
    return {
        TYPE: (FLEX.term("ContractAsset"),),
        FLEX.term("contractType"): (contract.type,),
        FLEX.term("firstDay"): (Literal(contract.start.date().isoformat(), _DATE),),
        FLEX.term("lastDay"): (Literal((contract.end - timedelta(microseconds=1)).date().isoformat(), _DATE),),
        **parties(profile, contract),
    }


def contract_facts(profile: Profile, contract: Contract, assets: Sequence[AssetFacts]) -> Node:
    """Return the facts about a contract as a whole."""
    shared = sum((each.asset.power for each in assets if each.asset.power is not None), NOTHING)
    offered = shared + sum((each.offered for each in assets if each.asset.power is None), NOTHING)
    powers = {"maximumPower": contract.maximum_power, "sharedPower": shared, "offeredPower": offered}
    values: Values = {
        TYPE: (FLEX.term("Contract"),),
        FLEX.term("contractId"): (Literal(contract.contract_id),),
        FLEX.term("contractType"): (contract.type,),
        **{FLEX.term(name): (double(float(each)),) for name, each in powers.items()},
        **parties(profile, contract),
    }
    return Node(contract.iri, values)


def parties(profile: Profile, contract: Contract) -> Values:
    """Return the parties of a contract, by the IRIs that the model gives those of devices."""
    names = {"contractAggregator": ("aggregator_id", contract.aggregator_id)}
    names["contractAccount"] = ("account_id", contract.account_id)
    return {FLEX.term(name): (profile.fields[field].codec.encode(value),) for name, (field, value) in names.items()}


def conflicts_of(
    capacity: Capacity, required: Decimal | None, held: Sequence[Commitment], named: Mapping[Iri, bool]
) -> list[Conflict]:
    """Return when too little is left, once for each contract that holds some of it then.

    Args:
        capacity: what the device has to give.
        required: what is asked of it; None for anything at all.
        held: what contracts hold of it.
        named: the IRIs of contracts -> whether who asks may see them.
    """
    return sorted(
        {
            Conflict(
                max(begin, each.begin),
                min(end, each.end),
                each.contract.contract_id if named[each.contract.iri] else None,
            )
            for begin, end in capacity.conflicts(required)
            for each in held
            if each.begin < end and begin < each.end
        },
        key=str,
    )


def _duration(time: timedelta) -> str:
    """Return an xsd:dayTimeDuration of whole seconds (XSD 1.1 part 2, section 3.4.27)."""
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if number)
    return f"P{f'{days}D' if days else ''}{f'T{parts}' if parts else ''}" if days or parts else "PT0S"
