"""Webhooks of a registry in a process of its own that is killed while it delivers."""

from __future__ import annotations

from pathlib import Path

import httpx
from receiver import TAKEN, receiving
from sparql_stand import add_devices, sparql_server
from stand import SERVICE, device


def test_after_a_kill_everything_comes_in_order_and_at_least_once(tmp_path: Path) -> None:
    with receiving() as receiver:
        settings = {"DER_WEBHOOKS_ALLOWED_ORIGINS": receiver.origin}
        with sparql_server(tmp_path, settings) as server:
            made = httpx.post(
                f"{server.url}/1/webhooks", json={"url": receiver.url}, headers=server.headers(SERVICE)
            ).json()
            receiver.secret = made["secret"]
            add_devices(server, SERVICE, [device(number) for number in range(1, 31)])
            receiver.got(5)
            server.process.kill()
        receiver.answer = lambda _: TAKEN
        with sparql_server(tmp_path, settings) as server:
            add_devices(server, SERVICE, [device(31)])
            receiver.got(31)
            while len({identifier for identifier, _ in receiver.taken}) < 31:
                receiver.got(len(receiver.taken) + 1)
        once = dict(receiver.taken)
        numbers = [int(payload["data"]["device_id"][-2:], 16) for payload in once.values()]
        assert numbers == list(range(1, 32))
        assert receiver.unsigned == []
