"""`der-registry rebuild`: make the store of a stopped registry anew from its journal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from registry.cli import with_settings
from registry.cli.progress import Progress
from registry.cli.storage import StoreUnusable

if TYPE_CHECKING:
    from registry.settings import Settings


@click.command()
@with_settings
def rebuild(settings: Settings) -> None:
    """Make the store anew from the journal alone, for a store that is lost or damaged.

    The old store stays until the new one is complete. No registry may be running on the data.

    Exit code 0: the store is new. 1: it could not be made; the old one stays. 2: nothing was done.
    """
    from registry.errors import RegistryError  # noqa: PLC0415  --help does without
    from registry.journal.database import JournalError  # noqa: PLC0415
    from registry.operations.rebuilding import rebuild_store  # noqa: PLC0415
    from registry.profile import ProfileError  # noqa: PLC0415
    from sparql.graph_store import StoreError, StoreLocked  # noqa: PLC0415

    progress = Progress(sys.stderr)
    try:
        total = rebuild_store(settings.store.path, progress.say)
    except (JournalError, ProfileError, StoreLocked) as error:
        raise StoreUnusable(str(error)) from None
    except (StoreError, RegistryError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{total:,} devices in a new store, in {progress.seconds:.1f} s")
