"""A contract: who agreed with whom on which devices, when, and for what power; and the state that is kept of it.

Values only. Whether a contract keeps the rules is judged elsewhere; where it stands in the store, in `placement`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import quote

from registry.access import AGREEMENTS
from registry.devices.documents import device_iri
from registry.profile.codecs import DATE_FORMAT
from sparql.terms import Iri


@dataclass(frozen=True, slots=True)
class Asset:
    """One device of a contract.

    Attributes:
        device: its IRI.
        power: the power that is asked of it, or that the contract holds of it, in kW; None if it is for the registry
            to divide the maximum power.
    """

    device: Iri
    power: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A contract.

    Attributes:
        contract_id: what the parties call it; unique within an aggregator.
        aggregator_id: the aggregator.
        account_id: the prosumer's account.
        type: the IRI of its type.
        start: in UTC.
        end: in UTC; later, and not in it.
        maximum_power: the most that its devices together may be called on for, in kW.
        assets: its devices, none twice.
        created: when it was recorded; None for one that isn't.
        updated: when it was last changed.
        ended: when it was ended before its time.
    """

    contract_id: str
    aggregator_id: str
    account_id: str
    type: Iri
    start: datetime
    end: datetime
    maximum_power: Decimal
    assets: tuple[Asset, ...] = field(repr=False)
    created: str | None = None
    updated: str | None = None
    ended: datetime | None = None

    @cached_property
    def iri(self) -> Iri:
        """Its IRI: as an aggregator names its contracts as it likes, the aggregator is a part of it."""
        return contract_iri(self.aggregator_id, self.contract_id)

    @property
    def until(self) -> datetime:
        """The end of the time for which it holds power: before its start if it was ended before."""
        return self.end if self.ended is None else min(self.end, self.ended)

    @cached_property
    def etag(self) -> str:
        """The entity tag, 40 hexadecimal digits."""
        return hashlib.sha1(json.dumps(to_state(self), sort_keys=True).encode(), usedforsecurity=False).hexdigest()

    def asset_iri(self, number: int) -> Iri:
        """Return the IRI of the part of the device at a place of `assets`, from 0."""
        return Iri(f"{self.iri}#asset-{number + 1}")

    def with_shares(self, shares: tuple[Asset, ...]) -> Contract:
        """Return the contract with the power of each of its devices."""
        return replace(self, assets=shares)


def contract_iri(aggregator_id: str, contract_id: str) -> Iri:
    """Return the IRI of a contract."""
    return Iri(f"{AGREEMENTS}contract/{quote(aggregator_id, safe='')}/{quote(contract_id, safe='')}")


def to_state(contract: Contract) -> dict[str, Any]:
    """Return what the journal keeps of a contract."""
    state: dict[str, Any] = {
        "contract_id": contract.contract_id,
        "aggregator_id": contract.aggregator_id,
        "account_id": contract.account_id,
        "type": contract.type,
        "start": written(contract.start),
        "end": written(contract.end),
        "maximum_power": float(contract.maximum_power),
        "assets": [
            {"device": asset.device, "power": None if asset.power is None else float(asset.power)}
            for asset in contract.assets
        ],
        "_created": contract.created,
        "_updated": contract.updated,
    }
    return state if contract.ended is None else {**state, "ended": written(contract.ended)}


def from_state(state: Mapping[str, Any]) -> Contract:
    """Return the contract of a state."""
    return Contract(
        contract_id=state["contract_id"],
        aggregator_id=state["aggregator_id"],
        account_id=state["account_id"],
        type=Iri(state["type"]),
        start=moment(state["start"]),
        end=moment(state["end"]),
        maximum_power=power(state["maximum_power"]),
        assets=tuple(
            Asset(Iri(each["device"]), None if each["power"] is None else power(each["power"]))
            for each in state["assets"]
        ),
        created=state["_created"],
        updated=state["_updated"],
        ended=moment(state["ended"]) if "ended" in state else None,
    )


def device_of(device_id: str) -> Iri:
    """Return the IRI of the device with an id that is a UUID."""
    found = device_iri(device_id)
    if found is None:
        raise ValueError(f"{device_id!r} is no UUID")
    return found


def power(value: float) -> Decimal:
    """Return a power exactly as it is written in JSON, so that sums are exact too."""
    return Decimal(repr(float(value)))


def written(time: datetime) -> str:
    """Return a moment in the form of times in JSON."""
    return time.astimezone(UTC).strftime(DATE_FORMAT).rjust(27, "0")


def interval(begin: datetime, end: datetime) -> str:
    """Return an interval of ISO 8601, without fractions where there are none."""
    return "/".join(each.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z" for each in (begin, end))


def moment(text: str) -> datetime:
    """Return the moment of a time in JSON."""
    return datetime.fromisoformat(text).astimezone(UTC)
