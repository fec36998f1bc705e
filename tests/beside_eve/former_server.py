"""The former registry as a server of its own, for the commands of the guide: `former_server.py PORT TOKEN EXPORT`.

It begins with 400 devices, writes them to EXPORT as mongoexport does, and says "ready" when it is about to listen.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bson.json_util import RELAXED_JSON_OPTIONS, dumps
from devices import devices
from former_registry import FormerRegistry

HOW_MANY = 400


def main(port: int, token: str, export: Path) -> None:
    registry = FormerRegistry()
    registry.accept(token)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    added = registry.call("POST", "/1/devices", data=json.dumps(devices(HOW_MANY)), headers=headers)
    assert added.status_code == 201, added.text
    lines = (dumps(document, json_options=RELAXED_JSON_OPTIONS) for document in registry.documents())
    export.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print("ready", flush=True)
    registry.serve(port)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
