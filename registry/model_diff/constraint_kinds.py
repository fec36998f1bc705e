"""The kinds of changes of constraints: which values a field may have, and rules as a whole."""

from __future__ import annotations

from registry.model_diff.change import Kind, Sort, breaking, compatible, unaffected

_STORED = unaffected("Queries read the same triples.")
_WIDER = compatible("Values may turn up that could not before.")
_FOR_PEOPLE = unaffected("It is for people; no program depends on it.")

VALUES = (
    Kind(
        "datatype-changed",
        "{name}: the datatype changes from {old} to {new}",
        breaking("The form of the value in JSON changes for readers and writers."),
        breaking("Literals of another datatype are other terms: patterns and comparisons with the old ones fail."),
    ),
    Kind(
        "datatype-changed-alike",
        "{name}: the datatype changes from {old} to {new}",
        compatible("The value looks the same in JSON; only how exactly it is kept may differ."),
        breaking("Literals of another datatype are other terms: patterns with the old ones find nothing."),
    ),
    Kind(
        "node-kind-changed",
        "{name}: the kind of node changes from {old} to {new}",
        breaking("The values are made anew, and what was accepted may be refused."),
        breaking("Values of another kind are other terms: patterns with the old ones find nothing."),
    ),
    Kind(
        "iri-template-changed",
        "{name}: the IRIs of its values are made by {new} instead of {old}",
        unaffected("The text in JSON stays."),
        breaking("Queries that name the old IRIs find nothing."),
    ),
    Kind(
        "codec-changed",
        "{name}: {aspect} changes from {old} to {new}",
        breaking("The form of the value in JSON changes for readers and writers."),
        breaking("What follows from the values, as availability windows do, is no longer there."),
    ),
    Kind(
        "code-allowed",
        "{name}: {new} is now allowed",
        compatible("Writers are accepted as before; readers who tell codes apart meet one that they don't know."),
        compatible("Queries may find a value that they don't know."),
    ),
    Kind(
        "code-forbidden",
        "{name}: {old} is no longer allowed",
        breaking("Writers who send it are refused."),
        breaking("Queries that ask for it find nothing once devices follow the new rule."),
    ),
    Kind("codes-reordered", "{name}: the order of {aspect} changes", _FOR_PEOPLE, _FOR_PEOPLE),
    Kind(
        "value-list-added",
        "{name}: {aspect} are now only {new}; there was no list",
        breaking("Writers of anything else are refused."),
        _STORED,
    ),
    Kind(
        "value-list-removed",
        "{name}: {aspect} are no longer only {old}",
        compatible("Writers are accepted as before; readers may meet any value."),
        _WIDER,
    ),
    Kind(
        "code-list-removed",
        "{name}: its values are no longer the codes {old}",
        breaking("The values have no codes any more, so that they look different in JSON."),
        breaking("The values are no longer the IRIs of the codes."),
    ),
    Kind(
        "bound-tightened",
        "{name}: {aspect} {verb} from {old} to {new}",
        breaking("Writers of values beyond it are refused."),
        _STORED,
    ),
    Kind(
        "bound-added",
        "{name}: {aspect} is now {new}; there was none",
        breaking("Writers of values beyond it are refused."),
        _STORED,
    ),
    Kind(
        "bound-loosened",
        "{name}: {aspect} {verb} from {old} to {new}",
        compatible("What was accepted still is; readers may see values beyond the old bound."),
        _WIDER,
    ),
    Kind(
        "bound-lifted",
        "{name}: {aspect}, {old}, no longer holds",
        compatible("What was accepted still is; readers may see values beyond the old bound."),
        _WIDER,
    ),
)

CONSTRAINTS = (
    Kind(
        "constraint-added",
        "{name}: newly demanded is {aspect}: {new}",
        breaking("Writers who don't meet it are refused."),
        _STORED,
    ),
    Kind(
        "constraint-removed",
        "{name}: no longer demanded is {aspect}: {old}",
        compatible("What was accepted still is; readers may see what could not be before."),
        _WIDER,
    ),
    Kind(
        "constraint-changed",
        "{name}: {aspect} changes from {old} to {new}",
        breaking("Whether it still allows all that it did can't be told, so that writers may be refused."),
        _WIDER,
    ),
    Kind(
        "severity-changed",
        "{name}: the severity changes from {old} to {new}",
        compatible("Reports name the severity; a broken rule is refused whatever it is."),
        unaffected("No data changes."),
        Sort.CHANGED,
    ),
    Kind(
        "rule-switched-off",
        "{name}: the rule is switched off",
        compatible("What was accepted still is; readers may see what could not be before."),
        _WIDER,
        Sort.CHANGED,
    ),
    Kind(
        "rule-switched-on",
        "{name}: the rule is switched on again",
        breaking("Writers who don't meet it are refused."),
        _STORED,
        Sort.CHANGED,
    ),
    Kind(
        "unknown-constraint-changed",
        "{name}: {aspect} changes from {old} to {new}",
        breaking("What it means is not known to this comparison, so that it is taken for the worst."),
        breaking("What it means is not known to this comparison, so that it is taken for the worst."),
    ),
    Kind(
        "said-otherwise",
        "{name}: {aspect} changes from {old} to {new}, which means the same",
        unaffected("The meaning stays."),
        unaffected("The meaning stays."),
    ),
    Kind("rule-added", "{the} is added", breaking("Writers who don't meet it are refused."), _STORED),
    Kind(
        "rule-removed",
        "{the} is removed",
        compatible("What was accepted still is; readers may see what could not be before."),
        _WIDER,
    ),
    Kind(
        "rule-applied",
        "{name} now also holds for {new}",
        breaking("Writers who don't meet it are refused."),
        _STORED,
    ),
    Kind(
        "rule-no-longer-applied",
        "{name} no longer holds for {old}",
        compatible("What was accepted still is; readers may see what could not be before."),
        _WIDER,
    ),
    Kind(
        "unused-shape-added",
        "{the} is added",
        unaffected("No node shape lists it."),
        unaffected("No data changes."),
    ),
    Kind(
        "unused-shape-removed",
        "{the} is removed",
        unaffected("No node shape listed it."),
        unaffected("No data changes."),
    ),
    Kind(
        "rule-renamed",
        "{was} is now {new}",
        unaffected("JSON does not show it."),
        compatible("Validation reports and queries about shapes name it by the new IRI."),
        Sort.RENAMED,
    ),
)
