"""What one change is, and what it does to whom.

A kind of change is a row of a table (`rule_kinds`, `term_kinds`): how it is said in words and what it means for
clients of the JSON facade and for users of SPARQL. What a row means never depends on the case: where it would,
there are two rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Impact(StrEnum):
    """What a change does to an audience; the worst first."""

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    NONE = "none"


class Sort(StrEnum):
    """What happened, in the order of reports."""

    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"
    DEPRECATED = "deprecated"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a change does to one audience, and why."""

    impact: Impact
    reason: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the tables of kinds.

    Attributes:
        name: "bound-tightened".
        words: how it is said; the names in braces are filled in: name, aspect, old, new and what a kind adds.
        json: what it does to clients of the JSON facade, readers and writers.
        sparql: what it does to queries over devices and over the model.
        sort: the sort of its changes; None for added, changed or removed, as there is an old and a new value.
    """

    name: str
    words: str
    json: Verdict
    sparql: Verdict
    sort: Sort | None = None

    def sort_of(self, *, was_there: bool, is_there: bool) -> Sort:
        """Return the sort of a change of this kind."""
        if self.sort is not None:
            return self.sort
        return Sort.CHANGED if was_there == is_there else Sort.ADDED if is_there else Sort.REMOVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of a diff.

    Attributes:
        kind: the name of its kind.
        sort: what happened.
        subject: the IRI of the term or rule in the new model, of a removed one in the old.
        name: what the subject is called: a field by its JSON name, anything else by its compact IRI.
        predicate: the IRI of what is said of the subject; None when the change is about the subject as a whole.
        old: the old value, an IRI in full, a literal by its text; None when there was none.
        new: the new value, likewise.
        what: the change in words.
        json: what it does to clients of the JSON facade.
        sparql: what it does to users of SPARQL.
    """

    kind: str
    sort: Sort
    subject: str
    name: str
    predicate: str | None
    old: str | None
    new: str | None
    what: str
    json: Verdict
    sparql: Verdict

    @property
    def impact(self) -> Impact:
        """The worse of the two impacts."""
        return worst([self.json.impact, self.sparql.impact])


def worst(impacts: list[Impact]) -> Impact:
    """Return the worst of some impacts; none for none."""
    return min(impacts, key=list(Impact).index, default=Impact.NONE)


def breaking(reason: str) -> Verdict:
    """Return the verdict that clients must change."""
    return Verdict(Impact.BREAKING, reason)


def compatible(reason: str) -> Verdict:
    """Return the verdict that clients go on working and may notice."""
    return Verdict(Impact.COMPATIBLE, reason)


def unaffected(reason: str) -> Verdict:
    """Return the verdict that clients can't tell the difference."""
    return Verdict(Impact.NONE, reason)
