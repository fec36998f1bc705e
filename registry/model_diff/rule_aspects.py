"""The aspects of rules: every parameter of SHACL and every annotation of the facade."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rdflib import SH, Literal, URIRef

from registry.model_diff.aspect import Aspect, Both, Comparison, Found, each, flag, listed, text, three
from registry.model_diff.bounds import lower_bound, upper_bound
from registry.model_diff.inventory import FIELD, TARGETS, Subject
from registry.model_diff.values import Value
from registry.principal import Role
from registry.profile.codecs import DATATYPES
from registry.vocabulary import API
from sparql.terms import Iri

_WRITABLE_BY = URIRef(API.term("writableBy"))


def added_field(subject: Subject) -> str:
    """Return the kind of a new field: what writers must do depends on it."""
    if not subject.is_required or not subject.values.get(_WRITABLE_BY):
        return "field-added"
    return "required-field-added" if subject.one(SH.defaultValue) is None else "field-with-default-added"


def _name(both: Both, aspect: Aspect) -> Iterator[Found]:
    for old, new in aspect.differences(both):
        if old is not None and new is not None:
            yield Found("field-renamed", old, new, {"old": str(old), "new": str(new)})
        else:
            subject, kind = (both.old, "field-removed") if new is None else (both.new, added_field(both.new))
            words = {"name": f"`{subject.field}`", "details": both.wording.details(subject)}
            yield Found(kind, old, new, words)


def _path(both: Both, aspect: Aspect) -> Iterator[Found]:
    for old, new in aspect.differences(both):
        words = {name: both.wording.path(value) for name, value in (("old", old), ("new", new))}
        yield Found("field-moved" if both.new.field else "constraint-changed", old, new, words)


def _minimum(both: Both, aspect: Aspect) -> Iterator[Found]:
    old, new = (_number(aspect, subject) or 0 for subject in (both.old, both.new))
    values = both.old.one(SH.minCount) or Literal(0), both.new.one(SH.minCount) or Literal(0)
    if old == 0 < new:
        defaulted = both.new.one(SH.defaultValue) is not None
        yield Found("became-required-with-default" if defaulted else "became-required", *values)
    elif new == 0 < old:
        yield Found("became-optional", *values)
    elif old != new:
        yield Found("minimum-count-raised" if old < new else "minimum-count-lowered", *values)


def _maximum(both: Both, aspect: Aspect) -> Iterator[Found]:
    old, new = (_number(aspect, subject) for subject in (both.old, both.new))
    values = both.old.one(SH.maxCount), both.new.one(SH.maxCount)
    if old == new:
        return
    if old is None or new is None:
        yield Found("became-list" if new is None else "became-single", *values)
    else:
        yield Found("maximum-count-raised" if old < new else "maximum-count-lowered", *values)


def _default(both: Both, aspect: Aspect) -> Iterator[Found]:
    removed = "default-of-required-removed" if both.new.is_required else "default-removed"
    yield from three("default-added", removed, "default-changed")(both, aspect)


def _datatype(both: Both, aspect: Aspect) -> Iterator[Found]:
    for old, new in aspect.differences(both):
        alike = _json_kind(old) is not None and _json_kind(old) == _json_kind(new)
        yield Found("datatype-changed-alike" if alike else "datatype-changed", old, new)


def _values(both: Both, aspect: Aspect) -> Iterator[Found]:
    """Compare the lists of allowed values."""
    for old, new in _lists(both, aspect):
        if old is None:
            yield Found("value-list-added", old, new)
        elif new is None:
            coded = any(isinstance(value, URIRef) for value in listed(old))
            yield Found("code-list-removed" if coded else "value-list-removed", old, new)
        else:
            gone, fresh = set(listed(old)) - set(listed(new)), set(listed(new)) - set(listed(old))
            yield from (Found("code-forbidden", value, None) for value in gone)
            yield from (Found("code-allowed", None, value) for value in fresh)
            if not gone and not fresh and listed(old) != listed(new):
                yield Found("codes-reordered", old, new)


def _lists(both: Both, aspect: Aspect) -> list[tuple[Value | None, Value | None]]:
    """Return the old and the new list, also where they only differ in their order."""
    old, new = aspect.values(both.old), aspect.values(both.new)
    if len(old) <= 1 and len(new) <= 1:
        pair = (next(iter(old), None), next(iter(new), None))
        return [] if pair == (None, None) else [pair]
    return aspect.differences(both)


def _exceptions(both: Both, aspect: Aspect) -> Iterator[Found]:
    """Compare lists of what is allowed besides, where no list allows nothing."""
    old, new = ({each for value in aspect.values(side) for each in listed(value)} for side in (both.old, both.new))
    yield from (Found("code-forbidden", value, None) for value in old - new)
    yield from (Found("code-allowed", None, value) for value in new - old)


def _readers(both: Both, aspect: Aspect) -> Iterator[Found]:
    for found in each("visible-to-added", "visible-to-removed")(both, aspect):
        role = found.old if found.new is None else found.new
        verb = "no longer stated" if found.new is None else "now stated"
        service = str(role) == Role.SERVICE
        kind = "visibility-to-service-stated" if service else found.kind
        yield Found(kind, found.old, found.new, {**_role("old", found.old), **_role("new", found.new), "verb": verb})


def _writers(both: Both, aspect: Aspect) -> Iterator[Found]:
    for found in each("writable-by-added", "writable-by-removed")(both, aspect):
        yield Found(found.kind, found.old, found.new, {**_role("old", found.old), **_role("new", found.new)})


def _role(which: str, role: Value | None) -> dict[str, str]:
    return {which: "" if role is None else str(role)}


def _number(aspect: Aspect, subject: Subject) -> int | None:
    value: Any = subject.one(aspect.predicates[0])
    return value.value if isinstance(value, Literal) and isinstance(value.value, int) else None


def _json_kind(datatype: Value | None) -> str | None:
    codec = DATATYPES.get(Iri(str(datatype)))
    return codec.kind if codec else None


_constraint = three("constraint-added", "constraint-removed", "constraint-changed")


def _sh(words: str, compare: Comparison, *names: str) -> Aspect:
    return Aspect(words, compare, tuple(SH[name] for name in names))


def _api(words: str, compare: Comparison, name: str) -> Aspect:
    return Aspect(words, compare, (URIRef(API.term(name)),))


RULE_ASPECTS = (
    Aspect("the name in JSON", _name, (FIELD,)),
    _sh("the path", _path, "path"),
    _sh("the least number of values", _minimum, "minCount"),
    _sh("the greatest number of values", _maximum, "maxCount"),
    _sh("the default", _default, "defaultValue"),
    _sh("the datatype", _datatype, "datatype"),
    _sh("the kind of node", three("constraint-added", "constraint-removed", "node-kind-changed"), "nodeKind"),
    _api("the template of its IRIs", three(*["iri-template-changed"] * 3), "iriTemplate"),
    _api("the codec of its JSON", three(*["codec-changed"] * 3), "codec"),
    _sh("the allowed values", _values, "in"),
    _sh("the allowed languages", _values, "languageIn"),
    _sh("the properties that are allowed besides", _exceptions, "ignoredProperties"),
    _sh("the largest allowed value", upper_bound, "maxInclusive", "maxExclusive"),
    _sh("the smallest allowed value", lower_bound, "minInclusive", "minExclusive"),
    _sh("the greatest allowed length", upper_bound, "maxLength"),
    _sh("the least allowed length", lower_bound, "minLength"),
    _sh("the pattern of its text", _constraint, "pattern"),
    _sh("how its pattern is read", three(*["constraint-changed"] * 3), "flags"),
    _sh("the class of its values", _constraint, "class"),
    _sh("a certain value", _constraint, "hasValue"),
    _sh("one value a language", flag("constraint-added", "constraint-removed"), "uniqueLang"),
    _sh("the same values as another property's", _constraint, "equals"),
    _sh("no value in common with another property", _constraint, "disjoint"),
    _sh("less than another property's value", _constraint, "lessThan"),
    _sh("no more than another property's value", _constraint, "lessThanOrEquals"),
    _sh("a further shape", _constraint, "node"),
    _sh("not to meet a shape", _constraint, "not"),
    _sh("all of some shapes", _constraint, "and"),
    _sh("at least one of some shapes", _constraint, "or"),
    _sh("exactly one of some shapes", _constraint, "xone"),
    _sh("a shape that some of its values meet", _constraint, "qualifiedValueShape"),
    _sh("the least number of values that meet the shape", lower_bound, "qualifiedMinCount"),
    _sh("the greatest number of values that meet the shape", upper_bound, "qualifiedMaxCount"),
    _sh(
        "no value that also meets a sibling's shape",
        flag("constraint-added", "constraint-removed"),
        "qualifiedValueShapesDisjoint",
    ),
    _sh("no other property", flag("constraint-added", "constraint-removed"), "closed"),
    _sh("a rule in SPARQL", _constraint, "sparql"),
    _sh("a rule in JavaScript", _constraint, "js"),
    _sh("a rule as an expression", _constraint, "expression"),
    Aspect("what it holds for", each("rule-applied", "rule-no-longer-applied"), TARGETS),
    _sh("the shapes that list it", each("rule-applied", "rule-no-longer-applied"), "property"),
    _sh("the severity", three(*["severity-changed"] * 3), "severity"),
    _sh("whether it is switched off", flag("rule-switched-off", "rule-switched-on"), "deactivated"),
    _api("what it is taken for", each("meaning-given", "meaning-taken"), "means"),
    _api("the reason that it gives", three("reason-stated", "reason-removed", "reason-changed"), "reason"),
    _api("what sets it", each("stamping-added", "stamping-removed"), "stampedBy"),
    _api("who sees it", _readers, "visibleTo"),
    _api("who changes it", _writers, "writableBy"),
    _sh("the label", text, "name"),
    _sh("the description", text, "description"),
    _sh("the message", text, "message"),
    _sh("the place in the order", text, "order"),
    _sh("the group", text, "group"),
)
"""Aspects of property shapes, node shapes and property groups."""
