"""Two registries that differ in what is hidden from a caller alone give the caller the same answers about contracts.

What is hidden: another aggregator's devices, contracts and commitments, and for a prosumer those of other households.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "non_interference"))

from agreements import END, START, asset, contract, name, put
from comparable_answers import REQUEST_HEADERS, comparable, whole_text
from stand import AGGREGATOR, BOB, ENGINEER, PROSUMER, A, B, Caller, Stand, running_stand

from registry.principal import Role

OTHER = Caller(role=Role.AGGREGATOR, host=B)
TIME = "2099-01-01T00:00:00Z"  # so that no device becomes stale, by more or less than in the other world
QUERIES = (
    "SELECT * WHERE { ?s ?p ?o . ?s a flex:Contract }",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s flex:committedPower ?p }",
    "SELECT * WHERE { GRAPH ?g { ?s flex:asset ?device } }",
    "SELECT * WHERE { ?s flex:contractAsset/flex:asset ?device . ?device flex:deviceName ?name }",
    "ASK { ?s flex:contractId 'secret' }",
    f"DESCRIBE <https://w3id.org/flexcoop/agreement/contract/{B}/secret>",
)


def same(stand: Stand) -> None:
    """Put what the caller sees into a registry."""
    stand.add(asset(1, last_seen=TIME), asset(2, last_seen=TIME), asset(3, last_seen=TIME, account_id=BOB))


def hidden(stand: Stand) -> None:
    """Put another aggregator's devices and contracts in, also of a device that was this one's, and those of Bob."""
    stand.add(*(asset(number, aggregator_id=B, account_id=BOB) for number in range(10, 14)))
    for identity, numbers in (("secret", (10, 11)), ("c-1", (12,)), ("c-2", (13,))):
        body = contract(identity, aggregator_id=B, account_id=BOB, assets=[name(number) for number in numbers])
        assert put(stand, body, OTHER).status_code == 201


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stand, Stand]]:
    """Return a registry without what is hidden and one with it; both tell the same time to devices."""
    with ExitStack() as stack:
        one, other = (stack.enter_context(running_stand(tmp_path_factory.mktemp("world"))) for _ in range(2))
        hidden(other)
        for each in (one, other):
            same(each)
        yield one, other


def requests() -> list[tuple[str, str, object]]:
    """Return what is asked: judging, recording, reading, searching, in all media types."""
    found: list[tuple[str, str, object]] = []
    for identity, device in product(("c-1", "secret"), (1, 3, 10, 12, 99)):
        body = contract(identity, assets=[name(device)])
        found.append(("POST", "/1/contracts/validate", body))
        found.append(("POST", "/1/contracts/validate", {**body, "aggregator_id": B, "account_id": BOB}))
        found.append(("GET", f"/1/devices/{name(device)}/commitments", None))
    for identity in ("secret", "c-1", "none"):
        found.append(("GET", f"/1/contracts/{identity}", None))
        found.append(("GET", f"/1/contracts/{identity}?aggregator_id={quote(B)}", None))
        found.append(("DELETE", f"/1/contracts/{identity}?aggregator_id={quote(B)}", None))
        found.append(("PUT", f"/1/contracts/{identity}", contract(identity, aggregator_id=B, account_id=BOB)))
        found.append(("PUT", f"/1/contracts/{identity}", contract(identity, assets=[name(10), name(99)])))
    found.append(("GET", "/1/contracts", None))
    found += [("GET", f"/1/contracts?device_id={name(number)}", None) for number in (1, 10)]
    for least in ("0", "1", "4"):
        free = urlencode({"free_from": START, "free_to": END, "min_kw": least, "projection": '{"device_id": 1}'})
        found.append(("GET", f"/1/devices?{free}", None))
    found += [("GET", "/sparql?" + urlencode({"query": query}), None) for query in QUERIES]
    return found


REQUESTS = requests()
ACCEPTED = ("application/json", "application/problem+json", "text/turtle;q=0.9, application/sparql-results+json")
VARYING = ("_created", "_updated", "_etag", "ETag", "Last-Modified")


def answers(stand: Stand, caller: Caller, accept: str) -> list[tuple[int, tuple[str, ...], str]]:
    """Return all answers without what the moment of a record says, and refuse those that name what is hidden."""
    found = []
    for method, path, body in REQUESTS:
        headers = {**REQUEST_HEADERS, "Accept": accept, "If-Match": '"0"'}
        if method == "PUT":
            del headers["If-Match"]
        asked = {"json": body} if body is not None else {}
        answer = stand.call(method, path, caller, headers=headers, **asked)
        assert answer.status_code < 500, (method, path)
        seen = comparable(answer, ordered=True)
        names = tuple(name for name, _ in seen.headers)
        text = "\n".join(seen.body)
        if method == "GET" and path.startswith("/1/devices?"):
            document = answer.json if answer.mimetype == "application/json" else None
            text = str([each["device_id"] for each in document["_items"]] if document else "")
        found.append((seen.status, names, text))
        if method != "PUT" or answer.status_code != 201:
            assert "secret (" not in whole_text(answer)
    return found


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize("caller", [AGGREGATOR, PROSUMER, ENGINEER], ids=lambda caller: caller.role.value)
def test_answers_about_contracts_tell_nothing_of_what_is_hidden(
    worlds: tuple[Stand, Stand], caller: Caller, accept: str
) -> None:
    one, other = (answers(stand, caller, accept) for stand in worlds)
    for request, without, with_hidden in zip(REQUESTS, one, other, strict=True):
        assert without == with_hidden, request


def test_the_worlds_do_differ(worlds: tuple[Stand, Stand]) -> None:
    totals = [(stand.get("/1/contracts").json or {})["_meta"]["total"] for stand in worlds]
    assert totals == [0, 3]
    assert answers(worlds[0], OTHER, ACCEPTED[0]) != answers(worlds[1], OTHER, ACCEPTED[0])


def test_an_aggregator_records_beside_another_as_if_it_were_alone(worlds: tuple[Stand, Stand]) -> None:
    found = []
    for stand in worlds:
        statuses = []
        for identity, number in (("c-1", 1), ("secret", 2), ("c-2", 1)):
            account = {"account_id": asset(number)["account_id"]}
            stand.patch(name(number), {"last_seen": asset()["last_seen"]})
            answer = put(stand, contract(identity, assets=[name(number)], maximum_power=2, **account))
            statuses.append((answer.status_code, (answer.json or {}).get("assets")))
        listed = (stand.get("/1/contracts", AGGREGATOR).json or {})["_items"]
        found.append((statuses, [(each["contract_id"], each["aggregator_id"]) for each in listed]))
    assert found[0] == found[1]
    assert found[0][1] == [("secret", A), ("c-2", A), ("c-1", A)]
