"""Documents that are kept: made once, one at a time, and never more bytes than agreed."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from registry.http.document_cache import Document, DocumentCache


class Maker:
    """Makes documents of a size, and counts."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.made: list[str] = []
        self.at_once = 0
        self.most_at_once = 0

    def make(self, name: str) -> Callable[[], Document]:
        def made() -> Document:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            threading.Event().wait(0.002)
            self.made.append(name)
            self.at_once -= 1
            return Document(b"x" * self.size, name)

        return made


@pytest.mark.parametrize(
    ("most", "asked", "made"),
    [
        (30, "a a a", "a"),
        (30, "a b c a b c", "a b c"),
        (30, "a b c d b c d", "a b c d"),
        (30, "a b c d a", "a b c d a"),
        (30, "a b c a d a b", "a b c d b"),
        (9, "a a b", "a a b"),
    ],
)
def test_what_was_asked_for_last_is_kept(most: int, asked: str, made: str) -> None:
    cache, maker = DocumentCache(most), Maker(10)
    for name in asked.split():
        assert cache.get(name, maker.make(name)).tag == name
    assert maker.made == made.split()


def test_a_document_is_made_once_however_many_ask_and_one_at_a_time() -> None:
    cache, maker = DocumentCache(1000), Maker(10)
    names = ["a", "b", "c"] * 5
    threads = [threading.Thread(target=cache.get, args=(name, maker.make(name))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(maker.made) == ["a", "b", "c"]
    assert maker.most_at_once == 1


def test_what_can_not_be_made_is_tried_again() -> None:
    cache, maker = DocumentCache(1000), Maker(10)

    def fail() -> Document:
        raise ValueError("not now")

    with pytest.raises(ValueError, match="not now"):
        cache.get("a", fail)
    assert cache.get("a", maker.make("a")).tag == "a"
