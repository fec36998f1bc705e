"""The index of points: each view's own, never behind, bounded, and none where the store can't tell what changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from indexed_scene import FIELDS, ForgetfulStore, Scene, at, ids, near
from stand import ALICE, BOB, LOADER, A, B, device

from registry.access import DEVICES, account_graph, aggregator_graph
from registry.devices import point_index
from registry.devices.documents import device_iri
from registry.devices.point_index import PointIndex
from registry.devices.recent import Recent
from registry.geo.shapes import Disc
from sparql.graph_store import ChangeSet
from sparql.terms import Iri, Literal, Quad

LOCATION = FIELDS["location"]
EVERYWHERE = Disc((0.0, 0.0), 3e7)


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.store.close()


def test_what_did_not_move_is_not_read_again(scene: Scene) -> None:
    scene.add(*(device(number, location=at(2.0, 41 + number / 1e4)) for number in range(1, 6)))
    reads = []
    for changes in ({}, {"max_capacity": 3}, {"location": at(2, 41)}):
        scene.change(1, **changes)
        before = scene.store.points
        scene.indexed.page(LOADER, near(2.0, 41.0, 30.0 + before))
        reads.append(scene.store.points - before)
    assert reads == [5, 0, 1]


def index_of(scene: Scene, **bounds: int) -> PointIndex:
    return PointIndex(scene.store, Recent(scene.store), **{"fewest": 0, **bounds})


def sizes(index: PointIndex, *graphs: Iri) -> list[int | None]:
    return [index.ask(graph, LOCATION, lambda grid: grid.count(EVERYWHERE)) for graph in graphs]


def test_an_index_holds_what_its_graph_holds_and_nothing_else(scene: Scene) -> None:
    scene.add(
        device(1, location=at(2.0, 41.0)),
        device(2, location=at(2.0, 41.0), account_id=BOB),
        device(3, location=at(2.0, 41.0), account_id=BOB, aggregator_id=B),
    )
    index = index_of(scene)
    graphs = (DEVICES, aggregator_graph(A), aggregator_graph(B), account_graph(A, ALICE), account_graph(B, ALICE))
    assert sizes(index, *graphs) == [3, 2, 1, 1, 0]
    scene.delete(3)
    scene.change(2, account_id=ALICE)
    assert sizes(index, *graphs) == [2, 2, 0, 2, 0]


def test_small_and_too_large_views_have_no_index(scene: Scene) -> None:
    scene.add(device(1, location=at(2.0, 41.0)), device(2, location=at(2.0, 41.0), aggregator_id=B))
    assert sizes(index_of(scene, fewest=2), DEVICES, aggregator_graph(A)) == [2, None]
    assert sizes(index_of(scene, most=1), DEVICES, aggregator_graph(A)) == [None, 1]


def test_the_views_asked_about_last_are_kept(scene: Scene) -> None:
    scene.add(*(device(number, location=at(2.0, 41.0), aggregator_id=(A, B)[number % 2]) for number in range(4)))
    index = index_of(scene, most=6)
    one, other = aggregator_graph(A), aggregator_graph(B)

    def reads(graph: Iri) -> int:
        before = scene.store.points
        assert sizes(index, graph) != [None]
        return scene.store.points - before

    assert [reads(graph) for graph in (DEVICES, one, DEVICES, other, DEVICES, one)] == [4, 2, 0, 2, 0, 2]


def test_a_store_that_can_not_tell_what_changed_has_no_index() -> None:
    scene = Scene(ForgetfulStore())
    scene.add(device(1, location=at(2.0, 41.0)))
    assert ids(scene.same(near(2.0, 41.0, 5.0))[0]) == "1"
    assert scene.store.points == 0


def test_while_a_load_goes_on_the_engine_answers(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(point_index, "_PAUSE", 1e9)
    scene.add(device(1, location=at(2.0, 41.0)))
    index = index_of(scene)
    assert sizes(index, DEVICES) == [1]
    scene.store.load([])
    assert sizes(index, DEVICES) == [None]
    monkeypatch.setattr(point_index, "_PAUSE", 0)
    assert sizes(index_of(scene), DEVICES) == [1]


def test_while_the_index_is_in_use_the_engine_answers(scene: Scene) -> None:
    scene.add(device(1, location=at(2.0, 41.0)))
    index = index_of(scene)
    asked = index.ask(DEVICES, LOCATION, lambda _: in_another_thread(lambda: sizes(index, DEVICES)))
    assert asked == [None]


def in_another_thread(work: Callable[[], list[int | None]]) -> list[int | None]:
    found: list[int | None] = []
    thread = threading.Thread(target=lambda: found.extend(work()))
    thread.start()
    thread.join()
    return found


def test_a_value_that_is_no_point_is_nowhere(scene: Scene) -> None:
    scene.add(device(1, location=at(2.0, 41.0)))
    iri = device_iri(device(2)["device_id"])
    assert iri is not None
    node = Iri(f"{iri}#location")
    link, predicate = LOCATION.path
    scene.store.apply(
        ChangeSet(added=[Quad(iri, link, node, DEVICES), Quad(node, predicate, Literal("somewhere"), DEVICES)])
    )
    assert sizes(index_of(scene), DEVICES) == [1]


def test_readers_see_every_acknowledged_move_while_others_write(scene: Scene) -> None:
    """What was at a place when it was asked about, and stays there, is found by all; no index falls behind."""
    scene.add(*(device(number, location=at(2.0, 41.0)) for number in range(1, 7)))
    failures: list[str] = []

    def move(own: Sequence[int]) -> None:
        for step in range(12):
            for number in own:
                east = 2.0 + step * 0.1 + number * 0.01
                scene.change(number, location=at(east, 41.0))
                page = scene.indexed.page(LOADER, near(east, 41.0, 10.0))
                if ids(page) != str(number) or page.total != 1:
                    failures.append(f"{number} at {east}: {ids(page)}, {page.total}")

    threads = [threading.Thread(target=move, args=(own,)) for own in ((1, 2), (3, 4), (5, 6))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    scene.same(near(2.0, 41.0, 1e6))
