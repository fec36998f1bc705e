"""Other SPARQL servers, measured beside the registry where they are installed. The registry needs none of them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

FOLDER = Path(sys.prefix) / "peers"
"""A virtual environment of their own, so that their dependencies don't meet the registry's."""
HOW = (
    "python3 -m venv .venv/peers && .venv/peers/bin/python -m pip install -r bench/peers/requirements.txt "
    "(or have them on PATH)"
)


def executable(name: str) -> str | None:
    """Find a peer's command in its environment, else on PATH; None where it is not installed."""
    return shutil.which(name, path=os.pathsep.join([str(FOLDER / "bin"), os.environ.get("PATH", os.defpath)]))
