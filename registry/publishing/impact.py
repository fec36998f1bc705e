"""Which devices would no longer conform to another model, by field and rule. SHACL is the judge, as for every change.

All devices conform to the model in force, so only the shapes that changed are asked; and devices that look alike to a
shape are judged once. What a device says is never repeated: whoever publishes a model need not see devices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, TypeAlias

from rdflib import SH

from registry.access import DEVICES
from registry.devices.enumeration import count_devices, device_blocks, triples_in
from registry.devices.reading import TRUTH
from registry.devices.validation import Validator, Violation
from registry.profile import Field, Profile
from registry.publishing.shape_changes import ShapeChange, shape_changes
from registry.vocabulary import CREATED
from sparql.graph_store import GraphStore
from sparql.terms import Iri, Literal, Term, Triple, to_sparql

MOST_EXAMPLES = 5
BLOCK = 1_000
"""Devices, or kinds of devices, that are judged in one go."""

Look: TypeAlias = frozenset[tuple[str, Iri, Term]]
"""What a shape sees of a device: its triples with some predicates, as if the device had no name."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that some devices would break.

    Attributes:
        field: the field's name; None for a rule across several.
        rule: the local name of the constraint component, as "MaxInclusive"; or what else is wrong.
        message: what would be right, in the shape's words.
        devices: how many break it.
        examples: the ids of some of them.
    """

    field: str | None
    rule: str
    message: str
    devices: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What a candidate would do to the devices that are there.

    Attributes:
        devices: how many there are.
        broken: the rules that some would break.
        judged: how many shapes were asked about them.
    """

    devices: int
    broken: tuple[Broken, ...] = ()
    judged: int = 0

    def document(self, *, with_ids: bool) -> dict[str, Any]:
        """Return it as JSON; the ids of examples only for who may see every device."""
        hidden = () if with_ids else ("examples",)
        rules = [{name: value for name, value in asdict(each).items() if name not in hidden} for each in self.broken]
        return {"devices": self.devices, "shapes_judged": self.judged, "broken": rules}


Rule: TypeAlias = tuple[str | None, str, str]
"""The field, the component and the message of a Broken."""


@dataclass(slots=True)
class Tally:
    """Counts of broken rules."""

    counts: defaultdict[Rule, int] = field(default_factory=lambda: defaultdict(int))
    examples: defaultdict[Rule, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, rule: Rule, devices: int, examples: Sequence[str]) -> None:
        """Count devices that break a rule, some of which are named."""
        self.counts[rule] += devices
        known = self.examples[rule]
        known += [str(each).removeprefix("urn:uuid:") for each in examples[: MOST_EXAMPLES - len(known)]]

    def add_violations(
        self, profile: Profile, violations: Sequence[Violation], devices: int, examples: Sequence[Iri]
    ) -> None:
        """Count devices that break the same rules, as a report of one of them says."""
        for rule in dict.fromkeys(_rule(profile, violation) for violation in violations):
            self.add(rule, devices, examples)

    def has_examples(self, rule: Rule) -> bool:
        """Tell whether there are enough examples."""
        return len(self.examples[rule]) >= MOST_EXAMPLES

    def broken(self) -> tuple[Broken, ...]:
        """Return the rules with their counts."""
        return tuple(Broken(*rule, count, tuple(self.examples[rule])) for rule, count in self.counts.items() if count)


def joined(impacts: Iterable[Impact]) -> Impact:
    """Return what several rehearsals found of different devices, counted in the first."""
    first, *others = impacts
    tally = Tally()
    for each in (first, *others):
        for broken in each.broken:
            tally.add((broken.field, broken.rule, broken.message), broken.devices, broken.examples)
    return Impact(first.devices, tally.broken(), first.judged)


def impact_from(document: Mapping[str, Any]) -> Impact:
    """Return an impact from its document."""
    broken = (Broken(**{**each, "examples": tuple(each["examples"])}) for each in document["broken"])
    return Impact(document["devices"], tuple(broken), document["shapes_judged"])


def impact_of(store: GraphStore, old: Profile, new: Profile) -> Impact:
    """Return what putting `new` in the place of `old` would do to the devices in `store`.

    Args:
        store: with devices that conform to `old`, or that migrations have changed since.
        old: the model in force.
        new: the candidate.
    """
    total, tally = count_devices(store), Tally()
    changes = shape_changes(old, new)
    for change in changes:
        _judge(store, new, change, total, tally)
    for item in old.fields.values():
        _lost(store, item, new, tally)
    return Impact(total, tally.broken(), len(changes))


def _judge(store: GraphStore, profile: Profile, change: ShapeChange, total: int, tally: Tally) -> None:
    validator = Validator(profile, [change.shape])
    if change.predicates is None:
        for rows in device_blocks(store, BLOCK):
            found = triples_in(store, profile, DEVICES, [device for device, _ in rows])
            for device, violations in validator.validate(found).items():
                tally.add_violations(profile, violations, 1, [device])
        return
    looks = _looks(store, change.predicates)
    bare = total - sum(map(len, looks.values()))
    if bare > 0 and (without := _without(store, change.predicates)):
        looks[frozenset()] = without
    todo = iter(looks.items())
    while block := list(islice(todo, BLOCK)):
        kinds = {devices[0]: (look, devices) for look, devices in block}
        broken = validator.validate({device: _named(look, device) for device, (look, _) in kinds.items()})
        for device, violations in broken.items():
            look, devices = kinds[device]
            tally.add_violations(profile, violations, len(devices) if look else bare, devices)


def _rule(profile: Profile, violation: Violation) -> Rule:
    component = violation.component.removesuffix("ConstraintComponent")
    if violation.field is not None:
        return violation.field.name, component, violation.field.message
    stated = {str(message) for message in profile.shapes.objects(None, SH.message)}
    # a message that nobody wrote is the validator's, and repeats values
    return None, component, violation.message if violation.message in stated else "A rule across several fields."


def _looks(store: GraphStore, predicates: frozenset[Iri]) -> dict[Look, list[Iri]]:
    """Return what devices look like by their triples with `predicates` -> the devices that look so."""
    values = " ".join(map(to_sparql, sorted(predicates)))
    found: defaultdict[str, set[tuple[str, Iri, Term]]] = defaultdict(set)
    for row in store.select(f"SELECT ?s ?p ?o WHERE {{ VALUES ?p {{ {values} }} ?s ?p ?o }}", TRUTH):
        subject, predicate, value = str(row[0]), Iri(str(row[1])), row[2]
        device, _, node = subject.partition("#")
        if isinstance(value, Iri) and value.startswith(f"{device}#"):
            value = Iri(value.removeprefix(device))
        found[device].add((node, predicate, value))  # type: ignore[arg-type]  # the pattern binds it
    looks: defaultdict[Look, list[Iri]] = defaultdict(list)
    for device, triples in found.items():
        looks[frozenset(triples)].append(Iri(device))
    return dict(looks)


def _named(look: Look, device: Iri) -> list[Triple]:
    return [
        Triple(
            Iri(f"{device}#{node}") if node else device,
            predicate,
            Iri(f"{device}{value}") if isinstance(value, Iri) and value.startswith("#") else value,
        )
        for node, predicate, value in look
    ]


def _without(store: GraphStore, predicates: frozenset[Iri]) -> list[Iri]:
    """Return some devices that have no triple with any of `predicates`."""
    having = "".join(f"FILTER NOT EXISTS {{ ?device {to_sparql(each)} ?v{n} }} " for n, each in enumerate(predicates))
    query = f"SELECT ?device WHERE {{ ?device {to_sparql(CREATED)} ?time {having}}} LIMIT {MOST_EXAMPLES}"
    return [Iri(str(device)) for (device,) in store.select(query, TRUTH)]


def _lost(store: GraphStore, item: Field, new: Profile, tally: Tally) -> None:
    """Count devices whose values of a field would be nobody's, or could no longer be read as they are written."""
    after = next((each for each in new.fields.values() if each.path == item.path), None)
    if after is not None and after.codec == item.codec:
        return
    for value, devices in _values(store, item):
        if after is None:
            rule = (item.name, "NoSuchField", f"The model has no field for <{item.predicate}> any more.")
        elif not _survives(after, value):
            rule = (item.name, "Unreadable", f"{after.name} can't be read from what is there.")
        else:
            continue
        tally.add(rule, devices, () if tally.has_examples(rule) else _examples(store, item, value))


def _survives(item: Field, value: Term) -> bool:
    try:
        return bool(item.codec.encode(item.codec.decode(value)) == value)
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError):
        return False


def _values(store: GraphStore, item: Field) -> Iterator[tuple[Term, int]]:
    query = f"SELECT ?value (COUNT(?s) AS ?n) WHERE {{ ?s {to_sparql(item.predicate)} ?value }} GROUP BY ?value"
    for value, count in store.select(query, TRUTH):
        if value is not None and isinstance(count, Literal):
            yield value, int(count.lexical)


def _examples(store: GraphStore, item: Field, value: Term) -> list[Iri]:
    query = f"SELECT ?s WHERE {{ ?s {to_sparql(item.predicate)} {to_sparql(value)} }} LIMIT {MOST_EXAMPLES}"
    return [Iri(str(subject).partition("#")[0]) for (subject,) in store.select(query, TRUTH)]
