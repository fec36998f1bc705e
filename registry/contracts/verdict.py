"""What is said of a contract that was judged: whether it holds, and every reason why not, in words and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from registry.contracts.contract import Contract, written
from registry.contracts.facts import CONFLICT, GAP, AssetFacts, Node
from registry.contracts.rules import Rule
from registry.contracts.types import contract_types
from registry.devices.documents import id_of
from registry.devices.messages import Message
from registry.profile import Profile
from registry.vocabulary import FLEX
from sparql.terms import DOUBLE, Iri, Literal, Term

VALUE = "{?value}"
"""What stands in a message for the values that the rule's path leads to (SHACL, section 5.3.2)."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a contract does not hold.

    Attributes:
        code: for programs.
        message: for people, in all languages that the rule has.
        details: further members of its JSON.
        rule: the rule that is broken.
        component: which constraint component of SHACL.
        focus: the contract, or the asset.
    """

    code: str
    message: Message
    details: Mapping[str, Any]
    rule: Rule
    component: str
    focus: Iri


@dataclass(frozen=True, slots=True)
class AssetVerdict:
    """What is said of one device.

    Attributes:
        device: its IRI.
        reasons: all that speaks against it.
        free: its power that is free during the whole span, in kW; None if it isn't known.
    """

    device: Iri
    reasons: Sequence[Reason]
    free: Decimal | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a contract.

    Attributes:
        contract: the contract.
        reasons: what speaks against it as a whole.
        assets: what is said of its devices, in their order.
    """

    contract: Contract
    reasons: Sequence[Reason]
    assets: Sequence[AssetVerdict]

    @property
    def valid(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.all_reasons

    @property
    def all_reasons(self) -> list[Reason]:
        """All reasons, those of devices too."""
        return [*self.reasons, *(reason for asset in self.assets for reason in asset.reasons)]


def reason(profile: Profile, rule: Rule, component: str, node: Node, facts: AssetFacts | None) -> Reason:
    """Return what is said of a node that breaks a rule."""
    shown = [_shown(profile, rule, value) for value in _values(rule, node)]
    words = ", ".join(map(_words, shown))
    message = Message(each._replace(lexical=each.lexical.replace(VALUE, words)) for each in rule.message.literals())
    details: dict[str, Any] = {}
    if facts is not None and facts.capacity is not None and rule.path == (GAP,):
        details["gaps"] = [[written(begin), written(end)] for begin, end in facts.capacity.gaps]
    elif facts is not None and rule.path == (CONFLICT,):
        details["committed"] = [
            {"start": written(each.begin), "end": written(each.end)}
            | ({} if each.contract_id is None else {"contract_id": each.contract_id})
            for each in facts.conflicts
        ]
    elif shown:
        details["values"] = shown
    return Reason(rule.code, message, details, rule, component, node.iri)


def document(verdict: Verdict) -> dict[str, Any]:
    """Return the JSON form of a verdict; its messages still have all their languages."""
    return {
        "contract_id": verdict.contract.contract_id,
        "valid": verdict.valid,
        "reasons": [_reason_document(each) for each in verdict.reasons],
        "devices": [
            {
                "device_id": id_of(each.device),
                "valid": not each.reasons,
                "reasons": [_reason_document(reason) for reason in each.reasons],
                "free_power": None if each.free is None else float(each.free),
            }
            for each in verdict.assets
        ],
    }


def contract_document(profile: Profile, contract: Contract) -> dict[str, Any]:
    """Return the JSON form of a recorded contract, with the share of each device."""
    found: dict[str, Any] = {
        "contract_id": contract.contract_id,
        "aggregator_id": contract.aggregator_id,
        "account_id": contract.account_id,
        "type": contract_types(profile).code(contract.type),
        "start": written(contract.start),
        "end": written(contract.end),
        "maximum_power": float(contract.maximum_power),
        "assets": [
            {"device_id": id_of(each.device), "power": None if each.power is None else float(each.power)}
            for each in contract.assets
        ],
        "_created": contract.created,
        "_updated": contract.updated,
        "_etag": contract.etag,
    }
    return found if contract.ended is None else {**found, "ended": written(contract.ended)}


def _reason_document(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "message": reason.message or reason.code, **reason.details}


def _values(rule: Rule, node: Node) -> tuple[Term, ...]:
    """Return what the path of a rule leads to, where it is a property or leads over the device."""
    if len(rule.path) == 1:
        return node.values.get(rule.path[0], ())
    return node.device.all(rule.path[-1]) if node.device is not None and len(rule.path) > 1 else ()


def _shown(profile: Profile, rule: Rule, value: Term) -> Any:
    field = profile.by_predicate.get(rule.path[-1])
    if field is not None:
        return field.codec.decode(value)
    if isinstance(value, Literal):
        return float(value.lexical) if value.datatype == DOUBLE else value.lexical
    return contract_types(profile).code(value) if rule.path[-1] == FLEX.term("unfitFor") else str(value)


def _words(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)
