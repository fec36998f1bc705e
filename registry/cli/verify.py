"""`der-registry verify`: is a backup, or the data of a stopped registry, sound?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli import with_settings
from registry.cli.progress import Progress
from registry.cli.storage import StoreUnusable

if TYPE_CHECKING:
    from registry.settings import Settings


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--most", default=20, show_default=True, type=click.IntRange(min=0), metavar="N", help="Faults to print.")
@with_settings
def verify(settings: Settings, folder: Path | None, most: int) -> None:
    """Verify the backup in DIR, or the data folder of a registry that is stopped; without DIR that of the settings.

    Verified are the digests of a backup's files, the journal's file and all that must hold in it, that the store can be
    opened and brought to where the journal is, and that it then holds what the journal says of each device, and no
    more. All of it is done in a copy beside DIR.

    Exit code 0: it is sound. 1: it is not. 2: it can't be read.
    """
    from registry.operations.manifest import NotABackup  # noqa: PLC0415  --help does without
    from registry.operations.verification import verify as faults_of  # noqa: PLC0415
    from sparql.graph_store import StoreError  # noqa: PLC0415

    progress, count = Progress(sys.stderr), 0
    place = folder or settings.store.path
    try:
        for fault in faults_of(place, progress.say, lambda devices: progress.show(devices, "compared")):
            count += 1
            if count <= most:
                progress.clear()
                click.echo(fault)
    except (StoreError, NotABackup, OSError) as error:
        raise StoreUnusable(str(error)) from None
    progress.clear()
    if count > most:
        click.echo(f"… and {count - most:,} more")
    click.echo(f"{place}: {f'{count:,} faults' if count else 'sound'}")
    sys.exit(1 if count else 0)
