"""Documents that were made once, kept for who asks again. What a document is, is its maker's to know."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of a document and their entity tag."""

    body: bytes
    tag: str


class DocumentCache:
    """Keeps the documents that were asked for last, up to `most` bytes.

    One is made at a time, so that requests for large ones take no more than one processor from all others.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._documents: OrderedDict[Hashable, Document] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Document]) -> Document:
        """Return the document under `key`, made if it isn't there."""
        found = self._known(key)
        if found is None:
            with self._making:
                found = self._known(key)
                if found is None:
                    found = make()
                    self._keep(key, found)
        return found

    def _known(self, key: Hashable) -> Document | None:
        with self._lock:
            found = self._documents.get(key)
            if found is not None:
                self._documents.move_to_end(key)
            return found

    def _keep(self, key: Hashable, document: Document) -> None:
        with self._lock:
            self._documents[key] = document
            self._bytes += len(document.body)
            while self._bytes > self._most:
                _, gone = self._documents.popitem(last=False)
                self._bytes -= len(gone.body)
