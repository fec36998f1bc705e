"""`der-registry ontology`: the commands for who edits ontology and shapes. One module a command."""

from __future__ import annotations

import click

from registry.cli.ontology_diff import diff


@click.group()
def ontology() -> None:
    """Work on the model: ontology, alignments and shapes."""


ontology.add_command(diff)
