"""`der-registry ontology diff`: what changed between two versions of the model, and whether the version says so.

What changed is `registry.model_diff`'s; this is its door on the command line.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from registry.model_diff import Model

SHIPPED = "shipped"
"""The word for the model in the package; a folder of this name is ./shipped."""


class _Unreadable(click.ClickException):
    exit_code = 2


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="text is for people, json for programs, markdown for a changelog.",
)
def diff(old: str, new: str, form: str) -> None:
    """Say what changed between two versions of the model, OLD and NEW.

    Each is a folder that holds ontology/*.ttl and shapes/*.ttl, or the word `shipped` for the model in the package.
    Each change is said in words, with what it does to clients of the JSON facade and to users of SPARQL, and from all
    of them follows the version number that NEW must state at least.

    Exit code 0: nothing breaks, or the new version number says so. 1: something breaks under a number that does not
    admit it. 2: a folder can't be read.
    """
    from registry.model_diff import compare  # noqa: PLC0415  --help does without
    from registry.model_diff.reports import REPORTS  # noqa: PLC0415

    found = compare(_model(old), _model(new))
    click.echo(REPORTS[form](found))
    sys.exit(0 if found.is_admitted else 1)


def _model(word: str) -> Model:
    from registry.model_diff import ModelError, read_model  # noqa: PLC0415
    from registry.profile.compilation import MODEL  # noqa: PLC0415

    try:
        return read_model(MODEL if word == SHIPPED else Path(word))
    except ModelError as error:
        raise _Unreadable(str(error)) from None
