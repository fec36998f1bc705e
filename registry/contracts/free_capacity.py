"""Which devices have power free in a span of time, as criteria of a listing, so that they combine with any others.

Most devices are told by their fields alone. The few with a calendar, or of which contracts hold something at that time,
are worked out one by one and named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from registry.access import dataset
from registry.contracts.commitments import Commitments
from registry.contracts.free_power import NOTHING, capacity
from registry.contracts.known_devices import calendar_of, known_devices, power_fields, usual_power, with_calendar
from registry.devices.criteria import NEVER, All, Among, AnyOf, Comparison, Criteria, Not, Operator
from registry.devices.documents import id_of
from registry.principal import Principal
from registry.profile import Field, Profile
from sparql.graph_store import GraphStore
from sparql.terms import Iri, Literal


@dataclass(frozen=True, slots=True)
class FreeSpan:
    """What is asked for.

    Attributes:
        start: in UTC.
        end: in UTC; later.
        least: the power that must be free all the time, in kW; 0 for any.
    """

    start: datetime
    end: datetime
    least: Decimal = NOTHING

    def suffices(self, free: Decimal | None) -> bool:
        """Tell whether so much free power is enough."""
        return free is not None and free > NOTHING and free >= self.least


@dataclass(frozen=True, slots=True)
class FreeCapacity:
    """Finds free capacity.

    Attributes:
        store: where devices are.
        commitments: what contracts hold.
    """

    store: GraphStore
    commitments: Commitments

    def criteria(self, profile: Profile, principal: Principal, asked: FreeSpan) -> Criteria:
        """Return the criteria that devices in the view of `principal` with so much free power meet, and no others."""
        usual = _usually(power_fields(profile, principal.role), asked)
        scope = dataset(principal)
        held = self.commitments.overlapping(asked.start, asked.end)
        special = {*held, *with_calendar(self.store, profile, scope)}
        known = known_devices(self.store, profile, scope, special, ())
        if not known:
            return usual
        fields = power_fields(profile, principal.role)
        free = [
            device.iri
            for device in known.values()
            if asked.suffices(
                capacity(
                    calendar_of(profile, device),
                    usual_power(device, fields),
                    held.get(device.iri, ()),
                    asked.start,
                    asked.end,
                ).free
            )
        ]
        named = profile.identity
        if named not in profile.visible(principal.role):
            return NEVER
        others = All((usual, Not(Among(named, _terms(known)))))
        return AnyOf((others, Among(named, _terms(free)))) if free else others


def _usually(fields: Collection[Field], asked: FreeSpan) -> Criteria:
    """Return the criteria of a device of which nothing is held: the first of some fields that it has says enough."""
    operator = Operator.GREATER_OR_EQUAL if asked.least else Operator.GREATER
    found: Criteria = NEVER
    for field in reversed(list(fields)):
        enough = Comparison(field, operator, float(asked.least))
        absent = Not(Comparison(field, Operator.EXISTS))
        found = enough if found == NEVER else AnyOf((enough, All((absent, found))))
    return found


def _terms(devices: Iterable[Iri]) -> tuple[Literal, ...]:
    return tuple(Literal(name) for name in sorted(map(id_of, devices)))
