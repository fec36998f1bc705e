"""docs/commands.md names every command and every option."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from registry.cli import COMMANDS, main

TEXT = (Path(__file__).parent.parent.parent / "docs" / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_section_and_its_options(name: str) -> None:
    _, _, section = TEXT.partition(f"\n## {name}\n")
    section = section.partition("\n## ")[0]
    command = main.get_command(click.Context(main), name)
    assert command is not None
    options = [each for parameter in command.params for each in parameter.opts if each.startswith("--")]
    assert options
    assert [option for option in options if option not in section] == []
