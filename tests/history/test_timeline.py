"""The journal's order and the times in it: whatever their order, the state at a moment is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Gone
from registry.history.beginning import beginning, require_kept
from registry.history.timeline import Former, Timeline
from registry.journal import Entry, Journal, Kind, What
from registry.journal.entry import OPERATOR
from registry.journal.pruning import set_horizon
from registry.profile.codecs import DATE_FORMAT
from sparql.terms import Iri

BEGIN = datetime(2026, 5, 1, tzinfo=UTC)
VIEW, OTHER = Iri("urn:view"), Iri("urn:other")
SEEN = ((VIEW, What.UPDATED),)


def at(seconds: float) -> str:
    return (BEGIN + timedelta(seconds=seconds)).strftime(DATE_FORMAT)


def entry(
    seconds: float, state: int, kind: Kind = Kind.CHANGE, device: str = "d", seen: tuple[tuple[Iri, What], ...] = SEEN
) -> Entry:
    before, after = (f'{{"n": {number}}}' for number in (state - 1, state))
    return Entry(
        kind=kind, time=at(seconds), author=OPERATOR, model="m", device=device, before=before, after=after, seen=seen
    )


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def state_at(journal: Journal, seconds: float, device: str = "d") -> int | None:
    timeline = Timeline(journal)
    found = timeline.former(device, at(seconds), timeline.cut(at(seconds)))
    return None if found is None else (found.state or {})["n"]


def test_a_device_that_did_not_change_since_has_no_former_state(journal: Journal) -> None:
    journal.append([entry(10, 1), entry(20, 2)])
    assert [state_at(journal, seconds) for seconds in (0, 10, 15, 19.999999, 20, 99)] == [0, 1, 1, 1, None, None]
    assert state_at(journal, 0, device="another") is None


def test_a_device_that_was_made_later_was_not_there(journal: Journal) -> None:
    made = entry(10, 1, Kind.CREATE)
    journal.append([Entry(kind=made.kind, time=made.time, author=OPERATOR, model="m", device="d", after='{"n": 1}')])
    assert Timeline(journal).former("d", at(5), 0) == Former(None)


OUT_OF_ORDER = {
    "a publish has the time at which it began": [entry(300, 1), entry(0, 2, Kind.MIGRATE), entry(400, 3)],
    "an imported device brings a time of its own": [entry(300, 1), entry(-9e6, 2, Kind.IMPORT), entry(400, 3)],
}


@pytest.mark.parametrize("case", OUT_OF_ORDER)
def test_what_was_recorded_after_a_later_change_is_not_seen_before_it(journal: Journal, case: str) -> None:
    journal.append(OUT_OF_ORDER[case])
    assert [state_at(journal, seconds) for seconds in (100, 299, 300, 350, 400)] == [0, 0, 2, 2, None]


def test_only_such_entries_leave_the_times_to_say_all(journal: Journal) -> None:
    journal.append([entry(-9e6, number, Kind.IMPORT, device=f"d{number}") for number in range(20)])
    journal.append([entry(5_000, 21, device="d3")])
    assert state_at(journal, 4_000, device="d3") == 20
    assert state_at(journal, 5_000, device="d3") is None


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 500), st.integers(0, 3)), max_size=40),
    st.integers(0, 5_600),
)
def test_the_cut_leaves_nothing_later_behind_it(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int, int]], moment: int
) -> None:
    """Each change is recorded some time after the time that it has, in the order of recording."""
    journal = Journal(tmp_path_factory.mktemp("journal") / "journal.sqlite")
    recorded = sorted(changes, key=lambda change: change[0] + change[1])
    kinds = (Kind.CHANGE, Kind.CREATE, Kind.DELETE, Kind.MIGRATE)
    journal.append([entry(time, 1, kinds[kind]) for time, _, kind in recorded])
    cut = Timeline(journal).cut(at(moment))
    assert not [each for each in journal.entries(0, 100) if each.time > at(moment) and each.sequence <= cut]
    journal.close()


def test_numbers_of_a_view_are_found_by_sequence(journal: Journal) -> None:
    others = ((OTHER, What.UPDATED),)
    journal.append([entry(number, number, seen=SEEN if number % 3 == 0 else others) for number in range(1, 31)])
    timeline = Timeline(journal)
    assert [timeline.number_at(VIEW, sequence) for sequence in (0, 2, 3, 5, 6, 30, 99)] == [0, 0, 1, 1, 2, 10, 10]
    assert timeline.number_at(Iri("urn:unknown"), 30) == 0


def test_what_changed_after_a_moment_is_told_by_view_and_up_to_an_entry(journal: Journal) -> None:
    journal.append([entry(1, 1, device="a"), entry(2, 1, device="b", seen=((OTHER, What.UPDATED),))])
    journal.append([entry(3, 1, device="c"), entry(4, 2, device="a")])
    timeline = Timeline(journal)
    assert sorted(timeline.changed(VIEW, at(1), 4)) == ["a", "c"]
    assert sorted(timeline.changed(VIEW, at(1), 3)) == ["c"]
    assert list(timeline.changed(OTHER, at(2), 4)) == []
    assert timeline.is_late(VIEW, at(3), 1, 3)
    assert not timeline.is_late(VIEW, at(2), 1, 3)


def test_history_begins_with_the_journal_and_later_when_entries_are_removed(journal: Journal) -> None:
    since = beginning(journal)
    require_kept(journal, since)
    with pytest.raises(Gone, match=since):
        require_kept(journal, at(-9e9))
    later = "2999-01-01T00:00:00.000000Z"
    set_horizon(journal, 0, later)
    assert beginning(journal) == later


def test_a_journal_of_before_there_was_that_note_begins_with_the_model(journal: Journal) -> None:
    journal.append([Entry(kind=Kind.PUBLISH, time=at(7), author=OPERATOR, model="m")])
    with journal.written() as connection:
        connection.execute("DELETE FROM note WHERE name = 'since'")
    assert beginning(journal) == at(7)
