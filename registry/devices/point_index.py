"""Where the devices of large views are, in memory: one grid for each view and point field.

A grid is read from the graph of its view alone (decision D5), at first whole, then what has changed since. A store
that can't tell what has changed gets none, and neither does a small view: there the engine is fast enough.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from registry.devices.recent import Recent
from registry.geo.box import Position
from registry.geo.point_grid import PointGrid
from registry.profile import Field
from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore
from sparql.terms import Iri, Literal, Term, to_sparql

FEWEST_POINTS = 2_000
"""Points from which on a view is indexed."""
MOST_POINTS = 300_000
"""Points that are kept, of all views together; 100,000 of them take some 25 MB."""

_WAIT = 0.02
"""Seconds to wait for another thread; longer only takes the one that makes the index, and then the engine answers."""
_PAUSE = 20
"""An index that was just made is not made anew before so many times as long as that took: a load may go on."""
_AT_ONCE = 200
"""Devices whose points are read by one query: with thousands the engine takes to another plan, of seconds."""

Grid: TypeAlias = PointGrid[Iri]
Answer = TypeVar("Answer")


@dataclass(slots=True)
class _View:
    """The index of one view: its grid, true at the `version` of its graph, None before it is made."""

    graph: Iri
    points: Field
    grid: Grid | None = None
    version: int = 0
    not_before: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def scope(self) -> DatasetDescription:
        """The dataset of its queries."""
        return DatasetDescription(default=(self.graph,))


class PointIndex:
    """The points of the views that were asked about last.

    Args:
        store: where the devices' triples are.
        recent: keeps the sizes of views.
        fewest: as FEWEST_POINTS.
        most: as MOST_POINTS.
    """

    def __init__(self, store: GraphStore, recent: Recent, fewest: int = FEWEST_POINTS, most: int = MOST_POINTS) -> None:
        self._store = store
        self._recent = recent
        self._fewest = fewest
        self._most = most
        self._views: OrderedDict[tuple[Iri, tuple[Iri, ...]], _View] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, graph: Iri, field: Field, question: Callable[[Grid], Answer]) -> Answer | None:
        """Return what `question` finds in the grid of a view, brought up to date; None where there is none.

        Args:
            graph: that of the view.
            field: which points; one with a single value.
            question: asked while nobody else uses the grid.
        """
        view = self._view(graph, field)
        if view is None or not view.lock.acquire(timeout=_WAIT):
            return None
        try:
            return question(view.grid) if self._is_current(view) and view.grid is not None else None
        finally:
            view.lock.release()

    def _view(self, graph: Iri, field: Field) -> _View | None:
        key = graph, field.path
        with self._lock:
            view = self._views.get(key)
            if view is not None:
                self._views.move_to_end(key)
        if view is not None or not self._is_worth_it(graph, field):
            return view
        with self._lock:
            return self._views.setdefault(key, _View(graph, field))

    def _is_worth_it(self, graph: Iri, field: Field) -> bool:
        if self._store.version(graph, field.path) is None:
            return False
        query = f"SELECT (COUNT(*) AS ?total) WHERE {{ ?device {to_sparql(field.path[0])} ?value }}"
        ((total,),) = self._recent.rows(query, DatasetDescription(default=(graph,)), field.path)
        return isinstance(total, Literal) and self._fewest <= int(total.lexical) <= self._most

    def _is_current(self, view: _View) -> bool:
        """Bring the view's grid up to date; tell whether that was possible."""
        version = self._store.version(view.graph, view.points.path)
        if version is None:
            return False
        if view.grid is None:
            return self._make(view, version)
        if version != view.version:
            changed = self._store.changed_since(view.version, view.graph, view.points.path)
            if changed is None:
                return self._make(view, version)
            self._renew(view, view.grid, changed)
            view.version = version
            self._make_room()
        return True

    def _make(self, view: _View, version: int) -> bool:
        start = time.monotonic()
        # Asked before anything is read: from now on the store remembers what changes.
        if start < view.not_before or self._store.changed_since(version, view.graph, view.points.path) is None:
            return False
        grid: Grid = PointGrid()
        for device, point in self._points(view):
            grid.put(device, point)
        view.grid, view.version = grid, version
        view.not_before = time.monotonic() + _PAUSE * (time.monotonic() - start)
        self._make_room()
        return True

    def _renew(self, view: _View, grid: Grid, changed: Collection[Iri]) -> None:
        # A further node of a device is a fragment of it (decision D1).
        devices = sorted({Iri(subject.partition("#")[0]) for subject in changed})
        for device in devices:
            grid.remove(device)
        for start in range(0, len(devices), _AT_ONCE):
            for device, point in self._points(view, devices[start : start + _AT_ONCE]):
                grid.put(device, point)

    def _points(self, view: _View, devices: Collection[Iri] = ()) -> list[tuple[Iri, Position]]:
        """Read the points of some devices, by default of all in the view."""
        steps = ["?device", *(f"?n{number}" for number in range(1, len(view.points.path))), "?point"]
        links = zip(steps, map(to_sparql, view.points.path), steps[1:], strict=False)
        some = f"VALUES ?device {{ {' '.join(map(to_sparql, devices))} }} " if devices else ""
        query = f"SELECT ?device ?point WHERE {{ {some}{' . '.join(map(' '.join, links))} }}"
        rows = self._store.select(query, view.scope)
        return [(Iri(str(device)), place) for device, point in rows if (place := _position(view.points, point))]

    def _make_room(self) -> None:
        """Forget the views that were not asked about for the longest time."""
        with self._lock:
            views = list(self._views.items())
            total = sum(len(view.grid) for _, view in views if view.grid is not None)
            for key, view in views:
                if total > self._most and view.grid is not None:
                    total -= len(view.grid)
                    del self._views[key]


def _position(field: Field, term: Term | None) -> Position | None:
    value: Any = None if term is None else field.codec.decode(term)
    match value:
        case {"coordinates": [longitude, latitude]}:
            return longitude, latitude
    return None
