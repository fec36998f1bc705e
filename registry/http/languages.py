"""Words of an answer in the language that the caller likes best: Accept-Language (RFC 9110, section 12.5.4).

Only what the model says in several languages is chosen; the registry's own words are English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from registry.devices.messages import Message


def in_asked_language(issues: Any) -> Any:
    """Return issues with each message in the language that is liked best among those that it has."""
    return _chosen(issues) if request.accept_languages else issues


def _chosen(issue: Any) -> Any:
    if isinstance(issue, Message):
        language = request.accept_languages.best_match(filter(None, issue.texts))
        return issue.texts[language] if language else str(issue)
    if isinstance(issue, Mapping):
        return {name: _chosen(each) for name, each in issue.items()}
    if isinstance(issue, Sequence) and not isinstance(issue, str):
        return [_chosen(each) for each in issue]
    return issue
