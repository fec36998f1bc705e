"""`der-registry check`: do all copies of the data agree, and with --rebuild: make them.

What agrees with what is `registry.devices.placement_audit`'s; this is its door on the command line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import click

from registry.cli import with_settings
from registry.cli.progress import Progress
from registry.cli.storage import caught_up, model_in_force, opened_store

if TYPE_CHECKING:
    from registry.devices.placement_audit import Block, Difference
    from registry.profile import Profile
    from registry.settings import Settings
    from sparql.graph_store import GraphStore
    from sparql.terms import Triple


@click.command()
@click.option("--rebuild", is_flag=True, help="Rebuild the other copies from the first, then check again.")
@click.option("--validate", is_flag=True, help="Also judge every device by the shapes.")
@click.option(
    "--most", default=20, show_default=True, type=click.IntRange(min=0), metavar="N", help="Differences to print."
)
@with_settings
def check(settings: Settings, rebuild: bool, validate: bool, most: int) -> None:
    """Verify that all copies of the data agree.

    Each device stands in the graph of devices, which is the truth, and as far as they may see it in the graphs of its
    aggregator and its account. Checked are these copies, that nothing else stands in any of the graphs, and that all
    that the ontology entails is there: superclasses, super-properties, types of statuses and locations. --rebuild makes
    the copies anew from the truth, in which it changes only what follows from its other triples. After a change of the
    ontology, run it before the registry is started with the new one. The registry must not be running on the store.

    Exit code 0: all agree. 1: some don't. 2: the store can't be had.
    """
    with opened_store(settings) as store, caught_up(store, settings):
        profile, _ = model_in_force(store, settings)
        found = _Check(store, profile, most=most, validate=validate, heal=rebuild).run()
        if rebuild and found:
            click.echo("rebuilt; checking again")
            found = _Check(store, profile, most=most, validate=validate, heal=False).run()
    sys.exit(1 if found else 0)


class _Check:
    """One pass."""

    def __init__(self, store: GraphStore, profile: Profile, *, most: int, validate: bool, heal: bool) -> None:
        from registry.devices.enumeration import count_devices  # noqa: PLC0415
        from registry.devices.placement_audit import PlacementAudit  # noqa: PLC0415

        self._store = store
        self._profile = profile
        self._audit = PlacementAudit(store, profile)
        self._most = most
        self._heal = heal
        self._issues = _judge(profile) if validate else lambda _: []
        self._progress = Progress(sys.stderr, count_devices(store))
        self._found = 0

    def run(self) -> int:
        """Go through everything, print what is wrong, and return how much that is."""
        devices = 0
        for block in self._audit.blocks():
            devices += len(block.devices)
            for lines in chain(map(_lines, block.differences), self._issues(block)):
                self._print(lines)
            if self._heal:
                self._store.apply(self._audit.healing(block.differences))
            self._progress.show(devices, "checked")
        self._progress.clear()
        if self._found > self._most:
            click.echo(f"… and {self._found - self._most:,} more")
        result = f"{self._found:,} differences" if self._found else "all copies agree"
        click.echo(f"{devices:,} devices checked: {result}")
        return self._found

    def _print(self, lines: Iterator[str]) -> None:
        self._found += 1
        if self._found <= self._most:
            self._progress.clear()
            click.echo("\n".join(lines))


def _judge(profile: Profile) -> Callable[[Block], list[Iterator[str]]]:
    """Return what judges the devices of a block by the shapes."""
    from registry.devices.issues import issues_of  # noqa: PLC0415
    from registry.devices.validation import Validator  # noqa: PLC0415
    from registry.principal import Role  # noqa: PLC0415

    validator = Validator(profile)

    def issues(block: Block) -> list[Iterator[str]]:
        broken = validator.validate(block.devices)
        return [
            iter([f"{device}: {json.dumps(issues_of(profile, found, Role.SERVICE), ensure_ascii=False)}"])
            for device, found in broken.items()
        ]

    return issues


def _lines(difference: Difference) -> Iterator[str]:
    reason = f": {difference.reason}" if difference.reason else ""
    yield f"{difference.subject} in <{difference.graph}>{reason}"
    yield from (f"  missing {_text(triple)}" for triple in sorted(difference.missing, key=repr))
    yield from (f"  extra   {_text(triple)}" for triple in sorted(difference.extra, key=repr))


def _text(triple: Triple) -> str:
    from sparql.terms import to_sparql  # noqa: PLC0415

    return " ".join(to_sparql(term) for term in triple)
