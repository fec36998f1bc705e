"""What the devices of a plant add up to: how many, how much power by direction and by class, how much of it is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from registry.contracts.commitments import Commitments
from registry.contracts.free_power import NOTHING, capacity
from registry.contracts.known_devices import (
    KnownDevice,
    calendar_of,
    known_devices,
    power_fields,
    usual_power,
)
from registry.principal import Role
from registry.profile import Field, Profile
from registry.profile.meanings import field_meaning
from registry.vocabulary import FLEX
from registry.vpps.members import scope_of
from sparql.graph_store import GraphStore
from sparql.terms import Iri, Term

DIRECTION = FLEX.term("Direction")
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Power:
    """What is known of the power of an aggregator's devices.

    Attributes:
        store: where devices are.
        commitments: what contracts hold of them.
    """

    store: GraphStore
    commitments: Commitments

    def known(self, profile: Profile, aggregator_id: str, devices: Collection[Iri]) -> dict[Iri, KnownDevice]:
        """Return those of some devices that an aggregator sees."""
        direction = _direction(profile)
        mentions = () if direction is None else (direction.predicate,)
        return known_devices(self.store, profile, scope_of(aggregator_id), devices, mentions)

    def free(
        self, profile: Profile, known: Mapping[Iri, KnownDevice], start: datetime, end: datetime
    ) -> dict[Iri, Decimal]:
        """Return device -> the power that is free from `start` to `end`, in kW, for those of which it is known."""
        fields = power_fields(profile, Role.AGGREGATOR)
        found = {}
        for iri, device in known.items():
            held = self.commitments.held(iri)
            free = capacity(calendar_of(profile, device), usual_power(device, fields), held, start, end).free
            if free is not None:
                found[iri] = free
        return found

    def totals(
        self, profile: Profile, known: Mapping[Iri, KnownDevice], span: tuple[datetime, datetime] | None
    ) -> dict[str, Any]:
        """Return the totals of some devices, powers in kW, and with a span what is free all through it."""
        fields, direction = power_fields(profile, Role.AGGREGATOR), _direction(profile)
        powers = {iri: usual_power(device, fields) for iri, device in known.items()}
        found: dict[str, Any] = {
            "devices": len(known),
            "power": float(sum((each for each in powers.values() if each is not None), NOTHING)),
            "unknown_power": sum(1 for each in powers.values() if each is None),
            "by_direction": _grouped(known, powers, direction),
            "by_class": _grouped(known, powers, profile.class_field),
        }
        if span is not None:
            found["free_power"] = float(sum(self.free(profile, known, *span).values(), NOTHING))
        return found


def _direction(profile: Profile) -> Field | None:
    return field_meaning(profile, DIRECTION, Role.AGGREGATOR)


def _grouped(
    known: Mapping[Iri, KnownDevice], powers: Mapping[Iri, Decimal | None], by: Field | None
) -> dict[str, dict[str, float]]:
    """Return value of a field, as JSON has it -> how many devices have it, and their power."""
    groups: defaultdict[str, list[Decimal]] = defaultdict(list)
    for iri, device in known.items():
        value: Term | None = device.one(by.predicate) if by is not None else None
        name = UNKNOWN if by is None or value is None else str(by.codec.decode(value))
        groups[name].append(powers[iri] or NOTHING)
    return {name: {"devices": len(each), "power": float(sum(each, NOTHING))} for name, each in sorted(groups.items())}
