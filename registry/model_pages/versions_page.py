"""The page of all versions: which models were published, when, and where each is."""

from __future__ import annotations

from collections.abc import Sequence

from registry.model_pages.frame import Version
from registry.model_pages.rendering import render


def versions_page(versions: Sequence[Version]) -> str:
    """Return the page in HTML; the versions come in its order."""
    return render("versions.html", title="Versions of the model", part="versions", frame=None, versions=versions)
