"""The JSON form of a contract, and what is wrong with a value that is none: all of it at once, member by member.

Nothing here looks at devices or at other contracts, so no error says anything about them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from registry.contracts.contract import Asset, Contract, device_of, power, written
from registry.contracts.types import contract_types
from registry.devices.documents import device_iri, id_of
from registry.errors import ValidationFailed
from registry.profile import Profile
from registry.profile.values import number
from sparql.terms import Iri

MOST_CONTRACTS = 100
MOST_ASSETS = 5_000
"""Devices of all contracts of a request together."""
LEAST_POWER, MOST_POWER = Decimal("0.001"), Decimal(1_000_000)
LONGEST = timedelta(days=3_653)
MEMBERS = ("contract_id", "aggregator_id", "account_id", "type", "start", "end", "maximum_power", "assets")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)")
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_Value = TypeVar("_Value")


def read_contract(profile: Profile, value: Mapping[str, Any]) -> Contract:
    """Return the contract that a JSON object states.

    Raises:
        ValidationFailed: it states none; with what is wrong with each member.
    """
    return read_contracts(profile, [value])[0]


def read_contracts(profile: Profile, values: list[Any], *, single: bool = True) -> list[Contract]:
    """Return the contracts that JSON values state.

    Raises:
        ValidationFailed: one states none, or they are too many.
    """
    if not values or len(values) > MOST_CONTRACTS:
        raise ValidationFailed(f"Send one contract, or a list of 1 to {MOST_CONTRACTS}", [{}])
    readers = [_Reader(profile, each) for each in values]
    contracts = [reader.contract() for reader in readers]
    if any(reader.issues for reader in readers):
        raise ValidationFailed("What was sent is no contract", [reader.issues for reader in readers], single=single)
    found = [each for each in contracts if each is not None]
    if sum(len(each.assets) for each in found) > MOST_ASSETS:
        raise ValidationFailed(f"All contracts together may name at most {MOST_ASSETS:,} devices", [{}])
    return found


class _Reader:
    """Reads one contract; what is wrong is in `issues`, by the names of members."""

    def __init__(self, profile: Profile, value: Any) -> None:
        self._profile = profile
        self.issues: dict[str, Any] = {}
        self._value: Mapping[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.issues["contract"] = f"must be an object with {', '.join(MEMBERS)}"
            return
        self.issues |= {name: "required member" for name in MEMBERS if name not in value}
        for name in value:
            if name not in MEMBERS and not name.startswith("_"):
                self.issues[name[:60]] = f"unknown member; a contract has {', '.join(MEMBERS)}"

    def contract(self) -> Contract | None:
        contract_id = self._text("contract_id", _ID, "must be 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -")
        aggregator_id = self._party("aggregator_id")
        account_id = self._party("account_id")
        kind = self._type()
        start, end = self._moment("start"), self._moment("end")
        if start and end and not start < end <= start + LONGEST:
            self.issues["end"] = f"must be later than start, {written(start)}, by at most {LONGEST.days:,} days"
        most = self._power("maximum_power", self._value.get("maximum_power"), self.issues)
        assets = self._assets()
        if self.issues or contract_id is None or aggregator_id is None or account_id is None or kind is None:
            return None
        if start is None or end is None or most is None:
            return None
        return Contract(
            contract_id=contract_id,
            aggregator_id=aggregator_id,
            account_id=account_id,
            type=kind,
            start=start,
            end=end,
            maximum_power=most,
            assets=assets,
        )

    def _text(self, name: str, form: re.Pattern[str], words: str) -> str | None:
        value = self._value.get(name)
        if isinstance(value, str) and form.fullmatch(value):
            return value
        self.issues.setdefault(name, words)
        return None

    def _party(self, name: str) -> str | None:
        """Read the id of a party: what the codec of the device's own field makes an IRI of."""
        value, codec = self._value.get(name), self._profile.fields[name].codec
        if isinstance(value, str) and 0 < len(value) <= 256:
            if codec.kind != "uuid":
                return value
            if device_iri(value):
                return value.lower()
        self.issues.setdefault(name, "must be a UUID" if codec.kind == "uuid" else "must be a string of 1 to 256")
        return None

    def _type(self) -> Iri | None:
        value, codes = self._value.get("type"), contract_types(self._profile).codes
        if isinstance(value, str) and value in codes:
            return codes[value]
        self.issues.setdefault("type", f"must be one of {', '.join(codes)}")
        return None

    def _moment(self, name: str) -> datetime | None:
        found = read_moment(self._value.get(name))
        if found is None:
            self.issues.setdefault(name, MOMENT_WORDS)
        return found

    def _power(self, name: str, value: Any, issues: dict[str, Any]) -> Decimal | None:
        found = None if isinstance(value, str) else number(value)
        if found is not None and LEAST_POWER <= (exact := power(found)) <= MOST_POWER:
            return exact
        issues.setdefault(name, f"must be a number from {LEAST_POWER} to {MOST_POWER}, in kW")
        return None

    def _assets(self) -> tuple[Asset, ...]:
        value = self._value.get("assets")
        if not isinstance(value, list) or not 0 < len(value) <= MOST_ASSETS:
            self.issues.setdefault("assets", f"must be a list of 1 to {MOST_ASSETS:,} devices")
            return ()
        issues: dict[str, Any] = {}
        assets: dict[Iri, Asset] = {}
        for place, each in enumerate(value):
            asset = self._asset(each, str(place), issues)
            if asset is not None and assets.setdefault(asset.device, asset) is not asset:
                issues[str(place)] = f"names the device {id_of(asset.device)} again"
        if issues:
            self.issues["assets"] = issues
        return tuple(assets.values())

    def _asset(self, value: Any, place: str, issues: dict[str, Any]) -> Asset | None:
        words: dict[str, Any] = {}
        members = value if isinstance(value, dict) else {"device_id": value}
        if not device_iri(members.get("device_id")):
            words["device_id"] = "must be the UUID of a device"
        words |= {name[:60]: "unknown member" for name in members if name not in {"device_id", "power"}}
        asked = members.get("power")
        share = None if asked is None else self._power("power", asked, words)
        if words:
            issues[place] = words
            return None
        return Asset(device_of(members["device_id"]), share)


MOMENT_WORDS = "must be a time with an offset (RFC 3339), from 1900 to 2199, as 2026-12-01T08:00:00+01:00"


def read_moment(value: Any) -> datetime | None:
    """Return the moment that an RFC 3339 text with an offset states, in UTC; None for anything else."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        found = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if _EARLIEST <= found < _LATEST else None
