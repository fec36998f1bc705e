"""The two models that are put in force in turn, compiled once, so that a kill in a publish costs no more than others.

Checking, comparing and rehearsing take most of a publish, and neither store nor journal is written meanwhile:
tests/publishing/test_crashes.py kills it there. Here every device is looked at while changes pause.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from candidates import candidate, next_version

from registry.devices.enumeration import device_blocks
from registry.devices.watch import Watch
from registry.profile import Profile
from registry.publishing import founding
from registry.publishing.admission import Admission, compiled
from registry.publishing.founding import shipped_files
from registry.publishing.impact import Impact
from registry.publishing.library import ModelLibrary
from registry.publishing.model_files import ModelFiles
from registry.publishing.publisher import Publisher
from registry.publishing.rehearsing import Rehearsed
from registry.publishing.step import Step
from registry.publishing.versions import version_of

MODELS = (
    candidate(
        next_version("minor"),
        ontology="flex:Comfort a owl:Class .\nflex:HeatPump rdfs:subClassOf flex:Comfort .\n",
    ),
    shipped_files(),
)
"""By the first one, heat pumps have another type in each of their graphs; by the second, the shipped one, not."""


def compile_once() -> None:
    """Have every registry that is forked from this process take the models compiled as they are now."""
    profiles = {files.digest: _compiled(files) for files in MODELS}

    def profile(library: ModelLibrary, name: str) -> Profile:
        assert library.files(name).digest == name
        return profiles[name]

    def rehearsed(step: Step, _folder: Path, watch: Watch, _say: object) -> Rehearsed:
        watch.note([device for block in device_blocks(step._store, 500) for device, _ in block])
        return Rehearsed(Impact(0))

    for owner, name, replacement in (
        (ModelLibrary, "profile", profile),
        (founding, "load_profile", lambda _: profiles[shipped_files().digest]),
        (Publisher, "_admitted", lambda _, files, *__: Admission(version=version_of(profiles[files.digest]))),
        (Step, "profile", property(lambda step: profiles[step.files.digest])),
        (Step, "rehearsed", rehearsed),
    ):
        setattr(owner, name, replacement)


def _compiled(files: ModelFiles) -> Profile:
    with tempfile.TemporaryDirectory() as folder:
        files.write(Path(folder))
        return compiled(Path(folder))
