"""Streams of a registry in a process of its own: many listeners, kills, slow readers, limits and the end."""

from __future__ import annotations

import http.client
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from event_parser import EventParser
from hearing import MARKS, fold
from sparql_stand import Server, add_devices, sparql_server, until
from stand import AGGREGATOR, ALICE, BOB, ENGINEER, PROSUMER, SERVICE, A, B, Caller, device
from stream_listener import StreamListener

from registry.principal import Role

BOB_AT_A = Caller(role=Role.PROSUMER, host=A, account=BOB)
AGGREGATOR_B = Caller(role=Role.AGGREGATOR, host=B)
CALLERS = [SERVICE, AGGREGATOR, AGGREGATOR_B, PROSUMER, BOB_AT_A, ENGINEER]
LISTENERS = 60
CHANGES = 300
WRITERS = 4
HOMES = [(A, ALICE), (A, BOB), (B, ALICE)]
SETTINGS = {"DER_EVENTS_HEARTBEAT": "1", "DER_EVENTS_LISTENERS_EACH": "100", "DER_EVENTS_LISTENERS": "101"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sparql_server(tmp_path_factory.mktemp("server"), SETTINGS) as made:
        yield made


def listen(server: Server, caller: Caller, since: str = "", **parameters: str) -> StreamListener:
    more = {"Last-Event-ID": since} if since else {}
    return StreamListener(server.url, server.headers(caller, **more), parameters).begin()


def patch(client: httpx.Client, server: Server, number: int, **changes: Any) -> None:
    path = f"/1/devices/{device(number)['device_id']}"
    headers = server.headers(SERVICE)
    tag = client.get(path, headers=headers).headers["ETag"]
    answer = client.patch(path, json=changes, headers={**headers, "If-Match": tag})
    assert answer.status_code == 200, answer.text


def listing(server: Server, caller: Caller) -> dict[str, dict[str, Any]]:
    answer = httpx.get(f"{server.url}/1/devices?max_results=300", headers=server.headers(caller), timeout=60)
    return {
        item["device_id"]: {name: value for name, value in item.items() if name not in MARKS}
        for item in answer.json()["_items"]
    }


def write(server: Server, numbers: list[int], steps: int) -> None:
    """Change devices of one's own, in turn, so that the order of each one's changes is known."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for step in range(steps):
            number = numbers[step % len(numbers)]
            home = HOMES[(number + step // len(numbers)) % len(HOMES)]
            patch(client, server, number, max_capacity=float(step), aggregator_id=home[0], account_id=home[1])


def test_everybody_hears_exactly_its_own_changes_in_order(server: Server) -> None:
    listeners = [(CALLERS[n % len(CALLERS)], listen(server, CALLERS[n % len(CALLERS)])) for n in range(LISTENERS)]
    numbers = range(1, 13)
    add_devices(server, SERVICE, [device(number) for number in numbers])
    with ThreadPoolExecutor() as pool:
        shares = [[number for number in numbers if number % WRITERS == part] for part in range(WRITERS)]
        for written in [pool.submit(write, server, share, CHANGES // WRITERS) for share in shares]:
            written.result()
    everything = dict(listeners)[SERVICE].has(len(numbers) + CHANGES)
    assert len(everything) == len(numbers) + CHANGES
    counted = {caller: _changes_in_view(server, caller) for caller in CALLERS}
    for caller, listener in listeners:
        heard = listener.has(counted[caller])
        assert len(heard) == counted[caller]
        assert fold(listener.parser) == listing(server, caller)
        ids = [int(event.id.split("-")[0]) for event in heard]
        assert ids == list(range(1, len(ids) + 1))
        times = [event.data["time"] for event in heard]
        assert all(times.count(time) == 1 for time in times)
        for number in numbers:
            capacities = [
                event.data["document"]["max_capacity"]
                for event in heard
                if event.data["device_id"] == device(number)["device_id"]
                and "max_capacity" in event.data.get("document", {})
            ]
            assert capacities == sorted(capacities)
        listener.stop()
    assert counted[ENGINEER] == 0
    assert len({tuple(each.parser.events) for _, each in listeners}) == len(CALLERS)


def _changes_in_view(server: Server, caller: Caller) -> int:
    """Return how many changes a view has, as one who comes now is told by the id of the place."""
    listener = listen(server, caller)
    listener.stop()
    return int(listener.parser.last_id.split("-")[0])


def test_after_a_kill_the_rest_comes_without_a_gap_and_nothing_twice(tmp_path: Path) -> None:
    since = dict.fromkeys(CALLERS, "")
    heard: dict[Caller, list[tuple[str, str]]] = {caller: [] for caller in CALLERS}
    with sparql_server(tmp_path, SETTINGS) as server:
        for caller in CALLERS:
            since[caller] = _place(server, caller)
        add_devices(server, SERVICE, [device(number) for number in range(1, 5)])
    for turn in range(3):
        with sparql_server(tmp_path, SETTINGS) as server, ThreadPoolExecutor() as pool:
            listeners = {caller: listen(server, caller, since[caller]) for caller in CALLERS}
            writing = [pool.submit(write, server, [number], 50) for number in range(1, 5)]
            listeners[SERVICE].has(40 + turn)
            server.process.send_signal(signal.SIGKILL)
            for each in writing:
                assert each.exception() is not None
            for caller, listener in listeners.items():
                listener.join(10)
                heard[caller] += [(event.id, event.text) for event in listener.parser.events]
                since[caller] = listener.parser.last_id
    with sparql_server(tmp_path, SETTINGS) as server:
        for caller in CALLERS:
            last = listen(server, caller, since[caller])
            whole = listen(server, caller, _beginning(since[caller]))
            expected = whole.has(_changes_in_view(server, caller))
            last.has(len(expected) - len(heard[caller]))
            heard[caller] += [(event.id, event.text) for event in last.parser.events]
            assert heard[caller] == [(event.id, event.text) for event in expected]
            assert fold(whole.parser) == listing(server, caller)
            last.stop()
            whole.stop()
    assert len(heard[SERVICE]) > 100


def _beginning(identifier: str) -> str:
    return "0-1-" + identifier.rpartition("-")[2]


def test_there_are_heartbeats_and_a_time_to_come_back(server: Server) -> None:
    listener = listen(server, ENGINEER)
    until(lambda: listener.parser.comments >= 2)
    assert listener.parser.retry == 3000
    assert listener.parser.events == []
    listener.stop()


def test_the_metrics_tell_how_many_listen(server: Server) -> None:
    def number() -> float:
        text = httpx.get(f"{server.url}/metrics", headers=server.headers(SERVICE)).text
        return float(text.partition("\nder_registry_event_listeners ")[2].partition("\n")[0])

    until(lambda: number() == 0)
    listeners = [listen(server, caller) for caller in (SERVICE, SERVICE, PROSUMER)]
    assert number() == 3
    for listener in listeners:
        listener.stop()
    until(lambda: number() == 0)


def test_heartbeats_come_where_others_cause_changes_all_the_time_and_name_the_place(server: Server) -> None:
    add_devices(server, SERVICE, [device(50)])
    listener = listen(server, SERVICE, where='{"availability":"nobody has this"}')
    before = listener.parser.last_id
    with httpx.Client(base_url=server.url) as client:
        for number in range(40):
            patch(client, server, 50, max_capacity=float(number))
            time.sleep(0.05)
    until(lambda: listener.parser.comments >= 2)
    assert listener.parser.events == []
    until(lambda: int(listener.parser.last_id.split("-")[0]) == int(before.split("-")[0]) + 40)
    listener.stop()


def test_a_stream_ends_with_its_token(server: Server) -> None:
    now = int(time.time())
    token = server._signer.token(SERVICE, exp=now - 28)  # the leeway is 30 s
    listener = StreamListener(server.url, {"Authorization": f"Bearer {token}"}).begin()
    listener.join(10)
    assert listener.ended
    assert [event.type for event in listener.parser.events] == ["expired"]


def test_a_client_that_reads_nothing_costs_little_and_hears_all_later(server: Server) -> None:
    large = {"external_ids": [f"{number:04}-{'x' * 240}" for number in range(250)]}  # some 60 kB
    add_devices(server, SERVICE, [device(60, **large)])
    since = _place(server, SERVICE)
    address = urlsplit(server.url)
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect((str(address.hostname), int(address.port or 0)))
    slow.sendall(
        f"GET /events HTTP/1.1\r\nHost: here\r\nLast-Event-ID: {since}\r\n"
        f"Authorization: Bearer {server.token(SERVICE)}\r\n\r\n".encode()
    )
    quick = listen(server, SERVICE, since)
    before = _memory(server)
    with httpx.Client(base_url=server.url) as client:
        for number in range(150):
            patch(client, server, 60, max_capacity=float(number))
    events = quick.has(150)
    assert sum(len(event.text) for event in events) > 8_000_000
    assert _memory(server) - before < 30_000_000
    slow.settimeout(30)
    parser = EventParser()
    with http.client.HTTPResponse(slow) as response:
        response.begin()
        while len(parser.events) < 150:
            parser.take(response.readline().decode().rstrip("\n"))
    assert parser.events == events
    slow.close()
    quick.stop()


def _place(server: Server, caller: Caller) -> str:
    listener = listen(server, caller)
    listener.stop()
    return listener.parser.last_id


def _memory(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) * 1024


def test_too_many_streams_are_refused_until_one_ends(server: Server) -> None:
    listeners = [listen(server, AGGREGATOR) for _ in range(100)]
    answer = httpx.get(f"{server.url}/events", headers=server.headers(AGGREGATOR))
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-requests")
    assert int(answer.headers["Retry-After"]) > 0
    one = listen(server, PROSUMER)
    assert httpx.get(f"{server.url}/events", headers=server.headers(PROSUMER)).status_code == 503
    one.stop()
    listeners[0].stop()

    def again() -> bool:
        with httpx.stream("GET", f"{server.url}/events", headers=server.headers(AGGREGATOR)) as opened:
            return opened.status_code == 200

    until(again)
    for listener in listeners[1:]:
        listener.stop()


def test_listeners_take_no_thread_from_requests(server: Server) -> None:
    listeners = [listen(server, SERVICE) for _ in range(50)]
    answers = [httpx.get(f"{server.url}/1/devices", headers=server.headers(SERVICE)) for _ in range(10)]
    assert [answer.status_code for answer in answers] == [200] * 10
    threads = len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))
    for listener in listeners:
        listener.stop()
    assert threads < 60


def test_other_origins_may_listen_as_configured(tmp_path: Path) -> None:
    with sparql_server(tmp_path, {"DER_SERVER_CORS_ORIGINS": "https://app.example"}) as server:
        asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
        preflight = httpx.options(
            f"{server.url}/events", headers={**asked, "Access-Control-Request-Headers": "authorization,last-event-id"}
        )
        assert "Last-Event-ID" in preflight.headers["access-control-allow-headers"]
        headers = server.headers(SERVICE, Origin="https://app.example")
        with httpx.stream("GET", f"{server.url}/events", headers=headers) as answer:
            assert answer.headers["access-control-allow-origin"] == "https://app.example"


def test_at_the_end_streams_end_at_once_also_of_clients_that_read_nothing(tmp_path: Path) -> None:
    with sparql_server(tmp_path, SETTINGS) as server:
        listeners = [listen(server, caller) for caller in CALLERS]
        add_devices(server, SERVICE, [device(1, external_ids=[f"{number}-{'x' * 240}" for number in range(60)])])
        stalled = socket.create_connection((str(urlsplit(server.url).hostname), int(urlsplit(server.url).port or 0)))
        stalled.sendall(
            f"GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token(SERVICE)}\r\n\r\n".encode()
        )
        begun = time.monotonic()
        server.process.terminate()
        assert server.process.wait(20) == 0
        assert time.monotonic() - begun < 10
        for listener in listeners:
            listener.join(10)
            assert listener.ended
        assert not [line for line in server.log() if line["level"] not in ("INFO", "WARNING")]
        stalled.close()
