"""What becomes of a candidate: it is in force, or could be, or devices would break."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.errors import ModelRefused
from registry.publishing.admission import Admission
from registry.publishing.impact import Impact
from registry.publishing.model_files import ModelFiles
from registry.publishing.rehearsing import Rehearsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a candidate.

    Attributes:
        name: the digest of its files.
        published: whether it is in force now; not after a dry run.
        admission: its version, what changes, and warnings about it.
        impact: what it did, or would do, to the devices.
        rewritten: how many devices have other triples for it.
    """

    name: str
    published: bool
    admission: Admission
    impact: Impact
    rewritten: int

    @property
    def version(self) -> str:
        """What it states as its version."""
        return self.admission.version

    def document(self, *, with_ids: bool) -> dict[str, Any]:
        """Return it as JSON; the ids of devices only for who may see every one."""
        further: dict[str, Mapping[str, Any] | None] = {"check": self.admission.check, "diff": self.admission.diff}
        return {
            "model": self.name,
            "version": self.version,
            "published": self.published,
            "rewritten": self.rewritten,
            "impact": self.impact.document(with_ids=with_ids),
            **{name: document for name, document in further.items() if document is not None},
        }


def outcome_of(files: ModelFiles, admission: Admission, found: Rehearsed, *, published: bool) -> Outcome:
    """Return what became of a candidate that is admitted and was rehearsed."""
    return Outcome(
        name=files.digest,
        published=published,
        admission=admission,
        impact=found.impact,
        rewritten=len(found.changes),
    )


class DevicesWouldBreak(ModelRefused):
    """Devices would no longer conform.

    Args:
        message: how many.
        impact: which rules they would break.
    """

    def __init__(self, message: str, impact: Impact) -> None:
        super().__init__(message, "devices-would-break", {"impact": impact.document(with_ids=False)})
        self.impact = impact


def require_conforming(impact: Impact) -> None:
    """Refuse a candidate that devices would no longer conform to.

    Raises:
        DevicesWouldBreak: says how many.
    """
    if impact.broken:
        devices = max(each.devices for each in impact.broken)
        raise DevicesWouldBreak(
            f"At least {devices:,} of {impact.devices:,} devices would no longer conform; a migration can repair them",
            impact,
        )
