"""Judges contracts: finds out what is to be known of their devices, asks the rules, and gives the verdict.

Devices and contracts out of the caller's view take no part, but for the power that is held: what a device has promised
to somebody else it can't give, and that is all that is said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from registry.access import dataset
from registry.contracts.commitments import Commitments
from registry.contracts.contract import Contract
from registry.contracts.facts import (
    ASSET,
    AssetFacts,
    Conflict,
    Node,
    asset_facts,
    common_facts,
    conflicts_of,
    contract_facts,
    unknown,
)
from registry.contracts.free_power import NOTHING, Capacity, capacity
from registry.contracts.known_devices import (
    KnownDevice,
    calendar_of,
    known_devices,
    power_fields,
    silence_of,
    usual_power,
)
from registry.contracts.placement import in_view
from registry.contracts.rules import CONTRACT, Rule, Rules, contract_rules
from registry.contracts.verdict import AssetVerdict, Reason, Verdict, reason
from registry.principal import Principal
from registry.profile import Field, Profile
from registry.vocabulary import FLEX
from sparql.graph_store import GraphStore
from sparql.terms import TYPE, Iri

_AGREEMENT = FLEX.term("Agreement")
_NEVER = "never asked"
_MOST_KNOWN = 100_000
"""Outcomes that are kept: those of some 10,000 devices, each with a power of its own."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges contracts.

    Attributes:
        store: where devices are.
        commitments: what contracts hold.
        now: gives the present.
    """

    store: GraphStore
    commitments: Commitments
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def verdicts(self, profile: Profile, principal: Principal, contracts: Sequence[Contract]) -> list[Verdict]:
        """Return what is to be said of contracts to `principal`, each as if it alone were to be recorded now."""
        rules = contract_rules(profile)
        names = {asset.device for contract in contracts for asset in contract.assets}
        known = known_devices(self.store, profile, dataset(principal), names, rules.mentions)
        found = [(each, self._facts(profile, principal, each, known)) for each in contracts]
        wholes = [contract_facts(profile, contract, assets) for contract, assets in found]
        nodes = [*wholes, *(each.node for _, assets in found for each in assets)]
        broken = _broken(rules, nodes)
        facts = {each.node.iri: each for _, assets in found for each in assets}
        reasons = {
            node.iri: _reasons(profile, node, broken.get(node.iri, ()), facts.get(node.iri))
            for node in nodes
            if node.iri in broken
        }
        return [
            Verdict(
                contract,
                reasons.get(contract.iri, ()),
                [AssetVerdict(each.asset.device, reasons.get(each.node.iri, ()), each.free) for each in assets],
            )
            for contract, assets in found
        ]

    def _facts(
        self, profile: Profile, principal: Principal, contract: Contract, known: Mapping[Iri, KnownDevice]
    ) -> list[AssetFacts]:
        fields, common = power_fields(profile), common_facts(profile, contract)
        given = {
            device.iri: self._capacity(profile, contract, device, fields)
            for device in (known.get(asset.device) for asset in contract.assets)
            if device is not None
        }
        short, now = _is_short(contract, given), self.now()
        found = []
        for number, asset in enumerate(contract.assets):
            device = known.get(asset.device)
            if device is None:
                found.append(unknown(contract.asset_iri(number), asset))
                continue
            own = given[device.iri]
            required = own.power if short and asset.power is None else asset.power
            conflicts = self._conflicts(principal, contract, own, asset.device, required)
            silence = silence_of(profile, device, now)
            found.append(asset_facts(profile, contract, number, device, own, conflicts, silence, common))
        return found

    def _capacity(self, profile: Profile, contract: Contract, device: KnownDevice, fields: Sequence[Field]) -> Capacity:
        held = self.commitments.held(device.iri, besides=contract.iri)
        usual, calendar = usual_power(device, fields), calendar_of(profile, device)
        return capacity(calendar, usual, held, contract.start, contract.end)

    def _conflicts(
        self, principal: Principal, contract: Contract, given: Capacity, device: Iri, required: Decimal | None
    ) -> Sequence[Conflict]:
        held = self.commitments.held(device, besides=contract.iri)
        if not held:
            return ()
        named = {each.contract.iri: in_view(principal, each.contract) for each in held}
        return conflicts_of(given, required, held, named)


def _is_short(contract: Contract, given: Mapping[Iri, Capacity]) -> bool:
    """Tell whether the devices had enough for what is left to divide, if other contracts held nothing of them."""
    rest = contract.maximum_power - sum((each.power for each in contract.assets if each.power is not None), NOTHING)
    open_ones = [given[each.device] for each in contract.assets if each.power is None and each.device in given]
    had = sum((each.power or NOTHING for each in open_ones if not each.gaps), NOTHING)
    return had >= rest > sum((each.free or NOTHING for each in open_ones), NOTHING)


def _reasons(
    profile: Profile, node: Node, broken: Iterable[tuple[Rule, str]], facts: AssetFacts | None
) -> list[Reason]:
    """Return what is said of a node, each reason once."""
    found: dict[str, Reason] = {}
    for rule, component in broken:
        found.setdefault(rule.code, reason(profile, rule, component, node, facts))
    return list(found.values())


def _broken(rules: Rules, nodes: Sequence[Node]) -> dict[Iri, list[tuple[Rule, str]]]:
    """Return the rules that nodes break, each with the first of its constraint components that is broken."""
    found: dict[Iri, list[tuple[Rule, str]]] = {}
    for rule in rules.rules:
        alike: dict[Hashable, list[Node]] = {}
        for node in nodes:
            if _asked(rule, node):
                alike.setdefault(_key(rule, node), []).append(node)
        for key, component in _outcomes(rules, rule, alike).items():
            if component is not None:
                for node in alike[key]:
                    found.setdefault(node.iri, []).append((rule, component))
    return found


def _outcomes(rules: Rules, rule: Rule, alike: Mapping[Hashable, Sequence[Node]]) -> dict[Hashable, str | None]:
    """Return what a rule says of nodes that are alike; where that was never asked, it is asked of the first."""
    known = {key: rules.known.get((rule.shape, key), _NEVER) for key in alike}
    new = {alike[key][0].iri: key for key, component in known.items() if component is _NEVER}
    if new:
        among = None if rule.opaque else frozenset(rule.mentions)
        triples = [triple for key in new.values() for triple in alike[key][0].triples(among)]
        asked: dict[Hashable, str | None] = dict.fromkeys(new.values())
        for each in reversed(rules.judge.broken(rule.shape, triples, list(new))):
            asked[new[each.focus]] = each.component
        known |= asked
        if not rule.opaque:
            if len(rules.known) > _MOST_KNOWN:
                rules.known.clear()
            rules.known.update({(rule.shape, key): component for key, component in asked.items()})
    return known


def _asked(rule: Rule, node: Node) -> bool:
    """Tell whether a rule is about a node, and could be broken by it."""
    if rule.about_values and rule.path[0] not in node.values:
        return False
    if rule.target_subjects_of is not None:
        return rule.target_subjects_of in node.values
    is_contract = CONTRACT in node.values[TYPE]
    return rule.target_class == _AGREEMENT or (rule.target_class == CONTRACT) == is_contract


def _key(rule: Rule, node: Node) -> Hashable:
    """Return what a rule's answer about a node depends on: all values but the names of the node and of its device."""
    if rule.opaque:
        return node.iri
    values = node.values
    if rule.counts:
        return len(values.get(rule.path[0], ()))
    own = tuple([values.get(name) for name in rule.mentions if name != ASSET])
    if ASSET not in rule.mentions:
        return own
    if node.device is None:
        return own, None
    stated = node.device.values
    return own, tuple([stated.get(name) for name in rule.mentions])
