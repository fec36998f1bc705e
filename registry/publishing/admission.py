"""What a candidate must be before devices are looked at: it compiles, its shapes can be asked, its version is right."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from registry.devices.validation import ShapesError, Validator
from registry.errors import ModelRefused
from registry.model_diff import ModelDiff, compare
from registry.model_diff.reports import to_document
from registry.profile import Profile, ProfileError, load_profile
from registry.publishing.library import Published
from registry.publishing.migrations import examine
from registry.publishing.model_files import ModelFiles
from registry.publishing.versions import is_semantic, version_of


def compiled(files: ModelFiles, folder: Path) -> Profile:
    """Return the model of a candidate, whose files are in `folder`.

    Raises:
        ModelRefused: it can't be compiled, or a shape can't be asked.
        BadRequest: a migration reaches for another place.
    """
    examine(files.migrations)
    try:
        profile = load_profile(folder)
        Validator(profile).probe()
    except (ProfileError, ShapesError) as error:
        reason = str(error).replace(f"{folder}/", "")
        raise ModelRefused(f"The model can't be compiled: {reason}", "model-not-compiled", {}) from None
    return profile


def compared(old: Profile, new: Profile, name: str, published: Collection[Published]) -> ModelDiff:
    """Return what changes, for a candidate that states the right version.

    Args:
        old: the model in force.
        new: the candidate.
        name: the digest of its files.
        published: all models that were ever in force; one of them may come back as it is.

    Raises:
        ModelRefused: the version is missing, too low, or that of another model.
    """
    diff = compare(old, new)
    if name in {each.name for each in published}:
        return diff
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
    return diff
