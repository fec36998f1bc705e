"""Documents as XML, in the structure that clients of the Eve registry know.

Links become attributes and `link` elements, lists repeated elements, and members stand in the order of their names.
What Eve's form can't say is added so that the outcome is always well-formed: a name that is none in XML stands in an
attribute, a character that XML 1.0 lacks becomes U+FFFD, and of a list that was refused the error is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no form for (section 2.2, production 2)."""


def write_xml(document: Mapping[str, Any]) -> str:
    """Return a document of the facade as one `resource` element."""
    links = document.get("_links", {})
    rest = {name: value for name, value in document.items() if name not in ("_links", "_meta", "_items")}
    parts = [_opened(links), _links(links)]
    if meta := document.get("_meta"):
        parts.append(f"<_meta>{_members(meta)}</_meta>")
    parts.extend(write_xml(item) for item in document.get("_items", ()))
    return "".join([*parts, _members(rest), "</resource>"])


def _opened(links: Mapping[str, Any]) -> str:
    if "self" not in links:
        return "<resource>"
    return f'<resource href="{_text(links["self"]["href"])}"  title="{_text(links["self"]["title"])}" >'


def _links(links: Mapping[str, Any]) -> str:
    return "".join(
        f'<link rel="{name}" href="{_text(each["href"])}" title="{_text(each["title"])}" />'
        for name, found in sorted(links.items())
        if name != "self"
        for each in (found if isinstance(found, list) else [found])
    )


def _members(document: Mapping[str, Any]) -> str:
    return "".join(
        _element(name, each)
        for name, value in sorted(document.items())
        for each in (value if isinstance(value, list) else [value])
    )


def _element(name: str, value: Any) -> str:
    content = _members(value) if isinstance(value, Mapping) else _text(value)
    if _NAME.fullmatch(name):
        return f"<{name}>{content}</{name}>"
    return f'<_member name="{_text(name)}">{content}</_member>'


def _text(value: Any) -> str:
    text = escape(_UNFIT.sub("\ufffd", str(value)), quote=False)
    # a bare carriage return would be read as a line feed (XML 1.0, section 2.11)
    return text.replace('"', "&#34;").replace("'", "&#39;").replace("\r", "&#13;")
