"""`python -m bench`: runs the benches in order and prints their results.

A new bench is a module with a `BENCH`, and one more entry of `BENCHES`.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import click

from bench import contracts, discovery, durable, events, imports, item, listing, mixed, pages, patch
from bench.connection import BenchError
from bench.report import document, markdown
from bench.result import Bench, Result
from bench.stand import Options, Stand
from bench.turns import Limits

BENCHES: tuple[Bench, ...] = (
    imports.BENCH,
    item.BENCH,
    listing.BENCH,
    discovery.BENCH,
    pages.BENCH,
    patch.BENCH,
    durable.BENCH,
    contracts.BENCH,
    mixed.BENCH,
    events.BENCH,
)
"""All benches in the order in which they run: those that change data come last."""

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--devices", default=100_000, show_default=True, type=click.IntRange(1), help="How many devices.")
@click.option("--aggregators", default=10, show_default=True, type=click.IntRange(1, 999), help="Who hold them.")
@click.option("--seed", default=1, show_default=True, type=int, help="Of the generated devices and the requests.")
@click.option("--requests", default=2000, show_default=True, type=click.IntRange(1), help="At most, for each row.")
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(1), help="At most, for each row.")
@click.option(
    "--store",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A data folder that has them already.",
)
@click.option("--only", multiple=True, type=click.Choice([bench.name for bench in BENCHES]), help="Run no other.")
@click.option(
    "--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write the results to a file, too."
)
def main(  # noqa: PLR0913, PLR0917 - one for each option of the command line
    devices: int,
    aggregators: int,
    seed: int,
    requests: int,
    seconds: float,
    store: Path | None,
    only: tuple[str, ...],
    path: Path | None,
) -> None:
    """Measure the registry over HTTP, in turn with a bare Flask view under the same server."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = Options(devices, aggregators, seed, Limits(requests, seconds), store)
    results: list[Result] = []
    code = 0
    try:
        run(options, [bench for bench in BENCHES if bench.name in (only or {bench.name})], results)
    except KeyboardInterrupt:
        say("interrupted")
        code = 130
    except BenchError as error:
        say(str(error))
        code = 1
    if results:
        click.echo(markdown(results, options))
        if path:
            path.write_text(json.dumps(document(results, options), indent=2, default=str) + "\n", encoding="utf-8")
    sys.exit(code)


def run(options: Options, benches: list[Bench], results: list[Result]) -> None:
    """Run the benches and add each result as soon as it is there, so that an interrupt loses none."""
    with Stand(options, say) as stand:
        for bench in benches:
            say(f"{bench.name}: {bench.about}")
            for result in bench.measure(stand):
                say(f"  {result.name}: {result.subject.rate:,.0f} {result.unit}/s {result.note}".rstrip())
                results.append(result)


def say(message: str) -> None:
    """Show progress on standard error."""
    click.echo(message, err=True)


if __name__ == "__main__":
    main()
