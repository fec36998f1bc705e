"""`der-registry ontology`: the commands for who edits ontology and shapes. One module a command."""

from __future__ import annotations

import click

from registry.cli.ontology_check import check
from registry.cli.ontology_diff import diff
from registry.cli.ontology_publish import publish


@click.group()
def ontology() -> None:
    """Work on the model: ontology, alignments and shapes."""


ontology.add_command(check)
ontology.add_command(diff)
ontology.add_command(publish)
