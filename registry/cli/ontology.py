"""`der-registry ontology`: the commands for who writes the model. Each is a module of its own."""

from __future__ import annotations

import click

from registry.cli.ontology_diff import diff


@click.group()
def ontology() -> None:
    """Work on the model: ontology and shapes."""


ontology.add_command(diff)
