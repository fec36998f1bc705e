"""Reads a case of the contract: devices that are there, requests, and what each answer must be.

    # what clients rely on, in a sentence
    + {"max_capacity": 5}                 a device beforehand: device 1, then 2, … with these fields beside the required
    > GET /1/devices/{1} as aggregator    a request, by default of a service; {1} is the id of device 1
    > If-Match: "«tag»"                   its headers
    > {"max_capacity": 6}                 its body
    < 200                                 the status of the answer
    < ETag: "«tag»"                       its headers; `!ETag` for one that must not be there
    < found 1 2                           the numbers of the devices of a listing, in order
    < {"_etag": "«tag»", "…": 0}          its body; with a member "…" there may be others. Nothing is said without it

`…` in a text stands for any characters, and so does `«name»`, for the same ones throughout the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

_REQUEST = re.compile(r"(?P<method>[A-Z]+) (?P<target>/.*?)(?: as (?P<role>\w+))?")
_HEADER = re.compile(r"(?P<name>[A-Za-z-]+): (?P<value>.*)")


@dataclass
class Step:
    """One request, and what its answer must be; texts still have their placeholders.

    Attributes:
        role: whose token it carries; "nobody" for none.
        absent: headers that the answer must not have.
        found: numbers of the devices in the answer.
        answer: its body.
    """

    method: str
    target: str
    role: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 0
    answer_headers: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    found: list[int] | None = None
    answer: str = ""


@dataclass(frozen=True)
class Case:
    """One case."""

    sentence: str
    devices: list[str]
    steps: list[Step]


def read_case(path: Path) -> Case:
    """Read the file of a case."""
    lines = path.read_text(encoding="utf-8").splitlines()
    marked = [(line[:1], line[2:]) for line in lines if line.strip()]
    sentence = " ".join(text for mark, text in marked if mark == "#")
    return Case(sentence, [text for mark, text in marked if mark == "+"], list(_steps(marked)))


def _steps(marked: list[tuple[str, str]]) -> Iterator[Step]:
    step: Step | None = None
    for mark, text in marked:
        if mark == ">" and (request := _REQUEST.fullmatch(text)):
            if step is not None:
                yield step
            step = Step(request["method"], request["target"], request["role"] or "service")
        elif mark == ">" and step is not None:
            _asked(step, text)
        elif mark == "<" and step is not None:
            _expected(step, text)
        elif mark not in "#+":
            raise ValueError(f"{mark} {text}: this begins with none of # + > <")
    if step is not None:
        yield step


def _asked(step: Step, text: str) -> None:
    header = None if step.body else _HEADER.fullmatch(text)
    if header:
        step.headers[header["name"]] = header["value"]
    else:
        step.body += f"{text}\n" if step.body or not text.startswith(("{", "[")) else text


def _expected(step: Step, text: str) -> None:
    if text.isdigit():
        step.status = int(text)
    elif text.startswith("found"):
        step.found = [int(each) for each in text.split()[1:]]
    elif text.startswith("!"):
        step.absent.append(text[1:])
    elif header := _HEADER.fullmatch(text):
        step.answer_headers[header["name"]] = header["value"]
    else:
        step.answer += text


class Names:
    """What the placeholders of a case stand for so far."""

    def __init__(self, ids: list[str]) -> None:
        self._ids = ids
        self._known: dict[str, str] = {}

    def filled(self, text: str) -> str:
        """Return a text with what its placeholders stand for."""
        text = re.sub(r"\{(\d)\}", lambda found: self._ids[int(found[1]) - 1], text)
        return re.sub("«(.+?)»", lambda found: self._known[found[1]], text)

    def matches(self, expected: Any, found: Any) -> bool:
        """Tell whether a JSON value, or a text, is as expected; remember what stands where a new name is."""
        match expected:
            case str():
                return isinstance(found, str) and self._matches_text(expected, found)
            case dict() if isinstance(found, dict):
                wanted = {self.filled(name): value for name, value in expected.items() if name != "…"}
                rest = "…" in expected or wanted.keys() == found.keys()
                return rest and all(name in found and self.matches(each, found[name]) for name, each in wanted.items())
            case list() if isinstance(found, list):
                pairs = zip(expected, found, strict=False)
                return len(expected) == len(found) and all(self.matches(*pair) for pair in pairs)
        return type(expected) is type(found) and bool(expected == found)

    def _matches_text(self, expected: str, found: str) -> bool:
        expected = re.sub(r"\{(\d)\}", lambda one: self._ids[int(one[1]) - 1], expected)
        pattern = ""
        for part in re.split("(…|«.+?»)", expected):
            pattern += self._pattern(part, pattern)
        there = re.fullmatch(pattern, found, re.DOTALL)
        if there is not None:
            self._known |= there.groupdict()
        return there is not None

    def _pattern(self, part: str, before: str) -> str:
        if part == "…":
            return ".*"
        if not part.startswith("«"):
            return re.escape(part)
        name = part[1:-1]
        if name in self._known:
            return re.escape(self._known[name])
        return f"(?P={name})" if f"(?P<{name}>" in before else f"(?P<{name}>.+?)"


def address(target: str) -> str:
    """Return the target of a request as it is sent: in a case it stands unescaped."""
    path, mark, query = target.partition("?")
    return f"{path}{mark}{quote(query, safe='=&%')}"
