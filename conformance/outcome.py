"""What a test came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One test, asked by one role.

    Attributes:
        test: the test's id, as `bind/bind01`.
        role: who asked.
        problem: what is wrong; None when the test passed.
        engine: what is wrong when the engine is asked directly; None when nothing is, or when it can't be asked.
        refused: whether what is wrong is that a write was refused.
        optional: whether the test is one of a feature that the standard leaves open.
    """

    test: str
    role: str
    problem: str | None
    engine: str | None = None
    refused: bool = False
    optional: bool = False

    @property
    def folder(self) -> str:
        """The folder of the test."""
        return self.test.partition("/")[0]
