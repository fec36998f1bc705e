"""Many writers on one device: If-Match lets none overwrite what it hasn't read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from stand import AGGREGATOR, Caller, Stand, device

ID = device()["device_id"]
THREADS, TIMES = 8, 5


def count_up(stand: Stand, caller: Caller) -> int:
    """Add one to the number in vpp_id, reading again for as long as others are faster; return the failed attempts."""
    for failed in range(10_000):
        item = stand.get(f"/1/devices/{ID}", caller).json
        assert item is not None
        answer = stand.patch(ID, {"vpp_id": str(int(item["vpp_id"]) + 1)}, caller, etag=f'"{item["_etag"]}"')
        if answer.status_code == 200:
            return failed
        assert answer.status_code == 412
    raise AssertionError("no attempt succeeded")


def test_no_update_is_lost(stand: Stand) -> None:
    stand.add(device(vpp_id="0"))
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: count_up(stand, AGGREGATOR), range(THREADS * TIMES)))
    item = stand.get(f"/1/devices/{ID}").json
    assert item is not None
    assert item["vpp_id"] == str(THREADS * TIMES)


def test_of_many_that_read_the_same_one_wins(stand: Stand) -> None:
    stand.add(device())
    etag = stand.etag(ID)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(
            pool.map(lambda number: stand.patch(ID, {"vpp_id": str(number)}, etag=etag).status_code, range(16))
        )
    assert sorted(found) == [200, *[412] * 15]


@pytest.mark.parametrize(("method", "path"), [("POST", "/1/devices"), ("PUT", f"/1/devices/{ID}")])
def test_of_many_that_create_the_same_one_wins(stand: Stand, method: str, path: str) -> None:
    def create(number: int) -> int:
        return stand.call(method, path, json=device(device_name=str(number))).status_code

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(create, range(16)))
    assert found.count(201) == 1
    assert set(found) <= {201, 422, 428}
    assert len({quad.object for quad in stand.dump() if quad.predicate.endswith("deviceName")}) == 1


def test_readers_see_whole_changes(stand: Stand) -> None:
    stand.add(device(vpp_id="0", cluster_id="0"))

    def write(_: int) -> None:
        for number in range(10):
            stand.patch(ID, {"vpp_id": str(number), "cluster_id": str(number)})

    def read(_: int) -> bool:
        items = [stand.get(f"/1/devices/{ID}").json or {} for _ in range(20)]
        return all(item["vpp_id"] == item["cluster_id"] for item in items)

    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(write, 0)
        assert all(pool.map(read, range(3)))
        writing.result()
