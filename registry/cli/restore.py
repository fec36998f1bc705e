"""`der-registry restore`: put a backup into an empty data folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli import with_settings
from registry.cli.backup import copied_bytes
from registry.cli.progress import Progress
from registry.cli.storage import StoreUnusable

if TYPE_CHECKING:
    from registry.settings import Settings


@click.command()
@click.argument("backup", metavar="DIR", type=click.Path(path_type=Path))
@with_settings
def restore(settings: Settings, backup: Path) -> None:
    """Put the backup in DIR into the data folder, which must be empty or missing.

    The backup's digests are verified first. Afterwards a registry can be started on the data folder. Erasures of
    accounts that were made after the backup are to be made again.

    Exit code 0: it is restored. 1: it could not be written. 2: nothing was done.
    """
    from registry.operations.manifest import NotABackup  # noqa: PLC0415  --help does without
    from registry.operations.restoring import RestoreFailed  # noqa: PLC0415
    from registry.operations.restoring import restore as put_back  # noqa: PLC0415

    progress = Progress(sys.stderr)
    try:
        manifest = put_back(backup, settings.store.path, copied_bytes(progress, "restored"))
    except (NotABackup, RestoreFailed) as error:
        raise StoreUnusable(str(error)) from None
    except OSError as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        progress.say("interrupted: restore again, or empty the folder")
        sys.exit(130)
    progress.clear()
    click.echo(f"{settings.store.path}: as it was at {manifest.time}, {manifest.sequence:,} entries of the journal")
