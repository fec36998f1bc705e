"""However many clients agree at once, and whenever the registry is killed, no power of a device is held twice."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from agree_and_die import PLACES
from agreements import asset, contract, name, put
from hypothesis import given, settings
from hypothesis import strategies as st
from stand import AGGREGATOR, Stand, running_stand

from registry.contracts.commitments import Commitment, Commitments
from registry.contracts.contract import Asset, device_of
from registry.contracts.free_power import capacity
from registry.contracts.shares import shared
from registry.journal import Resource

CLIENTS, DEVICES, POWER = 32, 6, Decimal(10)
DAY = datetime(2026, 12, 1, tzinfo=UTC)
SCRIPT = Path(__file__).with_name("agree_and_die.py")


def most_held(commitments: list[Commitment]) -> Decimal:
    """Return the most power that is held at any instant, found as one would by hand."""
    edges = sorted({edge for each in commitments for edge in (each.begin, each.end)})
    sums = [sum(each.power for each in commitments if each.begin <= begin < each.end) for begin, _ in pairwise(edges)]
    return max((Decimal(each) for each in sums), default=Decimal(0))


def client(stand: Stand, number: int) -> Counter[int]:
    """Agree, change and end contracts at random; return how often which status came."""
    chance = random.Random(number)
    outcomes: Counter[int] = Counter()
    etags: dict[str, str] = {}
    for turn in range(8):
        hour = chance.randrange(20)
        body = contract(
            f"c-{number}-{chance.randrange(3)}",
            start=(DAY + timedelta(hours=hour)).isoformat(),
            end=(DAY + timedelta(hours=hour + chance.randint(1, 4))).isoformat(),
            maximum_power=chance.randint(1, 12),
            assets=[name(device) for device in chance.sample(range(DEVICES), chance.randint(1, 3))],
        )
        identity = body["contract_id"]
        if identity in etags and turn % 3 == 2:
            headers = {"If-Match": etags.pop(identity)}
            answer = stand.call("DELETE", f"/1/contracts/{identity}", AGGREGATOR, headers=headers)
        else:
            answer = put(stand, body, etag=etags.get(identity))
            if answer.status_code in {200, 201}:
                etags[identity] = answer.headers["ETag"]
        outcomes[answer.status_code] += 1
    return outcomes


def test_many_clients_at_once_hold_no_power_twice(tmp_path: Path) -> None:
    with running_stand(tmp_path) as stand:
        stand.add(*(asset(number, max_capacity=float(POWER)) for number in range(DEVICES)))
        with ThreadPoolExecutor(CLIENTS) as pool:
            outcomes = sum(pool.map(lambda number: client(stand, number), range(CLIENTS)), Counter[int]())
        assert outcomes[201] > 20
        assert outcomes[409] > 20
        assert set(outcomes) <= {200, 201, 409, 422, 428}
        commitments = stand.components.contracts.commitments
        again = Commitments.of(stand.components.recorder.journal)
        for number in range(DEVICES):
            held = list(commitments.held(device_of(name(number))))
            assert most_held(held) <= POWER
            key = [(each.contract.iri, each.begin, each.end, each.power) for each in held]
            found = again.held(device_of(name(number)))
            assert sorted(key) == sorted((each.contract.iri, each.begin, each.end, each.power) for each in found)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("prepared")
    subprocess.run([sys.executable, str(SCRIPT), str(data), "prepare"], check=True)
    return data


@pytest.mark.parametrize("point", PLACES)
def test_killed_while_it_records_the_registry_holds_all_of_it_or_nothing(
    prepared: Path, tmp_path: Path, point: str
) -> None:
    data = Path(shutil.copytree(prepared, tmp_path / "data"))
    assert subprocess.run([sys.executable, str(SCRIPT), str(data), point], check=False).returncode == -9
    recorded = point != "journal"
    with running_stand(data) as stand:
        assert len(stand.components.recorder.journal.latest_of(Resource.CONTRACT)) == recorded
        shares = [quad for quad in stand.dump() if quad.predicate.endswith("#committedPower")]
        assert len(shares) == 3 * recorded  # in the graphs of services, of the aggregator and of the account
        assert put(stand, contract("c-2", maximum_power=1)).status_code == (409 if recorded else 201)


moments = st.integers(0, 12).map(lambda hour: DAY + timedelta(hours=hour))
powers = st.integers(1, 8_000).map(lambda number: Decimal(number) / 1000)
spans = st.tuples(moments, moments).filter(lambda each: each[0] < each[1])


class Held:
    """What something holds."""

    def __init__(self, span: tuple[datetime, datetime], power: Decimal) -> None:
        self.begin, self.end, self.power = *span, power


@given(usual=powers, held=st.lists(st.builds(Held, spans, powers), max_size=6), span=spans)
@settings(max_examples=150, deadline=None)
def test_free_power_is_what_is_left_at_every_minute(
    usual: Decimal, held: list[Held], span: tuple[datetime, datetime]
) -> None:
    found = capacity(None, usual, held, *span)
    hours = int((span[1] - span[0]) / timedelta(hours=1))
    instants = [span[0] + timedelta(hours=hour, minutes=30) for hour in range(hours)]
    taken = [sum((each.power for each in held if each.begin <= at < each.end), Decimal(0)) for at in instants]
    assert found.free == max(Decimal(0), usual - max(taken))
    assert found.power == usual
    assert bool(found.conflicts(usual)) == any(taken)


@given(
    free=st.lists(powers, min_size=1, max_size=9),
    asked=st.lists(st.none() | powers, min_size=9, max_size=9),
    part=st.fractions(0, 1),
)
@settings(max_examples=200, deadline=None)
def test_shares_add_up_to_the_maximum_and_none_exceeds_what_is_free(
    free: list[Decimal], asked: list[Decimal | None], part: object
) -> None:
    wanted = [None if each is None else min(each, limit) for each, limit in zip(asked, free, strict=False)]
    assets = [Asset(device_of(name(number)), each) for number, each in enumerate(wanted)]
    given_powers = sum((each for each in wanted if each is not None), Decimal(0))
    rest = sum((limit for each, limit in zip(wanted, free, strict=True) if each is None), Decimal(0))
    maximum = given_powers + (rest * Decimal(str(float(part)))).quantize(Decimal("0.000000001"))  # type: ignore[arg-type]
    found = shared(maximum, assets, free)
    assert sum((each.power or Decimal(0) for each in found), Decimal(0)) == maximum
    assert all(Decimal(0) <= (each.power or 0) <= limit for each, limit in zip(found, free, strict=True))
