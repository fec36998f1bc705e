"""Journal first, then the store: together under load, and neither without the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from recorders import recorder_of

from registry.errors import InsufficientStorage, ServiceUnavailable
from registry.journal import Author, Entry, Kind, Recorder
from registry.journal.position import read_position
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet, Row, StoreError
from sparql.nquads import to_nquads
from sparql.terms import Iri, Literal, Quad

GRAPH = Iri("urn:graph")


class FaultyStore(EmbeddedStore):
    """A store that can be told to fail before or after a change, or when it is read, and counts its transactions."""

    fails: str | Exception | None = None
    fails_afterwards: Exception | None = None
    fails_to_read: Exception | None = None
    fails_to_flush: Exception | None = None
    transactions = 0

    def apply(self, change: ChangeSet) -> None:
        self.transactions += 1
        if self.fails:
            raise self.fails if isinstance(self.fails, Exception) else StoreError(self.fails)
        super().apply(change)
        if self.fails_afterwards:
            raise self.fails_afterwards

    def update(self, text: str) -> None:
        super().update(text)
        if self.fails_afterwards:
            raise self.fails_afterwards

    def select(self, query: str, dataset: DatasetDescription) -> Sequence[Row]:
        if self.fails_to_read:
            raise self.fails_to_read
        return super().select(query, dataset)

    def flush(self) -> None:
        if self.fails_to_flush:
            raise self.fails_to_flush
        super().flush()


@pytest.fixture
def store() -> Iterator[FaultyStore]:
    store = FaultyStore()
    yield store
    store.close()


@pytest.fixture
def recorder(store: FaultyStore, tmp_path: Path) -> Iterator[Recorder]:
    recorder = recorder_of(store, tmp_path)
    yield recorder
    recorder.journal.close()


def entry(number: int, **other: str) -> Entry:
    who = Author("service", "https://operator.example", "tests")
    return Entry(kind=Kind.CHANGE, time="2026", author=who, model="m", device=str(number), **other)  # type: ignore[arg-type]


def change(number: int) -> ChangeSet:
    return ChangeSet(added=[Quad(Iri(f"urn:{number}"), Iri("urn:p"), Literal("o"), GRAPH)])


def subjects(store: EmbeddedStore) -> set[str]:
    rows = store.select("SELECT ?s WHERE { ?s ?p ?o }", DatasetDescription(default=(GRAPH,)))
    return {str(subject).removeprefix("urn:") for (subject,) in rows}


def position(store: EmbeddedStore) -> int:
    found = read_position(store)
    assert found is not None
    return found.sequence


def test_both_have_the_change_and_the_store_knows_its_place(store: FaultyStore, recorder: Recorder) -> None:
    recorder.record([entry(1)], change(1))
    recorder.record([entry(2), entry(3)], change(2))
    assert position(store) == recorder.applied == recorder.journal.last == 3
    assert subjects(store) == {"1", "2"}


def test_many_changes_at_once_share_transactions_and_none_is_lost(store: FaultyStore, recorder: Recorder) -> None:
    gate = threading.Event()
    apply = recorder.journal.append

    def slow(*arguments: object) -> int:
        gate.wait(5)
        return apply(*arguments)  # type: ignore[arg-type]

    recorder.journal.append = slow  # type: ignore[method-assign,assignment]
    threads = [threading.Thread(target=recorder.record, args=([entry(n)], change(n))) for n in range(150)]
    for thread in threads:
        thread.start()
    while len(recorder._waiting) < 149:
        pass
    gate.set()
    for thread in threads:
        thread.join()
    assert subjects(store) == {str(n) for n in range(150)}
    assert sorted(each.device or "" for each in recorder.journal.entries(0, 999)) == sorted(map(str, range(150)))
    assert position(store) == 150
    assert store.transactions <= 1 + 1 + 3  # the position at first, one alone, then three times up to 64


def test_listeners_hear_of_what_the_store_has(store: FaultyStore, recorder: Recorder) -> None:
    heard: list[tuple[int, int]] = []
    recorder.listen(lambda last: heard.append((last, position(store))))
    recorder.record([entry(1)], change(1))
    recorder.record([entry(2)], change(2))
    assert heard == [(1, 1), (2, 2)]


@pytest.mark.parametrize(
    ("reason", "error"),
    [("No space left on device", InsufficientStorage), ("the store can't be written: broken", ServiceUnavailable)],
)
def test_what_the_store_cannot_take_the_journal_forgets(
    store: FaultyStore, recorder: Recorder, reason: str, error: type[Exception]
) -> None:
    recorder.record([entry(1)], change(1))
    store.fails = reason
    with pytest.raises(error, match="nothing was changed"):
        recorder.record([entry(2)], change(2))
    store.fails = None
    assert [each.device for each in recorder.journal.entries(0, 9)] == ["1"]
    recorder.record([entry(3)], change(3))
    assert subjects(store) == {"1", "3"}
    assert position(store) == recorder.journal.last == recorder.applied
    assert recorder.writable


def test_when_neither_goes_on_nothing_more_is_changed_until_a_start(store: FaultyStore, recorder: Recorder) -> None:
    recorder.record([entry(1)], change(1))
    store.fails = "broken"
    append = recorder.journal.append

    def append_and_break(*arguments: object) -> int:
        last = append(*arguments)  # type: ignore[arg-type]
        recorder.journal._connection.execute("PRAGMA query_only = ON")
        return last

    recorder.journal.append = append_and_break  # type: ignore[method-assign,assignment]
    with pytest.raises(ServiceUnavailable, match="is recorded and takes effect when the registry is started again"):
        recorder.record([entry(2)], change(2))
    assert not recorder.writable
    store.fails = None
    with pytest.raises(ServiceUnavailable):
        recorder.record([entry(3)], change(3))
    assert subjects(store) == {"1"}
    assert position(store) == 1
    assert recorder.journal.last == 2


def test_one_bad_change_fails_alone(store: FaultyStore, recorder: Recorder) -> None:
    asked = [([entry(1)], change(1)), ([entry(2, after="\ud800")], change(2)), ([entry(3)], change(3))]
    gate, errors = threading.Event(), []
    write = recorder._write_batch

    def gathered(batch: object) -> None:
        gate.wait(5)
        write(batch)  # type: ignore[arg-type]

    recorder._write_batch = gathered  # type: ignore[method-assign]

    def run(entries: list[Entry], quads: ChangeSet) -> None:
        try:
            recorder.record(entries, quads)
        except ServiceUnavailable as error:
            errors.append(error.message)

    threads = [threading.Thread(target=run, args=each) for each in asked]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert errors == ["The change can't be recorded, so nothing was changed"]
    assert subjects(store) == {"1", "3"}


def devices(recorder: Recorder) -> list[str | None]:
    return [each.device for each in recorder.journal.entries(0, 99)]


@pytest.mark.parametrize("reason", [ValueError("a term"), MemoryError(), RuntimeError("a bug")])
def test_whatever_the_store_dies_of_the_journal_does_not_say_that_it_happened(
    store: FaultyStore, recorder: Recorder, reason: Exception
) -> None:
    store.fails = reason
    with pytest.raises(ServiceUnavailable, match="nothing was changed"):
        recorder.record([entry(1)], change(1))
    store.fails = None
    recorder.record([entry(2)], change(2))
    assert devices(recorder) == ["2"]
    assert subjects(store) == {"2"}
    assert position(store) == recorder.applied == recorder.journal.last


@pytest.mark.parametrize("reason", [StoreError("afterwards"), MemoryError()])
def test_a_change_that_the_store_has_stays_whatever_fails_afterwards(
    store: FaultyStore, recorder: Recorder, reason: Exception
) -> None:
    store.fails_afterwards = reason
    recorder.record([entry(1)], change(1))
    store.fails_afterwards = None
    recorder.record([entry(2)], change(2))
    assert devices(recorder) == ["1", "2"]
    assert subjects(store) == {"1", "2"}
    assert position(store) == recorder.applied == recorder.journal.last == 2


def test_where_nobody_can_tell_nothing_more_is_changed_until_a_start(store: FaultyStore, recorder: Recorder) -> None:
    store.fails, store.fails_to_read = "broken", OSError("broken")
    with pytest.raises(ServiceUnavailable, match="when the registry is started again"):
        recorder.record([entry(1)], change(1))
    store.fails = store.fails_to_read = None
    assert not recorder.writable
    with pytest.raises(ServiceUnavailable):
        recorder.record([entry(2)], change(2))
    assert devices(recorder) == ["1"]


def test_a_listener_that_fails_fails_no_change(store: FaultyStore, recorder: Recorder) -> None:
    heard: list[int] = []

    def broken(_: int) -> None:
        raise RuntimeError

    recorder.listen(broken)
    recorder.listen(heard.append)
    recorder.record([entry(1)], change(1))
    assert heard == [1]
    assert devices(recorder) == ["1"]


def test_a_change_whose_writing_is_broken_off_is_not_acknowledged(store: FaultyStore, recorder: Recorder) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    gate, errors = threading.Event(), []
    write = recorder._write_batch

    def gathered(batch: object) -> None:
        gate.wait(5)
        write(batch)  # type: ignore[arg-type]

    recorder._write_batch, recorder.journal.append = gathered, interrupted  # type: ignore[method-assign,assignment]

    def run(number: int) -> None:
        try:
            recorder.record([entry(number)], change(number))
        except (KeyboardInterrupt, ServiceUnavailable) as error:
            errors.append(type(error))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    while len(recorder._waiting) < 2:
        pass
    gate.set()
    for thread in threads:
        thread.join()
    assert len(errors) == 3
    assert ServiceUnavailable in errors
    assert subjects(store) == set()


class Replacing:
    """Notes whether the model in force was replaced."""

    done = False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        yield
        self.done = True


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        ({}, 0),
        ({"fails_to_flush": StoreError("no space")}, 1),
        ({"fails_afterwards": StoreError("late")}, 0),
    ],
)
def test_a_publish_that_the_store_has_is_in_force_whatever_fails_afterwards(
    store: FaultyStore, recorder: Recorder, fault: dict[str, Exception], kept: int
) -> None:
    for name, error in fault.items():
        setattr(store, name, error)
    replacing = Replacing()
    text = "INSERT DATA { GRAPH <urn:graph> { <urn:1> <urn:p> 'o' } }"
    recorder.publish([entry(1)], text, replacing())
    store.fails_to_flush = store.fails_afterwards = None
    assert replacing.done
    assert subjects(store) == {"1"}
    assert position(store) == recorder.applied == 1
    assert len(recorder.journal.pending(0)) == kept


def test_devices_that_were_loaded_are_not_taken_back(store: FaultyStore, recorder: Recorder) -> None:
    store.fails = "broken"
    with pytest.raises(ServiceUnavailable, match="when the registry is started again"):
        recorder.load([entry(1)], to_nquads(change(1).added))
    assert devices(recorder) == ["1"]
    assert subjects(store) == {"1"}
    assert not recorder.writable


def test_who_comes_after_the_end_is_told_so(recorder: Recorder) -> None:
    recorder.record([entry(1)], change(1))
    recorder.close()
    with pytest.raises(ServiceUnavailable, match="being stopped, so nothing was changed"):
        recorder.record([entry(2)], change(2))
