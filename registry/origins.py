"""Web origins as a setting: whose pages may ask from a browser (RFC 6454, section 6.2)."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BeforeValidator

_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?")


def _words(value: object) -> object:
    """Take a list that stands in a variable: words with spaces or commas between them."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _origin(text: str) -> str:
    if text != "*" and not _ORIGIN.fullmatch(text):
        raise ValueError("this is no origin such as https://app.example or http://localhost:3000")
    return text


Origins: TypeAlias = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(_words)]
"""Origins, or `*` for all."""
