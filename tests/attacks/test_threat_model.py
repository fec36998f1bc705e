"""What docs/threat-model.md names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = sorted(set(re.findall(r"`([a-z_0-9/]+/[a-z_0-9/.]*)`", (ROOT / "docs/threat-model.md").read_text("utf-8"))))


def test_it_names_modules_and_tests() -> None:
    assert len(NAMED) > 20


@pytest.mark.parametrize("path", NAMED)
def test_what_it_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()
