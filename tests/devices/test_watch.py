"""A watch misses no change: what was noted is taken once, and what was taken can be read with the change."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence

from recorders import writer_of
from stand import LOADER, device

from registry.devices.criteria import Listing
from registry.devices.reading import DeviceReader
from registry.devices.watch import Watch
from registry.profile import Profile
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import Iri


def test_nothing_that_is_noted_while_others_take_is_lost() -> None:
    watch, over = Watch(), threading.Event()
    taken: set[Iri] = set()

    def take() -> None:
        while not over.is_set():
            taken.update(watch.take())

    def note(name: int) -> None:
        for number in range(4_000):
            watch.note([Iri(f"urn:{name}:{number}")])

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    taker = threading.Thread(target=take)
    notes = [threading.Thread(target=note, args=(name,)) for name in range(3)]
    for thread in (taker, *notes):
        thread.start()
    for thread in notes:
        thread.join()
    over.set()
    taker.join()
    sys.setswitchinterval(before)
    assert len(taken | watch.take()) == 12_000


class SlowStore(EmbeddedStore):
    """A store in which a change takes until it is let go on."""

    begun, going_on = threading.Event(), threading.Event()

    def apply(self, change: ChangeSet) -> None:
        self.begun.set()
        self.going_on.wait(5)
        super().apply(change)


def test_who_takes_a_device_finds_its_change_in_the_store(profile: Profile) -> None:
    store = SlowStore()
    store.going_on.set()
    reader = DeviceReader(store, profile)
    writer = writer_of(store, profile, reader)
    store.begun.clear()
    store.going_on.clear()
    seen: list[tuple[Sequence[Iri], int]] = []
    with writer.watched() as watch:
        creating = threading.Thread(target=writer.create, args=(LOADER, [device()]), kwargs={"single": True})
        creating.start()
        assert store.begun.wait(5)
        seen.append((sorted(watch.take()), len(reader.page(LOADER, Listing()).devices)))
        store.going_on.set()
        creating.join()
        seen.append((sorted(watch.take()), len(reader.page(LOADER, Listing()).devices)))
    store.close()
    assert seen == [([], 0), ([Iri(f"urn:uuid:{device()['device_id']}")], 1)]
