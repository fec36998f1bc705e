"""References to absolute IRIs, by RFC 3986, section 5.2, which RFC 3987 takes over.

urllib's urljoin is not used: it leaves references alone whose base is a urn:, joins empty path segments, and lets
`http:a` be relative; the engine does none of these.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_PARTS = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.\-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)


class _Parts(NamedTuple):
    """The five components of a reference (RFC 3986, appendix B); None for one that is missing."""

    scheme: str | None
    authority: str | None
    path: str
    query: str | None
    fragment: str | None

    def __str__(self) -> str:
        scheme = "" if self.scheme is None else f"{self.scheme}:"
        authority = "" if self.authority is None else f"//{self.authority}"
        query = "" if self.query is None else f"?{self.query}"
        fragment = "" if self.fragment is None else f"#{self.fragment}"
        return f"{scheme}{authority}{self.path}{query}{fragment}"


def resolve(base: str | None, reference: str) -> str | None:
    """Return the IRI that `reference` means at `base`; None when it is relative and there is no base.

    An absolute IRI stays as it is, dots and all, as SPARQL 1.1 Query, section 4.1.1.2 wants no normalisation.
    """
    parts = _parts(reference)
    if parts.scheme is not None:
        return reference
    if base is None:
        return None
    at = _parts(base)
    if parts.authority is not None:
        return str(parts._replace(scheme=at.scheme, path=_without_dots(parts.path)))
    if not parts.path:
        query = at.query if parts.query is None else parts.query
        return str(at._replace(query=query, fragment=parts.fragment))
    path = parts.path if parts.path.startswith("/") else _merged(at, parts.path)
    return str(at._replace(path=_without_dots(path), query=parts.query, fragment=parts.fragment))


def _parts(text: str) -> _Parts:
    found = _PARTS.fullmatch(text)
    return _Parts(*found.groups()) if found else _Parts(None, None, text, None, None)


def _merged(base: _Parts, path: str) -> str:
    if base.authority is not None and not base.path:
        return f"/{path}"
    return base.path[: base.path.rfind("/") + 1] + path


def _without_dots(path: str) -> str:
    """Remove the segments `.` and `..` (section 5.2.4)."""
    *folders, last = path.split("/")
    kept: list[str] = []
    for segment in [*folders, *([last, ""] if last in (".", "..") else [])]:
        if segment == "..":
            if kept and kept != [""]:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept if last in (".", "..") else [*kept, last])
