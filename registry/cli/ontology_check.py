"""`der-registry ontology check`: is a folder of ontology and shapes sound?

What sound means is `registry.model_check`'s; this is its door on the command line and knows no more than how to print.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import click

from registry.cli.finding_formats import WRITERS


@click.command()
@click.argument(
    "folder", metavar="[DIR]", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(WRITERS)),
    default="text",
    show_default=True,
    help="text for people, json for programs, github as annotations in GitHub Actions.",
)
@click.option("--strict", is_flag=True, help="Let warnings count as errors.")
def check(folder: Path | None, form: str, strict: bool) -> None:
    """Check the model in DIR: syntax, shapes, profile, hygiene rules, competency questions and examples.

    DIR holds ontology/*.ttl, ontology/alignments/*.ttl and shapes/*.ttl, and if wanted hygiene/*.rq, competency/ and
    examples/ of its own. Without DIR, the model that the registry is shipped with. Everything is looked at, whatever is
    found. Run it only on queries that you trust: those in DIR have no limit on their time.

    Exit code 0: there is no error. 1: there is one, or with --strict a warning. 2: the call is wrong.
    """
    from registry.model_check import Severity, check_model  # noqa: PLC0415  --help does without
    from registry.profile.compilation import MODEL  # noqa: PLC0415

    logging.getLogger("rdflib").setLevel(logging.CRITICAL)  # ill-typed literals are findings, not a matter for a log
    folder = _shown(MODEL) if folder is None else folder
    report = check_model(folder)
    click.echo(WRITERS[form](report, folder))
    wrong = report.count(Severity.ERROR) + (report.count(Severity.WARNING) if strict else 0)
    sys.exit(1 if wrong else 0)


def _shown(folder: Path) -> Path:
    """Return a folder as seen from where we are, if it lies there."""
    here = Path.cwd()
    return Path(os.path.relpath(folder, here)) if folder.is_relative_to(here) else folder
