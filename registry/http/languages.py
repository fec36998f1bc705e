"""Words of an answer in the language that the caller likes best: Accept-Language (RFC 9110, section 12.5.4).

Only what the model says in several languages is chosen; the registry's own words are English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import request

from registry.devices.messages import Message


def in_asked_language(issues: Any) -> Any:
    """Return issues with each message in the language that is liked best among those that it has."""
    return _chosen(issues) if request.accept_languages else issues


def _chosen(issue: Any) -> Any:
    if isinstance(issue, Message):
        return next(_asked(issue), str(issue))
    if isinstance(issue, Mapping):
        return {name: _chosen(each) for name, each in issue.items()}
    if isinstance(issue, Sequence) and not isinstance(issue, str):
        return [_chosen(each) for each in issue]
    return issue


def _asked(message: Message) -> Iterator[str]:
    """Yield the texts in languages that are asked for, the best first: for de-AT also one in de (RFC 4647, 3.4)."""
    for wanted, quality in request.accept_languages:
        parts = wanted.lower().replace("_", "-").split("-")
        tags = ("-".join(parts[:end]) for end in range(len(parts), 0, -1))
        yield from (message.texts[tag] for tag in tags if quality and tag in message.texts)
