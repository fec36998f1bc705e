"""The kinds of changes of fields: whether there is one, what it is called, how often it occurs, who may use it."""

from __future__ import annotations

from registry.model_diff.change import Kind, Sort, breaking, compatible, unaffected

_STORED = unaffected("Queries read the same triples.")

FIELDS = (
    Kind(
        "required-field-added",
        "the required field {name} is added ({details})",
        breaking("Writers who create a device without it are refused."),
        compatible("Queries that don't name it find what they found."),
    ),
    Kind(
        "field-with-default-added",
        "the field {name} is added ({details})",
        compatible("Writers may leave it out, it then takes its default; readers see one member more."),
        compatible("Queries that don't name it find what they found."),
    ),
    Kind(
        "field-added",
        "the field {name} is added ({details})",
        compatible("Writers need not give it; readers see one member more."),
        compatible("Queries that don't name it find what they found."),
    ),
    Kind(
        "field-removed",
        "the field {name} is removed ({details})",
        breaking("Readers miss it, and writers who send it are refused."),
        breaking("What no field stands for is not kept, so that its values are gone."),
    ),
    Kind(
        "field-renamed",
        "the field `{old}` is now called `{new}`",
        breaking("Readers miss the old name, and writers who send it are refused."),
        unaffected("The property stays."),
        Sort.RENAMED,
    ),
    Kind(
        "field-moved",
        "{name}: the path in RDF changes from {old} to {new}",
        unaffected("The name in JSON stays."),
        breaking("Queries by the old path find nothing."),
        Sort.RENAMED,
    ),
    Kind(
        "shape-renamed",
        "{name}: the shape {old} is now {new}",
        unaffected("JSON does not show the shape."),
        compatible("Validation reports and queries about shapes name it by the new IRI."),
        Sort.RENAMED,
    ),
)

OCCURRENCE = (
    Kind(
        "became-required",
        "{name} becomes required, without a default",
        breaking("Writers who create a device without it are refused."),
        _STORED,
        Sort.CHANGED,
    ),
    Kind(
        "became-required-with-default",
        "{name} becomes required, with a default",
        compatible("Writers may go on leaving it out: it takes its default."),
        _STORED,
        Sort.CHANGED,
    ),
    Kind(
        "became-optional",
        "{name} is no longer required",
        breaking("Readers who count on it meet devices without it."),
        breaking("Queries that ask for it, other than by OPTIONAL, lose the devices without it."),
        Sort.CHANGED,
    ),
    Kind(
        "minimum-count-raised",
        "{name}: the least number of values rises from {old} to {new}",
        breaking("Writers of fewer are refused."),
        _STORED,
    ),
    Kind(
        "minimum-count-lowered",
        "{name}: the least number of values falls from {old} to {new}",
        compatible("What was accepted still is; readers may see fewer."),
        compatible("Devices may have fewer values than before."),
    ),
    Kind(
        "became-list",
        "{name} may have many values: in JSON it becomes a list",
        breaking("Readers find a list where there was a single value, and writers must send one."),
        compatible("A device may yield a row a value; mind sums and counts."),
        Sort.CHANGED,
    ),
    Kind(
        "became-single",
        "{name} may have {new} value at most: in JSON it is no longer a list",
        breaking("Readers find a single value where there was a list, and writers must send one."),
        _STORED,
        Sort.CHANGED,
    ),
    Kind(
        "maximum-count-raised",
        "{name}: the greatest number of values rises from {old} to {new}",
        compatible("What was accepted still is; readers may see more."),
        compatible("A device may yield more rows."),
    ),
    Kind(
        "maximum-count-lowered",
        "{name}: the greatest number of values falls from {old} to {new}",
        breaking("Writers of more are refused."),
        _STORED,
    ),
    Kind(
        "default-added",
        "{name} takes the default {new} where it is left out",
        compatible("Who leaves it out is accepted as before; readers see the default."),
        compatible("New devices have the default where they had no value."),
    ),
    Kind(
        "default-changed",
        "{name}: the default changes from {old} to {new}",
        breaking("Writers who leave it out say something else than before."),
        compatible("New devices have another value where none was given."),
    ),
    Kind(
        "default-of-required-removed",
        "{name}, which is required, loses its default {old}",
        breaking("Writers who leave it out are refused."),
        _STORED,
    ),
    Kind(
        "default-removed",
        "{name} no longer takes the default {old} where it is left out",
        compatible("Who leaves it out is accepted as before; the field is then absent, as it could be before."),
        compatible("New devices may have no value, as they could before."),
    ),
)

LIVENESS = (
    Kind(
        "stamping-added",
        "{name}: the registry sets it to the time of a change that carries {new}",
        compatible("Readers see it where it was left out; who sends it is believed as before."),
        compatible("More devices have a value."),
    ),
    Kind(
        "stamping-removed",
        "{name}: the registry no longer sets it to the time of a change that carries {old}",
        breaking("It grows old unless writers send it."),
        breaking("It grows old unless writers send it."),
    ),
    Kind(
        "limit-of-silence-stated",
        "{name}: its devices are now stale after {new}",
        compatible("Other devices than before are listed as stale."),
        compatible("Other devices than before are found stale by what the ontology says."),
    ),
    Kind(
        "limit-of-silence-removed",
        "{name}: that its devices are stale after {old} is no longer said",
        compatible("Other devices than before are listed as stale."),
        compatible("Other devices than before are found stale by what the ontology says."),
    ),
    Kind(
        "limit-of-silence-changed",
        "{name}: its devices are stale after {new} instead of {old}",
        compatible("Other devices than before are listed as stale."),
        compatible("Other devices than before are found stale by what the ontology says."),
    ),
)

AGREEMENTS = (
    Kind(
        "meaning-given",
        "{name}: the software takes it for {new}",
        compatible("Contracts and plants find by it what they need of a device."),
        unaffected("The triples stay as they are."),
    ),
    Kind(
        "meaning-taken",
        "{name}: the software no longer takes it for {old}",
        breaking("Contracts and plants no longer find by it what they need of a device."),
        unaffected("The triples stay as they are."),
    ),
    Kind(
        "reason-stated",
        "{name}: the reason by which a contract that breaks it is refused is now {new}",
        compatible("Programs get a code that they may not know."),
        unaffected("Only verdicts have reasons."),
    ),
    Kind(
        "reason-removed",
        "{name}: the reason {old} is no longer said; its local name stands for it",
        breaking("Programs that know the reason by its code no longer get it."),
        unaffected("Only verdicts have reasons."),
    ),
    Kind(
        "reason-changed",
        "{name}: the reason changes from {old} to {new}",
        breaking("Programs that know the reason by its code no longer get it."),
        unaffected("Only verdicts have reasons."),
    ),
    Kind(
        "suits-added",
        "{name}: devices of the class {new} are fit for it",
        compatible("More contracts hold."),
        compatible("One statement more."),
    ),
    Kind(
        "suits-removed",
        "{name}: devices of the class {old} are no longer fit for it",
        breaking("Contracts over such devices no longer hold."),
        breaking("One statement less."),
    ),
)

ACCESS = (
    Kind(
        "visible-to-added",
        "{name} becomes visible to the role {new}",
        compatible("Readers of the role see one member more."),
        compatible("Queries of the role see triples that they did not."),
    ),
    Kind(
        "visible-to-removed",
        "{name} is no longer visible to the role {old}",
        breaking("Readers of the role miss it, and can't filter or sort by it."),
        breaking("The triples are no longer in the graphs of the role."),
    ),
    Kind(
        "visibility-to-service-stated",
        "{name}: {old}{new} is {verb} among the roles that see it",
        unaffected("Services see every field in any case."),
        unaffected("Services see every triple in any case."),
    ),
    Kind(
        "writable-by-added",
        "{name} may now be changed by the role {new}",
        compatible("Writers of the role are accepted where they were refused."),
        _STORED,
    ),
    Kind(
        "writable-by-removed",
        "{name} may no longer be changed by the role {old}",
        breaking("Writers of the role are refused."),
        _STORED,
    ),
)
