"""A page as a browser reads it: its elements, the targets of its links, and the words of each entry."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import unquote

_VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})


class ParsedPage(HTMLParser):
    """Reads a page.

    Attributes:
        elements: the names of all elements with their attributes.
        words: id -> all text inside of the element.
        whole: all text of the page.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: dict[str, str] = {}
        self.whole = ""
        self._open: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()
        assert self._open == []

    @property
    def ids(self) -> list[str]:
        """All ids, as often as they occur."""
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    @property
    def links(self) -> list[str]:
        """The addresses of all links and of what belongs to the page."""
        return [attributes[name] for _, attributes in self.elements for name in ("href", "src") if name in attributes]

    @property
    def fragments(self) -> set[str]:
        """The anchors of this page that links lead to."""
        return {unquote(link[1:]) for link in self.links if link.startswith("#")}

    def titles(self, name: str) -> list[str]:
        """Return the texts of the attribute `title` of the elements with a name."""
        return [attributes["title"] for element, attributes in self.elements if element == name]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in _VOID:
            self._open.append((tag, attributes.get("id")))
            if "id" in attributes:
                self.words.setdefault(attributes["id"], "")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag, tag

    def handle_data(self, data: str) -> None:
        self.whole += data
        for _, name in self._open:
            if name is not None:
                self.words[name] += data
