"""Reads the attacks: texts made of parts that stand there once or many times, and the codes that may answer them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLASSES = Path(__file__).with_name("classes")
ANSWERED = "ok"
"""In place of a code: an answer with a result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One attack.

    Attributes:
        id: its class and its name.
        body: what is sent; @LISTENER@ stands for the URL of a server that nobody may ask.
        media_type: of the body.
        expect: the codes of the problems that may answer it, or ANSWERED.
    """

    id: str
    body: str
    media_type: str
    expect: frozenset[str]

    def sent_to(self, listener: str) -> bytes:
        """Return the body with the URL of the listener in it."""
        return self.body.replace("@LISTENER@", listener).encode()


def read_attacks(name: str = "*") -> list[Attack]:
    """Return the attacks of the class `name`, or of all."""
    return [attack for path in sorted(CLASSES.glob(f"{name}.toml")) for attack in _attacks(path)]


def _attacks(path: Path) -> Iterator[Attack]:
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
        yield Attack(
            id=f"{path.stem}: {case['name']}",
            body="".join(map(_part, case["parts"])),
            media_type=case.get("media_type", "application/sparql-query"),
            expect=frozenset(case["expect"]),
        )


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    text, times = part
    if "@" not in text:
        return str(text) * int(times)
    return "".join(text.replace("@N@", str(n)).replace("@P@", str(n - 1)) for n in range(1, times + 1))
