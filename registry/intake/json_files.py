"""JSON and NDJSON files: where each document starts and ends, and what it says.

Files are cut into documents here; each document is parsed strictly afterwards, so that one bad document spoils no
other. A JSON file is a list of documents, one document, or a saved answer of the registry with `_items`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from registry.errors import BadRequest
from registry.intake.extended_json import plain
from registry.intake.records import WHOLE, Draft, FileRefused, Record, Unreadable, draft_document
from registry.profile import Profile
from registry.strict_json import read_json
from sparql.terms import Iri

LONGEST_LINE = 2**20
"""Bytes of a document's line in NDJSON, at most."""

_Span: TypeAlias = tuple[int, int]
_SPACE = re.compile(r"[ \t\n\r]*")
_PLACE = re.compile(r"it, line (\d+), column (\d+): (.*)", re.DOTALL)
_NUMBERS_AS_TEXT: Any = {"parse_int": str, "parse_float": str, "parse_constant": str}
_DECODER = json.JSONDecoder(**_NUMBERS_AS_TEXT)
"""Finds where values end; what they are is judged later, and a huge integer must not stop it."""


class JsonForm:
    """A document as JSON text in UTF-8."""

    def draft(self, profile: Profile, content: bytes, moment: str, spare: Iri) -> Draft:
        """Parse the text strictly and return what it says."""
        try:
            document = read_json(content, "it")
        except BadRequest as error:
            return Draft(issues={WHOLE: _reason(error.message)})
        if not isinstance(document, dict):
            return Draft(issues={WHOLE: "must be of dict type"})
        return draft_document(profile, plain(document), moment, spare)

    def shown(self, profile: Profile, content: bytes) -> dict[str, Any]:  # noqa: ARG002  the protocol's signature
        """Return the document, or the text if it is none."""
        try:
            return {"document": read_json(content)}
        except BadRequest:
            return {"text": content.decode("utf-8", "backslashreplace")}


def ndjson_records(path: Path) -> Iterator[Record]:
    """Yield the records of an NDJSON file, one a line, reading as it goes; blank lines are passed over."""
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                    pass
                start = line[:100].decode("utf-8", "backslashreplace")
                yield Record(number, Unreadable(f"is longer than {LONGEST_LINE} bytes", start))
            elif text := line.strip():
                yield Record(number, text)


def json_records(path: Path) -> Iterator[Record]:
    """Yield the records of a JSON file.

    Raises:
        FileRefused: it isn't JSON.
    """
    # Bytes that are no UTF-8 pass through here and make their document unreadable, not the file.
    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    try:
        spans = _documents(text)
    except json.JSONDecodeError as error:
        raise FileRefused(error.lineno, f"column {error.colno}: no JSON, {error.msg}") from None
    except RecursionError:
        raise FileRefused(1, "is nested too deep") from None
    line, counted = 1, 0
    for start, end in spans:
        line += text.count("\n", counted, start)
        counted = start
        yield Record(line, text[start:end].encode("utf-8", "surrogateescape"))


def _documents(text: str) -> list[_Span]:
    start = _skip(text, 0)
    if text.startswith("[", start):
        spans, end = _elements(text, start)
    elif text.startswith("{", start):
        spans, end = _members(text, start)
    else:
        _, end = _DECODER.raw_decode(text, start)
        spans = [(start, end)]
    if (rest := _skip(text, end)) < len(text):
        raise json.JSONDecodeError("Extra data", text, rest)
    return spans


def _elements(text: str, start: int) -> tuple[list[_Span], int]:
    """Return where the elements of the array at `start` stand, and its end."""
    spans: list[_Span] = []
    at = _skip(text, start + 1)
    if text.startswith("]", at):
        return spans, at + 1
    while True:
        _, end = _DECODER.raw_decode(text, at)
        spans.append((at, end))
        at = _skip(text, end)
        if text.startswith("]", at):
            return spans, at + 1
        at = _skip(text, _expect(text, at, ","))


def _members(text: str, start: int) -> tuple[list[_Span], int]:
    """Return where the elements of `_items` of the object at `start` stand, or else the object, and its end."""
    items: list[_Span] | None = None
    at = _skip(text, start + 1)
    while not text.startswith("}", at):
        _expect(text, at, '"')
        name, end = _DECODER.raw_decode(text, at)
        at = _skip(text, _expect(text, _skip(text, end), ":"))
        if name == "_items" and text.startswith("[", at):
            items, end = _elements(text, at)
        else:
            _, end = _DECODER.raw_decode(text, at)
        at = _skip(text, end)
        if not text.startswith("}", at):
            at = _skip(text, _expect(text, at, ","))
            _expect(text, at, '"')
    return [(start, at + 1)] if items is None else items, at + 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _expect(text: str, at: int, sign: str) -> int:
    if not text.startswith(sign, at):
        raise json.JSONDecodeError(f"Expecting {sign!r}", text, at)
    return at + 1


def _reason(message: str) -> str:
    found = _PLACE.fullmatch(message)
    if found is None:
        return message.removeprefix("it ")
    line = "" if found[1] == "1" else f"line {found[1]} of the document, "
    return f"{line}column {found[2]}: {found[3]}"
