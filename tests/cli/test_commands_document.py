"""docs/commands.md names every command and every option."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from registry.cli import COMMANDS, main

OF_THE_PROGRAM = click.Context(main)
TEXT = (Path(__file__).parent.parent.parent / "docs" / "commands.md").read_text(encoding="utf-8")


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield each command with its full name; of a group, those in it."""
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        if isinstance(command, click.Group):
            assert command.commands
            yield from ((f"{name} {each}", inner) for each, inner in command.commands.items())
        else:
            yield name, command


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=lambda each: each if isinstance(each, str) else "")
def test_a_command_has_its_section_and_its_options(name: str, command: click.Command) -> None:
    _, _, section = TEXT.partition(f"\n## {name}\n")
    section = section.partition("\n## ")[0]
    options = [each for parameter in command.params for each in parameter.opts if each.startswith("--")]
    assert options
    assert [option for option in options if option not in section] == []
