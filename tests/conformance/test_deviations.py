"""What counts as a failure of a conformance run, and that the published list is the one in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.deviations import Deviation, Reason, judge, read_deviations
from conformance.outcome import Outcome
from conformance.report import lines, table

DOCS = Path(__file__).parents[2] / "docs" / "conformance.md"
PASSED = Outcome(test="bind/bind01", role="service", problem=None)
WRONG = Outcome(test="bind/bind01", role="service", problem="no solutions")
LISTED = Deviation(test="bind/bind01", reason=Reason.ENGINE, why="it is so")


def test_the_published_list_is_the_one_in_force() -> None:
    published = DOCS.read_text("utf-8").partition("<!-- deviations -->\n")[2].partition("\n<!-- /deviations -->")[0]
    assert published == table(read_deviations())


def test_no_test_is_listed_twice() -> None:
    tests = [deviation.test for deviation in read_deviations()]
    assert len(set(tests)) == len(tests)


def test_a_test_that_passes_passes() -> None:
    judgement = judge([PASSED], [])
    assert list(judgement.passed) == [PASSED]
    assert not judgement.failed


def test_a_deviation_that_is_not_listed_fails() -> None:
    assert judge([WRONG], []).failed == {("bind/bind01", "service"): "no solutions"}


def test_a_deviation_of_another_reason_than_the_listed_one_fails() -> None:
    assert ("bind/bind01", "service") in judge([WRONG], [LISTED]).failed


def test_a_listed_test_that_passes_fails() -> None:
    assert ("bind/bind01", "-") in judge([PASSED], [LISTED]).failed


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        (Reason.ENGINE, Outcome(test="a/b", role="service", problem="no", engine="no")),
        (Reason.READ_ONLY, Outcome(test="a/b", role="service", problem="no", refused=True)),
        (Reason.OPTIONAL, Outcome(test="a/b", role="service", problem="no", optional=True)),
    ],
    ids=str,
)
def test_a_reason_that_holds_explains(reason: Reason, outcome: Outcome) -> None:
    judgement = judge([outcome], [Deviation(test="a/b", reason=reason, why="it is so")])
    assert list(judgement.deviating) == [outcome]
    assert not judgement.failed


def test_the_last_line_has_the_sums() -> None:
    assert list(lines(judge([PASSED, WRONG], [])))[-1] == "1 passed, 1 failed"
