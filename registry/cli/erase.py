"""`der-registry erase`: erase an account from the data of a stopped registry. A running one is asked over HTTP."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from registry.cli import with_settings
from registry.cli.storage import opened_registry

if TYPE_CHECKING:
    from registry.settings import Settings


@click.command()
@click.option("--aggregator", required=True, metavar="ID", help="The aggregator_id of the devices.")
@click.option("--account", required=True, metavar="UUID", help="Their account_id.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@with_settings
def erase(settings: Settings, aggregator: str, account: str, yes: bool) -> None:
    """Erase an account: its devices, and all that was recorded of it, from all files of the data folder.

    It can't be undone, and does not reach backups. No registry may be running on the data: ask that one by
    POST /1/erasures. What is printed shows later that this account was erased.

    Exit code 0: it is erased. 1: it is not, or not from all files yet: run it again. 2: nothing was done.
    """
    from registry.errors import BadRequest, RegistryError  # noqa: PLC0415  --help does without
    from registry.journal.entry import OPERATOR  # noqa: PLC0415
    from registry.journal.erasure import account_of  # noqa: PLC0415
    from registry.operations.erasing import Eraser  # noqa: PLC0415

    try:
        wanted = account_of(aggregator, account)
    except BadRequest as error:
        raise click.UsageError(error.message) from None
    if not yes:
        click.confirm(f"Erase the account {account} at {aggregator} and all its devices, for good?", abort=True)
    with opened_registry(settings) as (store, started):
        try:
            done = Eraser(store, started).erase(wanted, OPERATOR)
        except RegistryError as error:
            raise click.ClickException(error.message) from None
    click.echo(json.dumps(asdict(done), indent=2))
