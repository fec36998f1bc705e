"""The version number that changes ask for, and whether the new model states it (Semantic Versioning 2.0.0).

A model breaks what a client could count on: that asks for a new major version (item 8). What clients may notice asks
for a minor one (item 7), anything else for a patch (item 6); no change may go under the old number (item 3). In 0.y.z
anything may change at any time (item 4); so that the number still tells, a break asks for a new y there, all else for
a new z. A pre-release makes no promise (item 9): after one any later version will do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rdflib import OWL, Literal, URIRef
from semver import Version

from registry.model_diff.change import Change, Impact, worst
from registry.model_diff.inventory import Inventory, Subject, SubjectKind

VERSION_PREDICATES = frozenset(
    {OWL.versionInfo, OWL.versionIRI, OWL.priorVersion, OWL.backwardCompatibleWith, OWL.incompatibleWith}
)
"""How an ontology states its version (OWL 2, section 3.5); judged here and no entry of a diff."""
_NO_TERMS = {
    SubjectKind.ONTOLOGY,
    SubjectKind.FIELD,
    SubjectKind.RULE,
    SubjectKind.UNUSED_SHAPE,
    SubjectKind.NODE_SHAPE,
    SubjectKind.GROUP,
}


@dataclass(frozen=True, kw_only=True)
class VersionStep:
    """The version of an ontology, before and after.

    Attributes:
        ontology: its IRI; empty if no ontology of the model states a version.
        old: the version that the old model states; None for none.
        new: the version that the new model states; None for none.
        asked: the least version that the changes ask for; None if the old model states none.
        impact: the worst impact of the changes that it stands for.
        is_admitted: whether the new version is at least the one asked for.
        findings: what is wrong, each a sentence without its full stop.
    """

    ontology: str
    old: str | None
    new: str | None
    asked: str | None
    impact: Impact
    is_admitted: bool
    findings: tuple[str, ...]


def version_steps(before: Inventory, after: Inventory, changes: Sequence[Change]) -> tuple[VersionStep, ...]:
    """Return a step for each ontology that states a version, that of the whole model first.

    The ontology with the most terms stands for the whole model, so that all changes count. For another one count the
    changes of what has an IRI below its own.
    """
    stating = {key for model in (before, after) for key, subject in model.subjects.items() if _version(subject)}
    if not stating:
        return (_unversioned(changes),)
    main, *others = sorted(stating, key=lambda key: (-max(_terms(before, key), _terms(after, key)), key))
    own = {key: [change for change in changes if _is_below(key, change.subject)] for key in others}
    return tuple(
        _step(key, before.subjects.get(key), after.subjects.get(key), concerning)
        for key, concerning in ((main, changes), *own.items())
    )


def asked_version(old: Version, impact: Impact | None) -> Version:
    """Return the least version after `old` for changes of this impact; None stands for no change at all."""
    if impact is None:
        return old
    if old.prerelease:
        return old.bump_prerelease()
    if impact is Impact.BREAKING:
        return old.bump_major() if old.major else old.bump_minor()
    return old.bump_minor() if impact is Impact.COMPATIBLE and old.major else old.bump_patch()


def admits(old: Version, asked: Version, new: Version) -> bool:
    """Tell whether `new` is at least `asked`; a later pre-release of such a version is, too."""
    return new >= asked or (bool(new.prerelease) and new > old and new.finalize_version() >= asked)


def _step(key: str, was: Subject | None, now: Subject | None, changes: Sequence[Change]) -> VersionStep:
    stated_old = None if was is None else _version(was)
    stated_new = None if now is None else _version(now)
    old, new = _parsed(stated_old), _parsed(stated_new)
    impact = worst([change.impact for change in changes])
    asked = asked_version(old, impact if changes else None) if old else None
    admitted = new is not None and (old is None or asked is None or admits(old, asked, new))
    findings = [] if now is None else list(_form(now))
    if new is None:
        findings.append(f"{stated_new} is no semantic version such as 1.2.0" if stated_new else "states no version")
    elif not admitted:
        findings.append(_too_low(str(old), str(new), str(asked), impact, changes))
    if was and now and stated_old != stated_new:
        findings += _prior(was, now)
    return VersionStep(
        ontology=key,
        old=stated_old,
        new=stated_new,
        asked=None if asked is None else str(asked),
        impact=impact,
        is_admitted=admitted,
        findings=tuple(findings),
    )


def _unversioned(changes: Sequence[Change]) -> VersionStep:
    return VersionStep(
        ontology="",
        old=None,
        new=None,
        asked=None,
        impact=worst([change.impact for change in changes]),
        is_admitted=not changes,
        findings=("no ontology of the model states a version: give one owl:versionInfo and owl:versionIRI",),
    )


def _too_low(old: str, new: str, asked: str, impact: Impact, changes: Sequence[Change]) -> str:
    if not changes:
        return f"states the version {new}, which is lower than {old} before"
    why = {
        Impact.BREAKING: "a change is breaking",
        Impact.COMPATIBLE: "clients may notice a change",
        Impact.NONE: "something changed",
    }
    return f"states the version {new}, but after {old} it must be {asked} at least: {why[impact]}"


def _form(subject: Subject) -> Iterator[str]:
    """Yield what does not fit in how an ontology states its version."""
    info, iri = subject.one(OWL.versionInfo), subject.one(OWL.versionIRI)
    if isinstance(iri, URIRef) and isinstance(info, Literal) and _ending(iri) != str(info):
        yield f"its owl:versionIRI <{iri}> does not end in {info}, its owl:versionInfo"


def _prior(was: Subject, now: Subject) -> Iterator[str]:
    said, before = now.values.get(OWL.priorVersion, frozenset()), was.one(OWL.versionIRI)
    if said and before is not None and before not in said:
        yield f"its owl:priorVersion is not <{before}>, the version before"


def _version(subject: Subject) -> str | None:
    """Return the version that an ontology states; None if it states none or is no ontology."""
    if subject.kind != SubjectKind.ONTOLOGY:
        return None
    info, iri = subject.one(OWL.versionInfo), subject.one(OWL.versionIRI)
    return str(info) if isinstance(info, Literal) else _ending(iri) if isinstance(iri, URIRef) else None


def _ending(iri: URIRef) -> str:
    return iri.rstrip("/#").rpartition("/")[2]


def _parsed(version: str | None) -> Version | None:
    return Version.parse(version) if version and Version.is_valid(version) else None


def _terms(model: Inventory, ontology: str) -> int:
    return sum(_is_below(ontology, key) for key, each in model.subjects.items() if each.kind not in _NO_TERMS)


def _is_below(ontology: str, iri: str) -> bool:
    return iri == ontology or iri.startswith((f"{ontology.rstrip('/#')}/", f"{ontology.rstrip('/#')}#"))
