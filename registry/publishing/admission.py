"""What a candidate must be before devices are looked at: sound, compiled, and of a version that says what changed.

`python -m registry.publishing.admission` judges it in a process of its own, as text of a candidate may be made to take
for ever; `registry.publishing.admitting` is the publisher's side. The model check is that of `ontology check`, with
whatever rules, questions and examples the candidate brings along: they are asked of the candidate alone, never of the
registry's devices.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.contracts.rules import probe as probe_contract_rules
from registry.devices.validation import ShapesError, Validator
from registry.errors import BadRequest, ModelRefused
from registry.model_check import Severity, check_model
from registry.model_diff import compare
from registry.model_diff.reports import to_document
from registry.profile import Profile, ProfileError, load_profile
from registry.publishing.findings import findings_document
from registry.publishing.library import ModelLibrary, Published
from registry.publishing.migrations import examine
from registry.publishing.model_files import from_folder
from registry.publishing.processes import confine, tell
from registry.publishing.versions import is_semantic, version_of
from sparql.sandbox.confinement import limit_memory

MEMORY = 2 * 2**30
"""Bytes; the shipped model takes 270 MB, one of 2,000 fields 390 MB."""

CANDIDATE, ADMISSION = "candidate.json", "admission.json"
"""The files between the publisher and the process, in a folder of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model at the door.

    Attributes:
        name: the digest of its files.
        folder: where they lie.
        library: the folder of the models that were published.
        in_force: the name of the one in force.
        published: the names of all that ever were.
        memory: the bytes of address space that its process may take.
    """

    name: str
    folder: str
    library: str
    in_force: str
    published: Sequence[str]
    memory: int = MEMORY

    @property
    def is_known(self) -> bool:
        """Whether it was in force before: then it may come back as it is, whatever is asked of new ones."""
        return self.name in self.published


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What is known of a candidate that is admitted.

    Attributes:
        version: what it states.
        diff: what changes, as a document; None where nobody asked.
        check: what the check says that is no reason to refuse it, as a document; None where it was not checked.
    """

    version: str
    diff: Mapping[str, Any] | None = None
    check: Mapping[str, Any] | None = None


def admit(candidate: Candidate) -> Admission:
    """Judge a candidate.

    Raises:
        ModelRefused: it is not sound, or its version is missing, too low, or that of another model.
        BadRequest: a migration reaches for another place.
    """
    folder, library = Path(candidate.folder), ModelLibrary(Path(candidate.library))
    examine(from_folder(folder).migrations)
    tell("checking")
    check = None if candidate.is_known else checked(folder)
    new = compiled(folder)
    tell("comparing")
    old = library.profile(candidate.in_force)
    diff = compared(old, new, [] if candidate.is_known else library.records(candidate.published), candidate.is_known)
    return Admission(version=version_of(new), diff=diff, check=check)


def checked(folder: Path) -> Mapping[str, Any]:
    """Return the document of the warnings about the model in `folder`.

    Raises:
        ModelRefused: the check found an error.
    """
    report = check_model(folder)
    document = findings_document(report)
    errors = report.count(Severity.ERROR)
    if errors:
        first = next(each for each in report if each.severity is Severity.ERROR)
        more = f", and {errors - 1:,} more" if errors > 1 else ""
        place = ":".join(str(part) for part in (first.file, first.line, first.column) if part is not None)
        message = f"The model is not sound: {f'{place}: ' if place else ''}{document['findings'][0]['message']}{more}"
        raise ModelRefused(message, "model-check-failed", {"check": document})
    return document


def compiled(folder: Path) -> Profile:
    """Return the model in `folder`, compiled.

    Raises:
        ModelRefused: it can't be compiled, or a shape can't be asked.
    """
    try:
        profile = load_profile(folder)
        Validator(profile).probe()
        probe_contract_rules(profile)
    except (ProfileError, ShapesError) as error:
        reason = str(error).replace(f"{folder}/", "")
        raise ModelRefused(f"The model can't be compiled: {reason}", "model-not-compiled", {}) from None
    return profile


def compared(old: Profile, new: Profile, published: Collection[Published], is_known: bool) -> Mapping[str, Any]:
    """Return what changes, for a candidate that states the right version.

    Args:
        old: the model in force.
        new: the candidate.
        published: the models that were ever in force, whose versions are taken.
        is_known: whether it is one of them, which may come back as it is.

    Raises:
        ModelRefused: the version is missing, too low, or that of another model.
    """
    diff = compare(old, new)
    if is_known:
        return to_document(diff)
    version = version_of(new)
    if not is_semantic(version):
        reason = f'"{version}" is no version like 1.4.0' if version else "it is missing"
        raise ModelRefused(f"The ontology must state its version as owl:versionInfo: {reason}", "no-version", {})
    low = [
        f"<{step.ontology}> {finding}" for step in diff.versions if not step.is_admitted for finding in step.findings
    ]
    if low:
        raise ModelRefused("; ".join(low), "version-too-low", {"diff": to_document(diff)})
    taken = next((each for each in published if each.version == version), None)
    if taken:
        raise ModelRefused(
            f"Version {version} was published on {taken.time:%Y-%m-%d %H:%M} UTC with other content: "
            "what is published never changes, so state another version",
            "version-taken",
            {"version": version},
        )
    return to_document(diff)


def main() -> None:
    """Judge the candidate that is described in the folder of the argument, and write there what was found."""
    place = Path(sys.argv[1])
    candidate = Candidate(**json.loads((place / CANDIDATE).read_text(encoding="utf-8")))
    confine()
    limit_memory(candidate.memory)
    try:
        found = admit(candidate)
        document: Mapping[str, Any] = {"version": found.version, "diff": found.diff, "check": found.check}
    except BadRequest as error:
        document = {"bad_request": error.message}
    except ModelRefused as error:
        document = {"refused": error.message, "code": error.code, "report": error.report}
    (place / ADMISSION).write_text(json.dumps(document), encoding="utf-8")


if __name__ == "__main__":
    main()
