"""What a registry that is killed over and over has acknowledged, and what it may or may not have done besides.

It is kept by the process that kills, from lines that the killed one wrote before it was killed. Each device belongs to
one writer, which does one thing at a time, so of each device at most one change is in doubt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Attempt:
    """A request that was sent.

    Attributes:
        wanted: device -> the mark that it carries afterwards; None where it is to be gone.
        model: the model that is to be in force.
    """

    wanted: Mapping[str, str | None] = field(default_factory=dict)
    model: str | None = None


@dataclass(slots=True)
class Ledger:
    """All that is known.

    Attributes:
        tags: device -> its entity tag as it was acknowledged; None when it is gone.
        marks: device -> the marks that were acknowledged since the journal was read last, in their order.
        in_doubt: writer -> its attempt that was neither acknowledged nor refused.
        states: device -> the state that the journal said last.
        read: the sequence up to which the journal was read.
        models: the models of which one must be in force.
        acknowledged: how many changes there were.
        settled: how many of those in doubt had happened, and how many had not.
        stood: how often a registry started on what a kill had left, and everything was there.
    """

    tags: dict[str, str | None] = field(default_factory=dict)
    marks: dict[str, list[str | None]] = field(default_factory=dict)
    in_doubt: dict[str, Attempt] = field(default_factory=dict)
    states: dict[str, Any] = field(default_factory=dict)
    read: int = 0
    models: set[str] = field(default_factory=set)
    acknowledged: int = 0
    settled: list[int] = field(default_factory=lambda: [0, 0])
    stood: int = 0

    def take(self, line: str) -> None:
        """Take what a process said.

        Raises:
            AssertionError: it said that something is wrong.
        """
        said = json.loads(line)
        match said.pop("said"):
            case "wrong":
                raise AssertionError(said["what"])
            case "begin":
                self.in_doubt[said["writer"]] = Attempt(said["wanted"], said["model"])
            case "refused":
                del self.in_doubt[said["writer"]]
            case "acknowledged":
                self._acknowledge(self.in_doubt.pop(said["writer"]), said["tags"])
            case "stood":
                self.stand(**said)

    def _acknowledge(self, attempt: Attempt, tags: Mapping[str, str | None]) -> None:
        self.acknowledged += 1
        if attempt.model is not None:
            self.models = {attempt.model}
        for device, mark in attempt.wanted.items():
            self.tags[device] = tags[device]
            self.marks.setdefault(device, []).append(mark)

    def stand(self, tags: dict[str, str | None], states: dict[str, Any], read: int, model: str, settled: int) -> None:
        """Take what a verification has found: nothing is in doubt any more."""
        self.settled = [self.settled[0] + settled, self.settled[1] + len(self.in_doubt) - settled]
        self.tags, self.states, self.read, self.models = tags, states, read, {model}
        self.in_doubt, self.marks = {}, {}
        self.stood += 1
