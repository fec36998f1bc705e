"""The version of a model: what its ontology states as owl:versionInfo, a semantic version (semver.org 2.0.0)."""

from __future__ import annotations

import re

from rdflib import OWL
from rdflib.term import URIRef

from registry.access import ONTOLOGY
from registry.profile import Profile

_SEMANTIC = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


def version_of(profile: Profile) -> str:
    """Return the version that a model states; empty when it states none."""
    return str(profile.ontology.value(URIRef(ONTOLOGY), OWL.versionInfo) or "")


def is_semantic(version: str) -> bool:
    """Tell whether a text is a semantic version, such as 1.4.0."""
    return _SEMANTIC.fullmatch(version) is not None
