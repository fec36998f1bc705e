"""The two cooperatives of the demo, with their households: who they are and where they stand.

They lie in FLEXCoop's pilot regions; their names, members and host names are fictitious. The demo's OpenID provider
grants tokens for them, and `demo.households` gives them devices. Nothing here is secret or configurable: the same
identifiers come out in every process, which the documentation and the tests rely on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from demo.generation.draws import pick, uuid4
from demo.generation.places import GIRONA, SALLAND, Region, place_near

SEED = 20171001


@dataclass(frozen=True, slots=True)
class Household:
    """One member: an account, the OpenADR end node (VEN) of its box, and its place in CRS84 degrees."""

    account_id: str
    ven_id: str
    name: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Cooperative:
    """An aggregator; `aggregator_id` is the host name of its token issuer."""

    slug: str
    aggregator_id: str
    name: str
    households: tuple[Household, ...]


CATALAN_HOUSES = tuple(
    f"{kind} {family}"
    for kind in ("Can", "Mas")
    for family in (
        *("Roure", "Ferrer", "Serra", "Vila", "Puig", "Soler", "Roca", "Bosch", "Vidal", "Font", "Casals", "Pujol"),
        *("Sala", "Costa", "Riera", "Planas", "Coll", "Mas", "Prat", "Camps", "Torrent", "Oliva", "Batlle", "Fàbrega"),
        "Masó",
    )
)
DUTCH_HOUSES = tuple(
    f"{kind} {family}"
    for kind in ("Huize", "Erve")
    for family in (
        *("Jansen", "de Boer", "Kogelman", "Hendriks", "Mulder", "Visser", "Smit", "Bakker", "Kok", "Veldhuis"),
        *("Brinkman", "Nijland", "Reimink", "Wolters", "Schutte", "Overmars", "Kleine", "Holtman", "Bosman", "Krops"),
        *("Haarman", "Leemans", "Dekker", "Peters", "Vos"),
    )
)


def _households(houses: tuple[str, ...], region: Region, rng: Random) -> Iterator[Household]:
    weights = tuple(town.thousands for town in region.towns)
    for name in houses:
        longitude, latitude = place_near(pick(rng, region.towns, weights), rng)
        yield Household(uuid4(rng), uuid4(rng), name, longitude, latitude)


def _cooperative(slug: str, name: str, houses: tuple[str, ...], region: Region) -> Cooperative:
    rng = Random(f"{SEED}/{slug}")  # noqa: S311 - fictitious data, not a secret
    return Cooperative(slug, f"{slug}.example", name, tuple(_households(houses, region, rng)))


COOPERATIVES: tuple[Cooperative, ...] = (
    _cooperative("coop-girona", "Cooperativa Energètica del Ter", CATALAN_HOUSES, GIRONA),
    _cooperative("coop-heeten", "Energiecoöperatie Sallands Licht", DUTCH_HOUSES, SALLAND),
)
