"""The recipes of docs/for-knowledge-engineers.md as steps that can be followed: files to edit and commands to run.

What a recipe is to bring about is not looked at here.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from registry.cli import main

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "for-knowledge-engineers.md").read_text(encoding="utf-8")
REGISTRY = "https://registry.example"
WITHIN = 60
_SECTION = re.compile(r"^### (.*)\n", re.MULTILINE)
_STEP = re.compile(r"^(Add to|Change in|Write) `(\S+)`:$|^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A block of a recipe.

    Attributes:
        language: what stands behind the opening fence.
        text: the block.
        verb: "Add to", "Change in" or "Write"; empty for commands.
        file: which file that is said of.
    """

    language: str
    text: str
    verb: str = ""
    file: str = ""


@dataclass(frozen=True)
class Command:
    """A command, what is printed below it, and what it printed."""

    text: str
    expected: str
    printed: str
    exit_code: int


def recipes() -> dict[str, list[Step]]:
    """Return the steps of each recipe by its heading; those before the first one under "Recipes"."""
    (text,) = re.findall(r"^## Recipes\n(.*?)(?=^## )", DOCUMENT, re.MULTILINE | re.DOTALL)
    names = ["Recipes", *_SECTION.findall(text)]
    return dict(zip(names, (list(_steps(part)) for part in _SECTION.split(text)[::2]), strict=True))


def _steps(text: str) -> Iterator[Step]:
    verb = file = ""
    for said, where, language, block in _STEP.findall(text):
        if said:
            verb, file = said, where
        elif language == "console":
            yield Step(language, block)
        else:
            yield Step(language, block, verb, file)


def follow(step: Step, folder: Path, registry: str) -> list[Command]:
    """Do in `folder` what a step says, and return the commands that it has.

    Args:
        step: the step.
        folder: the reader's folder, in which we are.
        registry: the address to put in the place of the document's.
    """
    if step.language == "console":
        return [_run(command, expected, folder, registry) for command, expected in _commands(step.text)]
    path = folder / step.file
    match step.verb, step.language:
        case "Add to", "turtle":
            path.write_text(f"{path.read_text()}\n{step.text}")
        case "Write", "sparql":
            path.parent.mkdir(exist_ok=True)
            path.write_text(step.text)
        case "Change in", "diff":
            _change(path, step.text)
        case other:
            raise AssertionError(f"a reader would not know what to do with {other}")
    return []


def _change(path: Path, diff: str) -> None:
    lines = diff.splitlines(keepends=True)
    old, new = ("".join(line[1:] for line in lines if line[0] in f" {sign}") for sign in "-+")
    text = path.read_text()
    assert text.count(old) == 1, f"{path.name} holds {text.count(old)} times\n{old}"
    path.write_text(text.replace(old, new))


def _commands(block: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def _run(command: str, expected: str, folder: Path, registry: str) -> Command:
    here = command.replace(REGISTRY, registry)
    if here.startswith("der-registry "):  # in this process: another takes a second to begin
        ran = CliRunner().invoke(main, shlex.split(here)[1:])
        return Command(command, expected, ran.output, ran.exit_code)
    done = subprocess.run(
        ["bash", "-e", "-c", here], cwd=folder, capture_output=True, text=True, check=False, timeout=WITHIN
    )
    return Command(command, expected, done.stdout + done.stderr, done.returncode)
