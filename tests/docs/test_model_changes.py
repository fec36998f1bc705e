"""docs/model-changes.md is what the table of kinds says."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.model_diff.kinds import GROUPS, KINDS, kinds_document

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_the_document_is_the_generated_one() -> None:
    assert (DOCS / "model-changes.md").read_text(encoding="utf-8") == kinds_document()


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_has_its_section(group: str) -> None:
    _, _, section = kinds_document().partition(f"## {group}\n")
    rows = section.partition("\n## ")[0]
    assert GROUPS[group]
    for kind in GROUPS[group]:
        assert f"| {kind.name} | " in rows
        assert f"**{kind.json.impact}**: {kind.json.reason} | **{kind.sparql.impact}**: {kind.sparql.reason} |" in rows


def test_no_kind_is_in_two_groups() -> None:
    assert len(KINDS) == sum(map(len, GROUPS.values()))


def test_the_section_on_versions_is_where_the_commands_say() -> None:
    assert "for-knowledge-engineers.md#versions-and-what-counts-as-breaking" in (DOCS / "commands.md").read_text()
    assert "\n## Versions and what counts as breaking\n" in (DOCS / "for-knowledge-engineers.md").read_text()
