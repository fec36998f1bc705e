"""The kinds of changes of terms, of their relations to other vocabularies, and of words for people."""

from __future__ import annotations

from registry.model_diff.change import Kind, Sort, breaking, compatible, unaffected

_FOR_PEOPLE = unaffected("It is for people; no program depends on it.")
_NOT_IN_JSON = unaffected("JSON changes only where a field or its codes do, which is said there.")
_CODE_STAYS = unaffected("The codes in JSON stay.")
_ONLY_SAID = compatible("It is no rule: devices are as before, only queries over the model itself see it.")

TERMS = (
    Kind(
        "term-added",
        "{the} is added{details}",
        _NOT_IN_JSON,
        compatible("Queries that don't name it find what they found."),
    ),
    Kind(
        "term-removed",
        "{the} is removed{details}",
        _NOT_IN_JSON,
        breaking("Queries that name it find nothing."),
    ),
    Kind(
        "term-renamed",
        "{was} is now {name}",
        _CODE_STAYS,
        breaking("Queries that name the old IRI find nothing."),
        Sort.RENAMED,
    ),
    Kind(
        "annotation-property-added",
        "{the} is declared",
        unaffected("It only declares how the model is annotated."),
        _ONLY_SAID,
    ),
    Kind(
        "annotation-property-removed",
        "{the} is no longer declared",
        unaffected("It only declared how the model is annotated."),
        _ONLY_SAID,
    ),
    Kind(
        "ontology-added",
        "{the} is added",
        unaffected("What it says is told term by term."),
        unaffected("What it says is told term by term."),
    ),
    Kind(
        "ontology-removed",
        "{the} is removed",
        unaffected("What it said is told term by term."),
        unaffected("What it said is told term by term."),
    ),
    Kind(
        "ontology-renamed",
        "{was} is now {name}",
        unaffected("What it says is told term by term."),
        _ONLY_SAID,
        Sort.RENAMED,
    ),
    Kind(
        "deprecated",
        "{name} is deprecated{successor}",
        compatible("It goes on working; clients had better stop using it."),
        compatible("It goes on working; queries had better stop using it."),
        Sort.DEPRECATED,
    ),
    Kind(
        "deprecation-withdrawn",
        "{name} is no longer deprecated",
        compatible("It may be used again."),
        compatible("It may be used again."),
        Sort.CHANGED,
    ),
    Kind("successor-changed", "{name}: {aspect} changes from {old} to {new}", _FOR_PEOPLE, _ONLY_SAID),
)

HIERARCHY = (
    Kind(
        "superclass-added",
        "{name} is now a subclass of {new}",
        _CODE_STAYS,
        compatible("Queries for the superclass find more."),
    ),
    Kind(
        "superclass-removed",
        "{name} is no longer a subclass of {old}",
        _CODE_STAYS,
        breaking("Queries for the superclass find fewer devices."),
    ),
    Kind(
        "superclass-by-another-way",
        "{name}: that it is a subclass of {old}{new} is {verb}",
        _CODE_STAYS,
        _ONLY_SAID,
    ),
    Kind(
        "superproperty-added",
        "{name} is now a subproperty of {new}",
        unaffected("The names in JSON stay."),
        compatible("Queries for the superproperty may find more."),
    ),
    Kind(
        "superproperty-removed",
        "{name} is no longer a subproperty of {old}",
        unaffected("The names in JSON stay."),
        breaking("Queries for the superproperty find fewer."),
    ),
    Kind(
        "type-added", "{name} is now also {new}", _NOT_IN_JSON, compatible("Queries for terms of this type find more.")
    ),
    Kind(
        "type-removed",
        "{name} is no longer {old}",
        _NOT_IN_JSON,
        breaking("Queries for terms of this type find fewer."),
    ),
    Kind(
        "equivalence-added",
        "{name}: {new} is now said to be {aspect}",
        _NOT_IN_JSON,
        compatible("Queries that follow it may find more."),
    ),
    Kind(
        "equivalence-removed",
        "{name}: {old} is no longer said to be {aspect}",
        _NOT_IN_JSON,
        breaking("Queries that follow it find fewer."),
    ),
    Kind(
        "match-added",
        "{name}: {new} is now said to be {aspect}",
        _NOT_IN_JSON,
        compatible("Queries over the alignments find more; devices are as before."),
    ),
    Kind(
        "match-removed",
        "{name}: {old} is no longer said to be {aspect}",
        _NOT_IN_JSON,
        compatible("Queries over the alignments find fewer; devices are as before."),
    ),
)

CODES = (
    Kind(
        "notation-changed",
        "{name}: the code changes from {old} to {new}",
        breaking("Readers meet a code that they don't know, and writers of the old one are refused."),
        compatible("The IRI stays; only queries that look it up by its skos:notation must change."),
    ),
    Kind(
        "notation-added",
        "{name} now has the code {new}",
        unaffected("No field allowed it as a value without a code."),
        _ONLY_SAID,
    ),
    Kind(
        "notation-removed",
        "{name} no longer has the code {old}",
        breaking("Readers and writers miss it."),
        compatible("The IRI stays; only queries that look it up by its skos:notation must change."),
    ),
    Kind(
        "notation-of-no-field-changed",
        "{name}: the code changes from {old} to {new}",
        unaffected("No field has it among its values."),
        compatible("The IRI stays; only queries that look it up by its skos:notation must change."),
    ),
    Kind(
        "alias-added",
        "{name}: {new} is now understood as well",
        compatible("Writers are accepted where they were refused."),
        _ONLY_SAID,
    ),
    Kind(
        "alias-removed",
        "{name}: {old} is no longer understood",
        breaking("Writers who send it are refused."),
        _ONLY_SAID,
    ),
    Kind(
        "scheme-joined",
        "{name} now stands in the code list {new}",
        unaffected("Which codes a field allows is said by its shape."),
        compatible("Queries over the list find more."),
    ),
    Kind(
        "scheme-left",
        "{name} no longer stands in the code list {old}",
        unaffected("Which codes a field allows is said by its shape."),
        breaking("Queries over the list find fewer."),
    ),
)

MEANING = (
    Kind(
        "unit-changed",
        "{name}: the unit changes from {old} to {new}",
        breaking("The same number means another quantity, to readers and writers."),
        breaking("The same number means another quantity."),
    ),
    Kind(
        "unit-added",
        "{name}: the unit is now stated: {new}",
        compatible("The numbers are as before; what they mean is said more clearly."),
        compatible("The numbers are as before; what they mean is said more clearly."),
    ),
    Kind(
        "unit-removed",
        "{name}: the unit, {old}, is no longer stated",
        breaking("What the number means is open, to readers and writers."),
        breaking("What the number means is open."),
    ),
    Kind(
        "axiom-changed",
        "{name}: {aspect} changes from {old} to {new}",
        unaffected("Which values are allowed is said by the shapes."),
        _ONLY_SAID,
    ),
    Kind(
        "statement-changed",
        "{name}: {aspect} changes from {old} to {new}",
        unaffected("No field depends on it."),
        _ONLY_SAID,
    ),
)

PRESENTATION = (
    Kind("text-changed", "{name}: {aspect}{language} changes from {old} to {new}", _FOR_PEOPLE, _FOR_PEOPLE),
    Kind("text-added", "{name}: {aspect}{language} is added: {new}", _FOR_PEOPLE, _FOR_PEOPLE),
    Kind("text-removed", "{name}: {aspect}{language} is removed: {old}", _FOR_PEOPLE, _FOR_PEOPLE),
    Kind("group-added", "{the} is added", _FOR_PEOPLE, _FOR_PEOPLE),
    Kind("group-removed", "{the} is removed", _FOR_PEOPLE, _FOR_PEOPLE),
    Kind("group-renamed", "{was} is now {name}", _FOR_PEOPLE, _FOR_PEOPLE, Sort.RENAMED),
)
