"""Where a listener stands in what it may hear of, and the text by which it names that place.

The text has nothing but the view's own numbers and a mark of the journal and of the view, so it tells nothing of what
others hear, and a text of another journal or of another view is known for what it is.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from sparql.terms import Iri

_TEXT = re.compile(r"([0-9]{1,18})-([0-9]{1,18})-([0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two changes.

    Attributes:
        devices: the number of the last change of a device, in the view's feed.
        models: the number of the last publish, in the feed of models.
    """

    devices: int
    models: int

    @property
    def steps(self) -> int:
        """How many changes come before it."""
        return self.devices + self.models


def mark_of(journal: str, view: Iri | None) -> str:
    """Return the mark of a journal, named by its identity, as one view reads it."""
    return hashlib.sha256(f"{journal} {view or ''}".encode()).hexdigest()[:8]


def write_cursor(cursor: Cursor, mark: str) -> str:
    """Return the text of a cursor."""
    return f"{cursor.devices}-{cursor.models}-{mark}"


def read_cursor(text: str, mark: str) -> Cursor | None:
    """Return the cursor of a text; None for one of another journal or view, or none at all."""
    found = _TEXT.fullmatch(text)
    if found is None or found[3] != mark:
        return None
    return Cursor(int(found[1]), int(found[2]))
