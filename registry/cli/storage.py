"""How a command that isn't the server comes by the store: alone, and with errors that say what to do."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from registry.journal import Recorder
    from registry.profile import Profile
    from registry.publishing.starting import Started
    from registry.settings import Settings
    from sparql.embedded import EmbeddedStore
    from sparql.graph_store import GraphStore


class StoreUnusable(click.ClickException):
    """The command can't have the store; nothing was done."""

    exit_code = 2


@contextmanager
def opened_store(settings: Settings, *, create: bool = False, dry_run: bool = False) -> Iterator[GraphStore]:
    """Open the store of `settings`, and close it at the end.

    Args:
        settings: say where it is.
        create: whether to make one where there is none.
        dry_run: whether to take an empty one in memory where there is none.

    Raises:
        StoreUnusable: there is none, it can't be opened, or another process has it.
    """
    from registry.publishing.opening import open_store  # noqa: PLC0415  --help does without
    from sparql.embedded import EmbeddedStore  # noqa: PLC0415
    from sparql.graph_store import StoreDamaged, StoreError, StoreLocked  # noqa: PLC0415

    path = settings.store.path / "store"
    if not path.is_dir() and not create and not dry_run:
        raise StoreUnusable(f"there is no store in {path}: name its folder with --data or the setting store.path")
    try:
        if create:
            store = open_store(settings.store.path, _tell)
        else:
            store = EmbeddedStore(None if dry_run and not path.is_dir() else path)
    except StoreLocked as error:
        raise StoreUnusable(f"{error}; stop the registry that runs on it first") from None
    except StoreDamaged as error:
        raise StoreUnusable(f"{error}; start the registry, which makes it anew from its journal") from None
    except StoreError as error:
        raise StoreUnusable(str(error)) from None
    try:
        with _patient_collector():
            yield store
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    finally:
        store.close()


def model_in_force(store: GraphStore, settings: Settings) -> tuple[Profile, Path]:
    """Return the model that the data of `settings` is of, compiled, and the folder of its files.

    Raises:
        StoreUnusable: the folder is missing or damaged.
    """
    from registry.profile import ProfileError  # noqa: PLC0415
    from registry.publishing.starting import profile_in_force  # noqa: PLC0415

    try:
        return profile_in_force(store, settings.store.path)
    except ProfileError as error:
        raise StoreUnusable(f"the model that the data is of can't be read: {error}") from None


@contextmanager
def opened_recorder(store: GraphStore, settings: Settings) -> Iterator[Recorder]:
    """Open the journal of `settings`, bring the store to where it is, and close it at the end.

    Raises:
        StoreUnusable: the journal can't be used or is not that of the store, or the model is missing or damaged.
    """
    from registry.errors import RegistryError  # noqa: PLC0415
    from registry.journal import Recorder  # noqa: PLC0415
    from registry.journal.database import JournalError  # noqa: PLC0415
    from registry.profile import ProfileError  # noqa: PLC0415
    from registry.publishing.founding import bring_together, journal_of, library_of  # noqa: PLC0415

    try:
        journal = journal_of(settings.store.path)
        library = library_of(settings.store.path)
        bring_together(store, journal, library, _tell)
    except (JournalError, ProfileError) as error:
        raise StoreUnusable(str(error)) from None
    try:
        yield Recorder(journal, store)
    except RegistryError as error:
        raise click.ClickException(error.message) from None
    finally:
        journal.close()


@contextmanager
def caught_up(store: GraphStore, settings: Settings) -> Iterator[None]:
    """Bring the store to where its journal is, if it has one, so that what was acknowledged is read.

    Raises:
        StoreUnusable: as opened_recorder.
    """
    from registry.publishing.founding import JOURNAL  # noqa: PLC0415

    with opened_recorder(store, settings) if (settings.store.path / JOURNAL).is_file() else nullcontext():
        yield


@contextmanager
def opened_registry(settings: Settings) -> Iterator[tuple[EmbeddedStore, Started]]:
    """Open store and journal of `settings` with all that changes devices and models, and close them at the end.

    Raises:
        StoreUnusable: one of them can't be used, or the model is missing or damaged.
    """
    from registry.journal.database import JournalError  # noqa: PLC0415
    from registry.profile import ProfileError  # noqa: PLC0415
    from registry.publishing.starting import start  # noqa: PLC0415
    from sparql.embedded import EmbeddedStore  # noqa: PLC0415

    with opened_store(settings) as store:
        if not isinstance(store, EmbeddedStore):
            raise StoreUnusable("only an embedded store can be copied, and its files made anew")
        try:
            started = start(store, settings.store.path, _tell)
        except (JournalError, ProfileError) as error:
            raise StoreUnusable(str(error)) from None
        try:
            yield store, started
        finally:
            started.recorder.close()


def _tell(text: str) -> None:
    click.echo(text, err=True)


@contextmanager
def _patient_collector() -> Iterator[None]:
    """Look for cycles of garbage less often: millions of small objects without any cost a third of the time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
