"""A virtual power plant: its name, and the saved query by which devices are found for it.

Values only. Which devices are in it is said by the devices themselves, in the field that clients of the former registry
know: so both can't differ (registry/vpps/members.py).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from registry.access import AGREEMENTS
from registry.errors import ValidationFailed
from sparql.terms import Iri

MEMBERS = ("name", "description", "query")
LONGEST_TEXT = 2_000
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")
"""What the id of a plant with a name of its own looks like; a device may name any other, too."""


@dataclass(frozen=True, kw_only=True)
class Vpp:
    """A virtual power plant.

    Attributes:
        plant_id: what devices call it; unique within an aggregator.
        aggregator_id: whose it is.
        name: for people.
        description: likewise.
        query: how devices are found for it: {"where": {…}} or {"sparql": "SELECT …"}; None if nobody has said.
        created: when it was first named; None for one that only devices name.
        updated: when it was last changed.
    """

    plant_id: str
    aggregator_id: str
    name: str | None = None
    description: str | None = None
    query: Mapping[str, Any] | None = None
    created: str | None = None
    updated: str | None = None

    @cached_property
    def iri(self) -> Iri:
        """Its IRI."""
        return vpp_iri(self.aggregator_id, self.plant_id)

    @cached_property
    def etag(self) -> str:
        """The entity tag, 40 hexadecimal digits."""
        return hashlib.sha1(json.dumps(to_state(self), sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def vpp_iri(aggregator_id: str, plant_id: str) -> Iri:
    """Return the IRI of a plant."""
    return Iri(f"{AGREEMENTS}vpp/{quote(aggregator_id, safe='')}/{quote(plant_id, safe='')}")


def to_state(vpp: Vpp) -> dict[str, Any]:
    """Return what the journal keeps of a plant."""
    return {
        "plant_id": vpp.plant_id,
        "aggregator_id": vpp.aggregator_id,
        "name": vpp.name,
        "description": vpp.description,
        "query": None if vpp.query is None else dict(vpp.query),
        "_created": vpp.created,
        "_updated": vpp.updated,
    }


def from_state(state: Mapping[str, Any]) -> Vpp:
    """Return the plant of a state."""
    return Vpp(
        plant_id=state["plant_id"],
        aggregator_id=state["aggregator_id"],
        name=state["name"],
        description=state["description"],
        query=state["query"],
        created=state["_created"],
        updated=state["_updated"],
    )


def read_vpp(plant_id: str, aggregator_id: str, value: Mapping[str, Any]) -> Vpp:
    """Return the plant that a JSON object states.

    Raises:
        ValidationFailed: it states none; with what is wrong with each member.
    """
    issues: dict[str, Any] = {}
    if not ID.fullmatch(plant_id):
        issues["plant_id"] = "must be 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -"
    own = {"plant_id": plant_id, "aggregator_id": aggregator_id}
    for name, each in value.items():
        if name in own and each != own[name]:
            issues[name] = f"must be {own[name]}, as the address says"
        elif name not in MEMBERS and name not in own and not name.startswith("_"):
            issues[name[:60]] = f"unknown member; a plant has {', '.join(MEMBERS)}"
    for name in ("name", "description"):
        text = value.get(name)
        if text is not None and not (isinstance(text, str) and 0 < len(text) <= LONGEST_TEXT):
            issues[name] = f"must be a text of 1 to {LONGEST_TEXT:,} characters"
    query = value.get("query")
    if query is not None and (problem := query_problem(query)):
        issues["query"] = problem
    if issues:
        raise ValidationFailed("", [issues])
    return Vpp(**own, name=value.get("name"), description=value.get("description"), query=query)


def query_problem(value: Any) -> str | None:
    """Return what is wrong with the form of a discovery query, if anything is."""
    if not isinstance(value, dict) or len(value) != 1 or not {"where", "sparql"}.issuperset(value):
        return 'must be {"where": {…}}, as of /1/devices, or {"sparql": "SELECT ?device …"}'
    if "where" in value and not isinstance(value["where"], dict):
        return "where must be an object"
    if "sparql" in value and not (isinstance(value["sparql"], str) and value["sparql"].strip()):
        return "sparql must be the text of a SELECT query"
    return None
