"""The look at a query text from outside before it is given to the engine (decision D8). It only ever refuses.

What it promises: a text that passes has no SERVICE that the engine could see, begins no update, and asks of the
engine's parser and planner no more than sparql/nesting.py allows. It does not say whether the text is SPARQL; the
engine does.
"""

from __future__ import annotations

from dataclasses import dataclass

from sparql.prologue import Form, read_prologue
from sparql.reading import Readings
from sparql.refusal import QueryRefused, RefusalCode
from sparql.tokens import Source, resolve_code_points

LONGEST = 64 * 1024
"""Bytes of a text in UTF-8."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What is known of a text that is not refused.

    Attributes:
        form: its query form; None when none can be recognised, and the engine will say what is wrong.
    """

    form: Form | None


def scan(text: str) -> Scan:
    """Refuse `text` if it must not be given to the engine.

    Takes time in proportion to the text, whatever it holds. A text with escapes of code points is looked at as
    it is and as the standard has it read; positions are then those of the text that was refused.

    Raises:
        QueryRefused: with the reason, and where in the text it stands.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LONGEST:
        raise QueryRefused(f"The query has {size:,} bytes; {LONGEST:,} are allowed.", RefusalCode.LONG, 1, 1)
    form = _scan(Source(text))
    resolved = resolve_code_points(text)
    if resolved != text:
        _scan(Source(resolved))
    return Scan(form)


def _scan(source: Source) -> Form | None:
    prologue = read_prologue(source, {})
    if prologue.update:
        message = f"{prologue.update} is an update operation; this endpoint is read-only and answers queries alone."
        raise QueryRefused.at(source.text, prologue.start, RefusalCode.UPDATE, message)
    Readings(source).follow()
    return prologue.form
