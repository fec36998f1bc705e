"""The publisher's side of an admission: starts its process, ends it when it takes too long, and reads what it found."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.errors import BadRequest, ModelRefused
from registry.publishing.admission import ADMISSION, CANDIDATE, Admission, Candidate
from registry.publishing.processes import EndedEarly, Overdue, Say, run

WITHIN = 60.0
"""Seconds for a candidate to be judged: the shipped model takes two, one with 1,000 more fields some twenty."""


def admitted(candidate: Candidate, folder: Path, say: Say) -> Admission:
    """Judge a candidate in a process of its own.

    Args:
        candidate: what to judge.
        folder: where the process gets a folder to write to.
        say: shows progress.

    Raises:
        ModelRefused: as `admission.admit`; it takes too long, or too much memory.
        BadRequest: as `admission.admit`.
    """
    with TemporaryDirectory(prefix="admission-", dir=folder) as name:
        place = Path(name)
        (place / CANDIDATE).write_text(json.dumps(asdict(candidate)), encoding="utf-8")
        try:
            run("registry.publishing.admission", name, say=say, within=WITHIN)
        except Overdue:
            raise ModelRefused(
                f"The model could not be checked and compared within {WITHIN:g} seconds: it is too large, or a query "
                "in its hygiene/ or competency/ takes too long",
                "model-check-too-long",
                {},
            ) from None
        except EndedEarly:
            raise ModelRefused(
                "The check of the model ended early; most likely the model, or a query in its hygiene/ or competency/, "
                f"needs more than {candidate.memory / 2**30:g} GiB of memory. The log of the registry says more",
                "model-check-ended",
                {},
            ) from None
        found = json.loads((place / ADMISSION).read_text(encoding="utf-8"))
    if "bad_request" in found:
        raise BadRequest(found["bad_request"])
    if "refused" in found:
        raise ModelRefused(found["refused"], found["code"], found["report"])
    return Admission(**found)
