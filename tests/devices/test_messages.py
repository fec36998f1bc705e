"""Messages in several languages: which one is usual, and that none gets lost on the way."""

from __future__ import annotations

import json
import pickle

import pytest

from registry.devices.messages import Message
from sparql.terms import LANG_STRING, Literal

ENGLISH, GERMAN, BARE = Literal("too much", LANG_STRING, "en"), Literal("zu viel", LANG_STRING, "de"), Literal("2 > 1")


@pytest.mark.parametrize(
    ("literals", "usual"),
    [
        ([GERMAN, ENGLISH, BARE], "too much"),
        ([GERMAN, BARE], "2 > 1"),
        ([Literal("troppo", LANG_STRING, "it"), GERMAN], "zu viel"),
        ([Literal("b", LANG_STRING, "en"), Literal("a", LANG_STRING, "EN")], "a"),
        ([], ""),
    ],
    ids=["English", "none stated", "the first", "the first of two", "nothing"],
)
def test_the_usual_text(literals: list[Literal], usual: str) -> None:
    assert Message(literals) == usual == Message(reversed(literals))
    assert json.dumps(Message(literals)) == json.dumps(usual)


def test_all_languages_come_through_another_process() -> None:
    message = pickle.loads(pickle.dumps(Message([GERMAN, ENGLISH, BARE])))
    assert message.texts == {"": "2 > 1", "de": "zu viel", "en": "too much"}
    assert [(each.lexical, each.language) for each in message.literals()] == [
        ("2 > 1", None), ("zu viel", "de"), ("too much", "en"),
    ]  # fmt: skip
