"""A bare Flask view under the registry's own server: what an answer over HTTP costs before anything is done for it.

`GET /bytes/<n>` answers n bytes; PATCH and POST read a JSON body first. No token, no log, no data.
Run as `python -m bench.yardstick PORT`.
"""

from __future__ import annotations

import sys
from functools import cache

from flask import Flask, Response, request

from registry.http.serving import serve


@cache
def filler(size: int) -> bytes:
    """Give a JSON string of the size."""
    return b'"' + b"x" * max(0, size - 2) + b'"'


def create_app() -> Flask:
    """Build the application."""
    app = Flask(__name__)

    @app.get("/health/live")
    def live() -> str:
        return "live"

    @app.route("/bytes/<int:size>", methods=["GET", "PATCH", "POST"])
    def answer(size: int) -> Response:
        if request.method != "GET":
            request.get_json()
        return Response(filler(size), mimetype="application/json")

    return app


def main(port: int) -> None:
    """Serve the view on loopback until SIGTERM."""
    serve(
        create_app(),
        host="127.0.0.1",
        port=port,
        on_ready=lambda: print(f"ready: http://127.0.0.1:{port}", flush=True),
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
