"""Which devices are in a virtual power plant: those that say so, in the field that the model gives that meaning.

Clients of the former registry read and write that field; so whatever they do is done here too, and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from registry.access import aggregator_graph
from registry.devices.documents import id_of
from registry.devices.reading import TRUTH
from registry.devices.writing import DeviceWriter
from registry.errors import Forbidden, NotFound, RegistryError, ServiceUnavailable, ValidationFailed
from registry.principal import Principal, Role
from registry.profile import Field, Profile
from registry.profile.meanings import field_meaning
from registry.vocabulary import DEVICE, FLEX
from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore
from sparql.terms import TYPE, Iri, Literal, to_sparql

MEMBERSHIP = FLEX.term("PlantMembership")
MOST_CHANGED = 1_000
"""Devices that one request may put into a plant: each is a change of its own."""


@dataclass(slots=True)
class Changed:
    """What became of devices that were to be put into a plant, or taken out.

    Attributes:
        changed: how many are now as asked for.
        unchanged: how many were already.
        refused: device id -> why not.
    """

    changed: int = 0
    unchanged: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def membership_field(profile: Profile) -> Field:
    """Return the field that says in which plant a device is.

    Raises:
        ServiceUnavailable: the model in force gives no field that meaning.
    """
    found = field_meaning(profile, MEMBERSHIP, Role.AGGREGATOR)
    if found is None:
        raise ServiceUnavailable("No field of the model in force says in which virtual power plant a device is")
    return found


def scope_of(aggregator_id: str) -> DatasetDescription:
    """Return what an aggregator sees, and so what its plants may be made of."""
    return DatasetDescription(default=(aggregator_graph(aggregator_id),))


@dataclass(frozen=True, slots=True)
class Members:
    """Finds and changes the devices of plants.

    Attributes:
        store: where devices are.
        writer: changes devices.
    """

    store: GraphStore
    writer: DeviceWriter

    def of(self, profile: Profile, aggregator_id: str, plant_id: str) -> list[Iri]:
        """Return the devices of a plant, by their IRIs."""
        named = f"?device {to_sparql(membership_field(profile).predicate)} {to_sparql(Literal(plant_id))}"
        query = f"SELECT ?device WHERE {{ {named} . ?device {to_sparql(TYPE)} {to_sparql(DEVICE)} }} ORDER BY ?device"
        return [Iri(str(device)) for (device,) in self.store.select(query, scope_of(aggregator_id))]

    def counts(self, profile: Profile, aggregator_id: str) -> dict[str, int]:
        """Return the id of each plant that an aggregator's devices name -> how many do."""
        named = f"?device {to_sparql(membership_field(profile).predicate)} ?plant"
        query = (
            f"SELECT ?plant (COUNT(?device) AS ?count) WHERE {{ {named} . "
            f"?device {to_sparql(TYPE)} {to_sparql(DEVICE)} }} GROUP BY ?plant ORDER BY ?plant"
        )
        rows = self.store.select(query, scope_of(aggregator_id))
        return {
            plant.lexical: int(count.lexical)
            for plant, count in rows
            if isinstance(plant, Literal) and isinstance(count, Literal)
        }

    def put(self, caller: Principal, profile: Profile, devices: Sequence[Iri], plant_id: str | None) -> Changed:
        """Put devices of the caller's view into a plant, or with None out of theirs.

        Raises:
            ValidationFailed: they are too many for one request.
            ServiceUnavailable, InsufficientStorage: nothing more can be written; those before were changed.
        """
        if len(devices) > MOST_CHANGED:
            raise ValidationFailed(
                f"These are {len(devices):,} devices; one request changes at most {MOST_CHANGED:,}", [{}]
            )
        name, outcome = membership_field(profile).names[0], Changed()
        there = self._stated(profile, devices)
        for device in devices:
            if there.get(device) == plant_id and (device in there or plant_id is None):
                outcome.unchanged += 1
                continue
            try:
                self.writer.change(caller, id_of(device), {name: plant_id}, lambda _: True)
                outcome.changed += 1
            except (NotFound, Forbidden, ValidationFailed) as error:
                outcome.refused[id_of(device)] = _reason(error)
        return outcome

    def _stated(self, profile: Profile, devices: Iterable[Iri]) -> dict[Iri, str]:
        names = " ".join(map(to_sparql, devices))
        predicate = to_sparql(membership_field(profile).predicate)
        query = f"SELECT ?device ?plant WHERE {{ VALUES ?device {{ {names} }} ?device {predicate} ?plant }}"
        rows = self.store.select(query, TRUTH)
        return {Iri(str(device)): plant.lexical for device, plant in rows if isinstance(plant, Literal)}


def _reason(error: RegistryError) -> str:
    if isinstance(error, ValidationFailed):
        return "; ".join(f"{name}: {words}" for issues in error.issues for name, words in issues.items())
    return error.message
