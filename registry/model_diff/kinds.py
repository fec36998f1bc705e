"""All kinds of changes, by name."""

from __future__ import annotations

from collections.abc import Mapping

from registry.model_diff.change import Kind
from registry.model_diff.constraint_kinds import CONSTRAINT_KINDS
from registry.model_diff.field_kinds import FIELD_KINDS
from registry.model_diff.term_kinds import TERM_KINDS

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (*FIELD_KINDS, *CONSTRAINT_KINDS, *TERM_KINDS)}
