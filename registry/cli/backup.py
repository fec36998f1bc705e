"""`der-registry backup`: a consistent copy of a registry, running or not. How is `registry.operations.backup`'s."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli import with_settings
from registry.cli.progress import Progress
from registry.cli.storage import StoreUnusable

if TYPE_CHECKING:
    from registry.settings import Settings


@click.command()
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path))
@with_settings
def backup(settings: Settings, target: Path) -> None:
    """Copy a registry, running or not, to the new folder DIR.

    The copy is whole and consistent: every change that was acknowledged before the command began is in it. DIR must not
    exist, and may lie on another disk, which is what a backup is for. While it is being made it is called DIR.partial.

    Exit code 0: there is a backup. 1: there is none. 2: the registry can't be read. 130: interrupted; there is none.
    """
    from registry.journal.database import JournalError  # noqa: PLC0415  --help does without
    from registry.operations.backup import BackupFailed, make_backup  # noqa: PLC0415
    from registry.profile import ProfileError  # noqa: PLC0415
    from sparql.graph_store import StoreError  # noqa: PLC0415

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    progress = Progress(sys.stderr)
    try:
        manifest = make_backup(settings.store.path, target, progress.say, copied_bytes(progress, "copied"))
    except BackupFailed as error:
        raise click.ClickException(str(error)) from None
    except (StoreError, JournalError, ProfileError) as error:
        raise StoreUnusable(str(error)) from None
    except KeyboardInterrupt:
        progress.say("interrupted: there is no backup")
        sys.exit(130)
    progress.clear()
    size = sum(record.size for record in manifest.files.values())
    click.echo(f"{target}: {manifest.sequence:,} entries of the journal, {size / 2**20:,.1f} MiB")


def copied_bytes(progress: Progress, verb: str) -> Callable[[int], None]:
    """Return what shows the mebibytes so far, given bytes."""
    total = 0

    def copied(size: int) -> None:
        nonlocal total
        total += size
        progress.show(total // 2**20, verb, "MiB")

    return copied
