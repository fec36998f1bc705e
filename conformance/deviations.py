"""The deviations that are known, each with its reason: `deviations.toml`. One that has no reason is a failure.

A reason has to hold: the engine's own only if the engine deviates when it is asked directly; read-only only if
what went wrong is that a write was refused; optional only if the test says that its feature is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from conformance.outcome import Outcome

LISTED = Path(__file__).with_name("deviations.toml")


class Reason(StrEnum):
    """Why a test may deviate."""

    ENGINE = "engine"
    READ_ONLY = "read-only"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A test that doesn't pass, and why that is so."""

    test: str
    reason: Reason
    why: str

    def explains(self, outcome: Outcome) -> bool:
        """Tell whether the reason holds for a test that didn't pass."""
        match self.reason:
            case Reason.ENGINE:
                return outcome.engine is not None
            case Reason.READ_ONLY:
                return outcome.refused
            case Reason.OPTIONAL:
                return outcome.optional


def read_deviations(path: Path = LISTED) -> list[Deviation]:
    """Return the deviations in the order of the file."""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["deviation"]
    return [Deviation(test=entry["test"], reason=Reason(entry["reason"]), why=entry["why"]) for entry in listed]


@dataclass(frozen=True, slots=True)
class Judgement:
    """All tests of a run, judged.

    Attributes:
        passed: those that passed.
        deviating: those that didn't, and needn't.
        failed: a line for each that had to pass, and for each listed deviation that is none any more.
    """

    passed: Sequence[Outcome]
    deviating: Sequence[Outcome]
    failed: Mapping[tuple[str, str], str]

    def folders(self) -> list[str]:
        """Return the folders that tests were run of, in alphabetical order."""
        ran = (outcome.folder for outcome in (*self.passed, *self.deviating))
        return sorted({*ran, *(test.partition("/")[0] for test, _ in self.failed)})


def judge(outcomes: Iterable[Outcome], deviations: Iterable[Deviation]) -> Judgement:
    """Tell which tests passed, which deviate as listed, and which fail."""
    known = {deviation.test: deviation for deviation in deviations}
    passed: list[Outcome] = []
    deviating: list[Outcome] = []
    failed: dict[tuple[str, str], str] = {}
    for outcome in outcomes:
        listed = known.get(outcome.test)
        if outcome.problem is None:
            passed.append(outcome)
        elif listed is not None and listed.explains(outcome):
            deviating.append(outcome)
        else:
            claim = "" if listed is None else f" (listed as {listed.reason}, which does not explain it)"
            failed[outcome.test, outcome.role] = f"{outcome.problem}{claim}"
    for test in known.keys() - {outcome.test for outcome in deviating} - {test for test, _ in failed}:
        failed[test, "-"] = "listed as a deviation, but it is none: remove it from deviations.toml"
    return Judgement(passed, deviating, failed)
