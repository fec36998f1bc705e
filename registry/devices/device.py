"""A device as one principal sees it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sparql.terms import Iri, Triple


@dataclass(frozen=True)
class Device:
    """A focus node, its triples and its document, as far as they are in somebody's view.

    Attributes:
        iri: the focus node.
        document: the JSON document, with `_created` and `_updated`.
        triples: the triples of the same view.
    """

    iri: Iri
    document: Mapping[str, Any]
    triples: frozenset[Triple]

    @cached_property
    def etag(self) -> str:
        """The entity tag, 40 hexadecimal digits: a digest of what is seen, so that it tells of nothing else."""
        text = json.dumps(self.document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    @property
    def record_id(self) -> str:
        """The 24 hexadecimal digits that clients of the former registry find under `_id`."""
        return hashlib.sha1(self.iri.encode(), usedforsecurity=False).hexdigest()[:24]
