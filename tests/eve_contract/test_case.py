"""The form of the cases: what their placeholders match, and that a case can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import test_contract
from case import Names, address, read_case
from stand import Stand

IDS = ["first", "second"]


@pytest.mark.parametrize(
    ("expected", "found", "matches"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("a…", "ab\nc", True),
        ("…", "", True),
        ("{2}/…", "second/x", True),
        ("{2}", "first", False),
        ("«a»-«a»", "x-x", True),
        ("«a»-«a»", "x-y", False),
        ("a.c", "abc", False),
        (1, 1, True),
        (1, 1.0, False),
        (1, True, False),
        (True, True, True),
        (None, None, True),
        (None, 0, False),
        ("1", 1, False),
        ([1, "…"], [1, "x"], True),
        ([1], [1, 2], False),
        ([1, 2], [1], False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": 1, "…": 0}, {"a": 1, "b": 2}, True),
        ({"a": 1, "…": 0}, {"b": 2}, False),
        ({"{1}": 1}, {"first": 1}, True),
        ({"…": 0}, [], False),
        ([], {}, False),
    ],
    ids=str,
)
def test_what_is_expected_is_compared(expected: Any, found: Any, matches: bool) -> None:
    assert Names(IDS).matches(expected, found) is matches


def test_a_name_stands_for_the_same_throughout() -> None:
    names = Names(IDS)
    assert names.matches({"etag": "«tag»"}, {"etag": "x"})
    assert names.filled('"«tag»" of {1}') == '"x" of first'
    assert names.matches('"«tag»"', '"x"')
    assert not names.matches("«tag»", "y")
    with pytest.raises(KeyError):
        names.filled("«other»")


def test_a_target_is_sent_encoded() -> None:
    assert address('/1?where={"a":"é+"}&x=1') == "/1?where=%7B%22a%22%3A%22%C3%A9%2B%22%7D&x=1"


def test_a_line_that_means_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.http"
    path.write_text("# x\n> GET /1\n< 200\nnonsense\n")
    with pytest.raises(ValueError, match="begins with none of"):
        read_case(path)


@pytest.mark.parametrize(
    "wrong", ["< 201", "< 200\n< X: y", "< 200\n< !Content-Type", "< 200\n< found", '< 200\n< {"a": 1}']
)
def test_a_case_can_fail(stand: Stand, tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "x.http"
    path.write_text(f"# x\n+ {{}}\n> GET /1/devices\n{wrong}\n")
    with pytest.raises(AssertionError):
        test_contract.test_contract(stand, path)


def test_there_is_a_case_for_each_part_of_the_contract() -> None:
    assert {path.parent.name for path in test_contract.CASES} == {"reading", "where", "writing", "tokens", "xml"}
