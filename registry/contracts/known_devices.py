"""What is known of the devices that contracts name, as far as who asks may see: one question for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from registry.calendars import Calendar
from registry.principal import Role
from registry.profile import Field, Profile
from registry.profile.calendars import CalendarCodec
from registry.profile.meanings import field_meaning
from registry.vocabulary import CREATED, FLEX
from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore
from sparql.terms import TYPE, Iri, Literal, Term, to_sparql

AVAILABLE_POWER, GREATEST_POWER = FLEX.term("AvailablePower"), FLEX.term("GreatestPower")


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device in view.

    Attributes:
        iri: the device.
        values: predicate -> where it stands (nothing for the device itself, "#status" for its status) and the value.
    """

    iri: Iri
    values: Mapping[Iri, tuple[tuple[str, Term], ...]]

    def all(self, predicate: Iri) -> tuple[Term, ...]:
        """Return all values of a predicate, whichever node of the device they stand at."""
        return tuple(value for _, value in self.values.get(predicate, ()))

    def one(self, predicate: Iri | None) -> Term | None:
        """Return a value of a predicate, if there is one."""
        return next(iter(self.all(predicate)), None) if predicate is not None else None


def known_devices(
    store: GraphStore,
    profile: Profile,
    scope: DatasetDescription,
    devices: Collection[Iri],
    mentions: Collection[Iri],
) -> dict[Iri, KnownDevice]:
    """Return those of `devices` that exist in `scope`.

    Args:
        store: where they are.
        profile: the model in force.
        scope: the caller's dataset.
        devices: their IRIs.
        mentions: the predicates that rules ask for; others of theirs that the registry itself needs are read too.
    """
    if not devices:
        return {}
    wanted = _predicates(profile, mentions)
    simple = [profile.by_predicate[name] for name in sorted(wanted & set(profile.by_predicate))]
    plain = [field.predicate for field in simple if len(field.path) == 1 and not field.multiple]
    found: defaultdict[Iri, dict[Iri, tuple[tuple[str, Term], ...]]] = defaultdict(dict)
    for name, *values in store.select(_plain_query(devices, profile.identity.predicate, plain), scope):
        stated = found[Iri(str(name))]
        for predicate, value in zip(plain, values, strict=True):
            if value is not None:
                stated[predicate] = (("", value),)
    if rest := wanted.difference(plain):
        owners = _nodes(profile, list(found), rest)
        for subject, name, value in store.select(_rest_query(owners, rest), scope) if owners else ():
            device, fragment = owners[Iri(str(subject))]
            if value is not None:
                predicate = Iri(str(name))
                known = found[device].get(predicate, ())
                found[device][predicate] = tuple(sorted((*known, (fragment, value)), key=repr))
    return {device: KnownDevice(device, values) for device, values in found.items()}


def _plain_query(devices: Collection[Iri], identity: Iri, predicates: Sequence[Iri]) -> str:
    """Return the query for the devices that there are with one value of each predicate, the identity among them."""
    names = " ".join(map(to_sparql, devices))
    variables = {name: f"?v{number}" for number, name in enumerate(predicates)}
    asked = f"?s {to_sparql(identity)} {variables[identity]} . "
    asked += "".join(
        f"OPTIONAL {{ ?s {to_sparql(name)} {variables[name]} }} " for name in predicates if name != identity
    )
    return f"SELECT ?s {' '.join(variables.values())} WHERE {{ VALUES ?s {{ {names} }} {asked}}}"


def _rest_query(nodes: Collection[Iri], predicates: Collection[Iri]) -> str:
    """Return the query for predicates of which a node has several values."""
    names, listed = " ".join(map(to_sparql, nodes)), ", ".join(map(to_sparql, sorted(predicates)))
    return f"SELECT ?s ?p ?o WHERE {{ VALUES ?s {{ {names} }} ?s ?p ?o FILTER(?p IN ({listed})) }}"


def _nodes(profile: Profile, devices: Collection[Iri], predicates: Collection[Iri]) -> dict[Iri, tuple[Iri, str]]:
    """Return the nodes of devices at which some predicates stand: to whom each belongs, and where it is in that."""
    nested = (field for field in profile.fields.values() if len(field.path) > 1 and field.predicate in predicates)
    fragments = ["", *sorted({f"#{field.names[0]}" for field in nested})]
    return {Iri(f"{device}{fragment}"): (device, fragment) for device in devices for fragment in fragments}


def usual_power(device: KnownDevice, fields: Sequence[Field]) -> Decimal | None:
    """Return what a device has to give when no calendar says otherwise, in kW; None if nobody has said.

    Args:
        device: the device.
        fields: those of `power_fields`.
    """
    for field in fields:
        value = device.one(field.predicate)
        if isinstance(value, Literal):
            return Decimal(value.lexical)
    return None


def power_fields(profile: Profile, role: Role = Role.SERVICE) -> list[Field]:
    """Return the fields that say what a device has to give, as `role` sees them; the first that a device has counts."""
    fields = (field_meaning(profile, meaning, role) for meaning in (AVAILABLE_POWER, GREATEST_POWER))
    return [field for field in fields if field is not None]


def calendar_of(profile: Profile, device: KnownDevice) -> Calendar | None:
    """Return when a device is available; None for always."""
    field = profile.calendar_field
    value = device.one(field.predicate) if field is not None else None
    return None if field is None or value is None else _calendar(field, value)


@lru_cache(maxsize=4096)
def _calendar(field: Field, value: Term) -> Calendar | None:
    codec = field.codec
    windows = codec.windows(value) if isinstance(codec, CalendarCodec) else ()
    return Calendar(windows) if windows else None


def with_calendar(store: GraphStore, profile: Profile, scope: DatasetDescription) -> Collection[Iri]:
    """Return the devices in `scope` that have a calendar."""
    field = profile.calendar_field
    if field is None:
        return ()
    rows = store.select(f"SELECT ?device WHERE {{ ?device {to_sparql(field.predicate)} ?windows }}", scope)
    return [Iri(str(row[0])) for row in rows]


def silence_of(profile: Profile, device: KnownDevice, now: datetime) -> timedelta | None:
    """Return for how long a device has been silent, if that is longer than its class may be.

    Of one that was never heard of, which is stale as it is in listings (registry/devices/staleness.py): since its
    record was made.
    """
    heard, kind = profile.stamped_field, profile.class_field
    if heard is None or kind is None:
        return None
    limit = profile.stale_after.get(Iri(str(device.one(kind.predicate))))
    if limit is None:
        return None
    last = _moment(device.one(heard.predicate))
    if last is None:
        made = _moment(device.one(CREATED))
        return timedelta(0) if made is None else max(timedelta(0), now - made)
    return now - last if now - last > limit else None


def _moment(term: Term | None) -> datetime | None:
    try:
        return datetime.fromisoformat(term.lexical) if isinstance(term, Literal) else None
    except ValueError:
        return None


def _predicates(profile: Profile, mentions: Collection[Iri]) -> set[Iri]:
    stated = set(profile.by_predicate) | {field.path[0] for field in profile.fields.values()}
    needed = [profile.identity, profile.class_field, profile.calendar_field, profile.stamped_field]
    needed += [profile.by_predicate[CREATED], *power_fields(profile)]
    return ((stated | {TYPE}) & set(mentions)) | {field.predicate for field in needed if field is not None}
