"""The demo's cooperatives: the same identifiers in every process, and households that stand where they should."""

from __future__ import annotations

from math import cos, hypot, radians
from uuid import UUID

import pytest

from demo.cooperatives import COOPERATIVES, Cooperative, Household
from demo.generation.places import GIRONA, KILOMETRES_PER_DEGREE, SALLAND, Region, Town

HOUSEHOLDS = [household for cooperative in COOPERATIVES for household in cooperative.households]


def test_the_first_households_are_those_that_the_documentation_names() -> None:
    first = {cooperative.aggregator_id: cooperative.households[0] for cooperative in COOPERATIVES}
    assert first == {
        "coop-girona.example": Household(
            "3624bbcc-1fda-4bf4-9c8f-4c8e74b6797f",
            "0d4b8f9d-26e4-470f-b351-40a4f9f21cf6",
            "Can Roure",
            2.924988,
            42.266596,
        ),
        "coop-heeten.example": Household(
            "8bf73807-8221-4be7-bc5e-15fef73cf6a9",
            "a5ef7613-9aa6-488c-a9cb-3467e71a74e1",
            "Huize Jansen",
            6.154844,
            52.38896,
        ),
    }


@pytest.mark.parametrize("cooperative", COOPERATIVES, ids=lambda cooperative: cooperative.slug)
def test_a_cooperative_has_fifty_households_of_different_names(cooperative: Cooperative) -> None:
    assert len({household.name for household in cooperative.households}) == len(cooperative.households) == 50


def test_aggregators_are_fictitious_hosts_of_their_own() -> None:
    identifiers = [cooperative.aggregator_id for cooperative in COOPERATIVES]
    assert len(set(identifiers)) == len(COOPERATIVES) == 2
    assert all(identifier.endswith(".example") for identifier in identifiers)


def test_no_two_accounts_or_end_nodes_are_the_same() -> None:
    identifiers = [text for household in HOUSEHOLDS for text in (household.account_id, household.ven_id)]
    assert len(set(identifiers)) == 200


@pytest.mark.parametrize("attribute", ["account_id", "ven_id"])
def test_identifiers_are_random_uuids_in_lower_case(attribute: str) -> None:
    for household in HOUSEHOLDS:
        text = getattr(household, attribute)
        assert UUID(text).version == 4
        assert str(UUID(text)) == text


def _kilometres(town: Town, household: Household) -> float:
    east = (household.longitude - town.longitude) * cos(radians(town.latitude))
    return hypot(east, household.latitude - town.latitude) * KILOMETRES_PER_DEGREE


@pytest.mark.parametrize(("cooperative", "region"), [(COOPERATIVES[0], GIRONA), (COOPERATIVES[1], SALLAND)])
def test_households_stand_around_the_towns_of_their_region(cooperative: Cooperative, region: Region) -> None:
    for household in cooperative.households:
        distances = {town.name: _kilometres(town, household) / town.radius for town in region.towns}
        assert min(distances.values()) < 5, household
