"""What can be done with virtual power plants: everything that their door asks for, for whoever may."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from registry.access import MAY_AGREE
from registry.contracts.free_capacity import FreeCapacity, FreeSpan
from registry.contracts.known_devices import power_fields
from registry.devices.criteria import All, Criteria, SortKey
from registry.devices.documents import device_iri, id_of
from registry.errors import BadRequest, Forbidden, NotFound
from registry.in_force import Edition
from registry.principal import Principal, Role
from registry.vpps.discovery import Discovery, aggregator_principal
from registry.vpps.members import MOST_CHANGED, Changed, Members
from registry.vpps.plants import Plants
from registry.vpps.proposal import Chosen, Prefer, propose
from registry.vpps.totals import Power
from registry.vpps.vpp import Vpp, vpp_iri
from sparql.terms import Iri

Span: TypeAlias = tuple[datetime, datetime]

EVERYTHING = All()
MOST_CANDIDATES = 5_000
"""Devices that are looked at for a proposal, those with the greatest power first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a proposal is asked for.

    Attributes:
        target: the power to reach, in kW.
        span: when it must be free, all the time.
        prefer: what is best.
        criteria: which devices come into question.
        most: how many devices may be taken; None for any number.
    """

    target: Decimal
    span: Span
    prefer: Prefer = Prefer.FEWEST
    criteria: Criteria = EVERYTHING
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was found for a wish: the choice, how many devices come into question, and how many were looked at."""

    chosen: Chosen[Iri]
    candidates: int
    considered: int


@dataclass(frozen=True, slots=True)
class Desk:
    """The operations.

    Attributes:
        plants: the plants that have been named.
        members: finds and changes their devices.
        discovery: finds devices for them.
        power: adds up what devices have.
        free: finds free capacity.
    """

    plants: Plants
    members: Members
    discovery: Discovery
    power: Power
    free: FreeCapacity

    def all(self, edition: Edition, aggregator_id: str) -> list[tuple[Vpp, int]]:
        """Return an aggregator's plants, each with how many devices are in it; those too that only devices name."""
        counts = self.members.counts(edition.profile, aggregator_id)
        named = {each.plant_id: each for each in self.plants.of_aggregator(aggregator_id)}
        plants = (
            named.get(plant_id) or Vpp(plant_id=plant_id, aggregator_id=aggregator_id)
            for plant_id in sorted({*named, *counts})
        )
        return [(each, counts.get(each.plant_id, 0)) for each in plants]

    def plant(self, edition: Edition, aggregator_id: str, plant_id: str) -> tuple[Vpp, list[Iri]]:
        """Return one plant and its devices.

        Raises:
            NotFound: nobody has named it, neither by its door nor in a device.
        """
        devices = self.members.of(edition.profile, aggregator_id, plant_id)
        found = self.plants.get(vpp_iri(aggregator_id, plant_id))
        if found is None and not devices:
            raise NotFound("There is no such virtual power plant.")
        return found or Vpp(plant_id=plant_id, aggregator_id=aggregator_id), devices

    def totals(self, edition: Edition, vpp: Vpp, devices: Collection[Iri], span: Span | None) -> dict[str, Any]:
        """Return what the devices of a plant add up to."""
        profile = edition.profile
        return self.power.totals(profile, self.power.known(profile, vpp.aggregator_id, devices), span)

    def fill(self, caller: Principal, edition: Edition, vpp: Vpp, query: Mapping[str, Any]) -> Changed:
        """Put devices into a plant: those named, or those that a query finds.

        Raises:
            BadRequest: the query can't be understood.
            ValidationFailed: they are too many.
        """
        aggregator = aggregator_principal(caller, vpp.aggregator_id)
        if "devices" not in query:
            found = self.discovery.find(edition, aggregator, query, MOST_CHANGED)
            return self.members.put(caller, edition.profile, self._own(edition, vpp, found), vpp.plant_id)
        named = list(dict.fromkeys(device_iri(each) for each in query["devices"]))
        if None in named:
            raise BadRequest("devices must be a list of the UUIDs of devices")
        devices = [each for each in named if each is not None]
        own = self._own(edition, vpp, devices)
        outcome = self.members.put(caller, edition.profile, own, vpp.plant_id)
        outcome.refused |= {id_of(each): "There is no such device." for each in devices if each not in set(own)}
        return outcome

    def release(self, caller: Principal, edition: Edition, vpp: Vpp, device_id: str) -> None:
        """Take a device out of a plant.

        Raises:
            NotFound: it is not in it.
        """
        iri = device_iri(device_id)
        if iri is None or iri not in self.members.of(edition.profile, vpp.aggregator_id, vpp.plant_id):
            raise NotFound("There is no such device in this virtual power plant.")
        outcome = self.members.put(caller, edition.profile, [iri], None)
        if outcome.refused:
            raise Forbidden(next(iter(outcome.refused.values())))

    def disband(self, caller: Principal, edition: Edition, vpp: Vpp, tags: Collection[str] | None) -> Changed:
        """Forget a plant, and take its devices out of it.

        Raises:
            ValidationFailed: it has more devices than one request may change: take some out first.
        """
        devices = self.members.of(edition.profile, vpp.aggregator_id, vpp.plant_id)
        self.plants.remove(caller, vpp.iri, tags, edition.name)
        outcome = Changed()
        for start in range(0, len(devices), MOST_CHANGED):
            part = self.members.put(caller, edition.profile, devices[start : start + MOST_CHANGED], None)
            outcome.changed += part.changed
            outcome.refused |= part.refused
        return outcome

    def propose(self, caller: Principal, edition: Edition, aggregator_id: str, wish: Wish) -> Proposal:
        """Return devices of an aggregator that reach a target power."""
        profile, aggregator = edition.profile, aggregator_principal(caller, aggregator_id)
        enough = self.free.criteria(profile, aggregator, FreeSpan(*wish.span))
        fields = power_fields(profile, Role.AGGREGATOR)
        order = tuple(SortKey(each, descending=True) for each in fields)
        total, devices = self.discovery.matching(
            edition, aggregator, All((wish.criteria, enough)), order, MOST_CANDIDATES
        )
        known = self.power.known(profile, aggregator_id, devices)
        free = self.power.free(profile, known, *wish.span)
        return Proposal(propose(free, wish.target, wish.prefer, wish.most), total, len(devices))

    def _own(self, edition: Edition, vpp: Vpp, devices: Collection[Iri]) -> list[Iri]:
        """Return those of some devices that the plant's aggregator has."""
        known = self.power.known(edition.profile, vpp.aggregator_id, devices)
        return [each for each in devices if each in known]


def whose(principal: Principal, given: str | None) -> str:
    """Return the aggregator whose plants a request is about.

    Args:
        principal: who asks.
        given: the aggregator_id that the request names, if any.

    Raises:
        Forbidden: the role has no plants, or the aggregator is another one.
        BadRequest: a service must name one.
    """
    if principal.role not in MAY_AGREE:
        raise Forbidden(f"The role {principal.role} has no virtual power plants; {', '.join(sorted(MAY_AGREE))} have.")
    if principal.role is Role.SERVICE:
        if not given:
            raise BadRequest("Name the aggregator whose plant it is by aggregator_id in the query")
        return given
    if given is not None and given != principal.aggregator_id:
        raise Forbidden("An aggregator may do this for itself alone: aggregator_id must be its own")
    return principal.aggregator_id or ""
