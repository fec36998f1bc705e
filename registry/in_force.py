"""Which model is in force: one reference that a publish exchanges while requests go on.

A request takes the edition once and works by it to its end. Reading takes several queries of the store, so a publish
can fall between them; what was put together across one is thrown away and read again by the new edition. So nobody
waits for a publish, and nobody gets a mixture of two models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from registry.devices.reading import DeviceReader
from registry.profile import Profile

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A published model and what reads devices by it.

    Attributes:
        name: the digest of the model's files.
        profile: the model, compiled.
        reader: reads devices by it.
        since: when it came into force.
    """

    name: str
    profile: Profile
    reader: DeviceReader
    since: datetime


class InForce:
    """The edition in force.

    Args:
        edition: the first one.
        stored: asks the store for the name of the edition that its data is of.
    """

    def __init__(self, edition: Edition, stored: Callable[[], str | None]) -> None:
        self._edition = edition
        self._stored = stored
        self._generation = 0  # odd while the store changes from one edition to the next

    @property
    def edition(self) -> Edition:
        """The edition in force."""
        return self._edition

    def prefixes(self) -> Mapping[str, str]:
        """Return the prefixes that the model in force declares."""
        return self._edition.profile.prefixes

    def read(self, work: Callable[[Edition], Answer]) -> Answer:
        """Return what `work` makes of one edition and of data that is all of this edition.

        `work` only reads. It is done again when a publish has come between.
        """
        while True:
            generation, edition = self._generation, self._edition
            try:
                answer = work(edition)
            except Exception:
                if self._undisturbed(generation, edition):
                    raise
            else:
                if self._undisturbed(generation, edition):
                    return answer

    @contextmanager
    def replacing(self, edition: Edition) -> Iterator[None]:
        """Put `edition` in force when the block, which commits its data to the store, ends without an error.

        One at a time: the caller sees to that.
        """
        self._generation += 1
        try:
            yield
            self._edition = edition
        finally:
            self._generation += 1

    def _undisturbed(self, generation: int, edition: Edition) -> bool:
        """Tell whether the store held data of `edition` alone since `generation` was noted."""
        if self._generation != generation:
            return False
        return generation % 2 == 0 or self._stored() == edition.name
