"""`der-registry`: the command line. One module a command, loaded when it is called, so that `--help` is quick.

What is here is common to all of them: the group, and how a command comes by the settings.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from registry.settings import Settings


class _Entry(NamedTuple):
    module: str
    attribute: str
    help: str


COMMANDS: Mapping[str, _Entry] = {
    "serve": _Entry("registry.cli.serve", "serve", "Answer over HTTP until SIGTERM."),
    "token": _Entry("registry.cli.token", "token", "Print an access token of the demo provider."),
    "import": _Entry("registry.cli.import_", "import_", "Load devices from files."),
    "export": _Entry("registry.cli.export", "export", "Write all devices to standard output."),
    "generate": _Entry("registry.cli.generate", "generate", "Write generated devices to standard output."),
    "check": _Entry("registry.cli.check", "check", "Verify that all copies of the data agree."),
    "backup": _Entry("registry.cli.backup", "backup", "Copy a registry, running or not, to a new folder."),
    "verify": _Entry("registry.cli.verify", "verify", "Verify a backup, or the data of a stopped registry."),
    "restore": _Entry("registry.cli.restore", "restore", "Put a backup into an empty data folder."),
    "rebuild": _Entry("registry.cli.rebuild", "rebuild", "Make the store anew from the journal."),
    "erase": _Entry("registry.cli.erase", "erase", "Erase an account and all that was recorded of it."),
    "ontology": _Entry("registry.cli.ontology", "ontology", "Work on the model: ontology, alignments and shapes."),
}


class _Commands(click.Group):
    """The commands of the table above, imported when they are called and not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(import_module(entry.module), entry.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


@click.group(cls=_Commands)
@click.version_option(package_name="flexcoop-der-registry", prog_name="der-registry")
def main() -> None:
    """A registry of Distributed Energy Resources: REST and SPARQL over one RDF store."""


class _WrongSettings(click.ClickException):
    exit_code = 2


def config_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the options --config and --data, as its arguments `config` and `data`."""
    config = click.option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="TOML file with the settings. Variables DER_… stand above it.",
    )
    data = click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Folder of the store (setting store.path).",
    )
    return config(data(command))


def read_settings(config: Path | None, **overrides: Any) -> Settings:
    """Return the settings of this call.

    Args:
        config: the TOML file, if one was given.
        overrides: what options say, as section_key (`store_path`); None for an option that is absent.

    Raises:
        click.ClickException: a setting is wrong; ends the command with code 2 and one line for each.
    """
    from registry.settings import SettingsError, load_settings  # noqa: PLC0415  --help does without

    named = {name.replace("_", ".", 1): value for name, value in overrides.items()}
    try:
        return load_settings(config, environ=os.environ, overrides=named)
    except SettingsError as error:
        raise _WrongSettings(f"the settings are wrong:\n{error}") from None


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the options --config and --data, and call it with what they lead to, as `settings`."""

    @config_options
    @wraps(command)
    def called(config: Path | None, data: Path | None, **arguments: Any) -> None:
        command(settings=read_settings(config, store_path=data), **arguments)

    return called
