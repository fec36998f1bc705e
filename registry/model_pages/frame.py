"""What surrounds the content of a page: which version it is of, and where the pages of that version are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

VERSIONS = "/ontology/versions"
"""The path of the list of versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A published model, as everybody may know it.

    Attributes:
        version: what it states; empty if it states none.
        model: its name, the digest of its files.
        since: when it came into force, in UTC: the last time if it is in force, else the first.
        in_force: whether it is the one in force.
        name: what stands for it in paths: its version, or its digest if that is ambiguous.
    """

    version: str
    model: str
    since: datetime
    in_force: bool
    name: str

    @property
    def date(self) -> str:
        """When it came into force, for programs."""
        return self.since.isoformat().replace("+00:00", "Z")

    def path(self, part: str) -> str:
        """Return the path of a part, "ontology" or "shapes", in this version."""
        return f"/{part}/{quote(self.name, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a page is told about its surroundings.

    Attributes:
        shown: the version that the page is of.
        fixed: whether its links stay in that version; those of what is in force lead to what is in force.
    """

    shown: Version
    fixed: bool

    def path(self, part: str) -> str:
        """Return the path of the page of a part."""
        return self.shown.path(part) if self.fixed else f"/{part}"
