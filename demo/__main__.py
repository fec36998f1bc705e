"""`python -m demo`: serves the demo's OpenID provider until SIGTERM, or until the process that started it is gone."""

from __future__ import annotations

import ipaddress
import sys

import click

from demo.provider.app import create_app
from demo.provider.parent import end_with_parent
from registry.http.serving import ListenError, serve


def _loopback(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        if ipaddress.ip_address(value).is_loopback:
            return value
    except ValueError:
        pass
    raise click.BadParameter(
        f"{value!r} is no loopback address. The demo gives tokens to everybody who asks, "
        "so it serves this machine only: use 127.0.0.1."
    )


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="Where to listen.")
@click.option("--registry", help="URL of the registry.  [default: http://127.0.0.1 on the port before]")
@click.option("--host", default="127.0.0.1", callback=_loopback, show_default=True, help="A loopback address.")
@click.option("--parent", type=int, metavar="PID", help="End when this parent process is gone.")
def main(port: int, registry: str | None, host: str, parent: int | None) -> None:
    """Serve the demo's OpenID provider on a loopback address."""
    if parent is not None:
        end_with_parent(parent)
    app = create_app(port=port, registry=registry or f"http://127.0.0.1:{port - 1}", host=host)
    try:
        serve(app, host=host, port=port, on_ready=lambda: click.echo(f"demo provider: http://{host}:{port}", err=True))
    except ListenError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    sys.exit(main(prog_name="python -m demo"))
