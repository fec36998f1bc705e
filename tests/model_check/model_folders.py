"""Folders that hold the shipped model, to be damaged by tests."""

from __future__ import annotations

import shutil
from pathlib import Path

from registry.profile.compilation import MODEL

PREFIXES = """@prefix api: <https://w3id.org/flexcoop/api#> .
@prefix flex: <https://w3id.org/flexcoop/cim#> .
@prefix flexsh: <https://w3id.org/flexcoop/shapes#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def copied_model(folder: Path) -> Path:
    """Copy ontology and shapes into `folder`, and return it."""
    for name in ("ontology", "shapes"):
        shutil.copytree(MODEL / name, folder / name)
    return folder


def replace(file: Path, old: str, new: str) -> int:
    """Replace `old` in a file, and return the line where it first stood."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


def write(file: Path, text: str) -> None:
    """Write a file, and the folders that it needs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
