"""Words for people in several languages, as shapes state them by sh:message (SHACL, section 2.1.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sparql.terms import Literal

USUAL = "en"
"""The language for who asks for none."""


class Message(str):
    """A text in English, or else in one of its languages, together with the same in others.

    Whoever knows nothing of languages takes it as the string that it is.

    Attributes:
        texts: language tag in lower case -> text; the tag is empty where none is stated.
    """

    __slots__ = ("texts",)

    texts: Mapping[str, str]

    def __new__(cls, literals: Iterable[Literal]) -> Message:
        """Take the texts of a shape; of two in one language the first by their characters."""
        texts: dict[str, str] = {}
        for literal in sorted(literals, key=lambda each: (each.language or "", each.lexical)):
            texts.setdefault((literal.language or "").lower(), literal.lexical)
        message = super().__new__(cls, texts.get(USUAL) or next(iter(texts.values()), ""))
        message.texts = texts
        return message

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as what it was made of."""
        return Message, (self.literals(),)

    def literals(self) -> list[Literal]:
        """Return the texts as RDF."""
        return [Literal(text, language=tag) if tag else Literal(text) for tag, text in self.texts.items()]
