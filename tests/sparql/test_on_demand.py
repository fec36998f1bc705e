"""An engine that is started when it is first needed, once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.on_demand import EngineOnDemand
from sparql.query_engine import EngineUnavailable, Limits, Query, QueryEngine, ResultKind
from sparql.sandbox import Sandbox, SandboxSettings

LIMITS = Limits(seconds=20.0, rows=10, size=10_000)
QUERY = Query(text="ASK {}", dataset=DatasetDescription(), media_types={ResultKind.BOOLEAN: "text/csv"})


class Starter:
    """Starts sandboxes, failing first as often as told."""

    def __init__(self, folder: Path, failures: int = 0) -> None:
        self.folder, self.failures, self.started = folder, failures, 0

    def __call__(self) -> QueryEngine:
        self.started += 1
        if self.started <= self.failures:
            raise EngineUnavailable("not yet")
        store = EmbeddedStore(self.folder / "store")
        return Sandbox(store, self.folder / "sandbox", SandboxSettings(workers=1))


def run(engine: QueryEngine, number: int = 0) -> bytes | None:
    return engine.run(QUERY, LIMITS, id=str(number), owner="me", most_running=9).content


def test_nothing_is_started_before_it_is_needed(tmp_path: Path) -> None:
    start = Starter(tmp_path)
    engine = EngineOnDemand(start)
    assert (list(engine.running("me")), engine.cancel("me", "0")) == ([], False)
    engine.close()
    assert (start.started, list(tmp_path.iterdir())) == (0, [])


def test_it_is_started_once_whoever_asks_first(tmp_path: Path) -> None:
    start = Starter(tmp_path)
    engine = EngineOnDemand(start)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda number: run(engine, number), range(4))) == [b"true"] * 4
    assert (start.started, list(engine.running("me")), engine.cancel("me", "0")) == (1, [], False)
    engine.close()
    assert not (tmp_path / "sandbox").exists()


def test_a_start_that_fails_is_tried_again(tmp_path: Path) -> None:
    start = Starter(tmp_path, failures=1)
    engine = EngineOnDemand(start)
    with pytest.raises(EngineUnavailable, match="not yet"):
        engine.start()
    assert run(engine) == b"true"
    engine.close()


@pytest.mark.parametrize(
    "before", [lambda engine: None, lambda engine: engine.start()], ids=["never started", "started"]
)
def test_a_closed_engine_is_not_started_again(tmp_path: Path, before: Callable[[EngineOnDemand], object]) -> None:
    engine = EngineOnDemand(Starter(tmp_path))
    before(engine)
    engine.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        run(engine)
