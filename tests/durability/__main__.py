"""`python -m tests.durability`: kills a registry at every point of its way to the disk, and at random moments.

It ends with what was found; the first acknowledged change that is missing, there twice or half there ends it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from campaign import Campaign  # noqa: E402
from disk import Disk, built  # noqa: E402
from points import POINTS, matters_to_a_disk  # noqa: E402

ANEW = 40
"""Kills after which a campaign goes on with a new data folder."""
PUBLISHING = 8
"""Of so many random kills, one falls into publishing."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.durability", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="at random moments")
    parser.add_argument("--points", action="store_true", help="strike at every point as well")
    parser.add_argument("--only", action="append", default=[], metavar="POINT", help="strike there, by its name")
    parser.add_argument("--power", action="store_true", help="with each kill, lose what was not synced")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    if options.power and "POWER_ROOT" in os.environ:  # so this is the process that writes to the disk
        disk = Disk.of(os.environ)
        return run(options, Campaign(disk.root, options.seed, disk))
    with tempfile.TemporaryDirectory(prefix="durability-") as name:
        folder = Path(name)
        (folder / "disk").mkdir()
        if not options.power:
            return run(options, Campaign(folder / "disk", options.seed))
        environment = {**os.environ, **Disk(folder / "disk", folder).environment(built(folder))}
        command = [sys.executable, "-m", "tests.durability", *arguments]
        return subprocess.run(command, env=environment, check=False).returncode


def run(options: argparse.Namespace, campaign: Campaign) -> int:
    """Strike and kill, and say what was found."""
    begun, struck = time.monotonic(), 0
    for point in POINTS:
        matters = options.points and (matters_to_a_disk(point) or not options.power)
        if not matters and str(point) not in options.only:
            continue
        campaign.strike(point)
        struck += 1
        print(f"survived {point}", flush=True)
    for number in range(1, options.kills + 1):
        campaign.kill_sometime(publishing=number % PUBLISHING == 0)
        if number % ANEW == 0:
            campaign.end()
            campaign.begin_anew()
            print(f"{number:,} random kills, {campaign.ledger.acknowledged:,} acknowledged changes", flush=True)
    campaign.end()
    ledger = campaign.ledger
    print(
        f"{campaign.kills:,} kills, {struck:,} of them at points, in {time.monotonic() - begun:,.0f} s: "
        f"{ledger.acknowledged:,} acknowledged changes, all there, once; of those under way "
        f"{ledger.settled[0]:,} had happened and {ledger.settled[1]:,} had not"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
