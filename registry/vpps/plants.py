"""The virtual power plants that have been named: kept in memory, made from the journal at the start, changed by it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from dataclasses import replace

from registry.clock import Clock
from registry.errors import NotFound, PreconditionFailed, PreconditionRequired
from registry.journal import Author, Journal, Kind, Recorder, Resource
from registry.journal.device_changes import Circumstances
from registry.journal.resource_changes import ResourceChange, record
from registry.principal import Principal
from registry.request_id import request_id
from registry.vpps.vpp import Vpp, from_state, to_state
from sparql.terms import Iri


class Plants:
    """Plants by their IRIs.

    Args:
        recorder: writes changes to the journal and to the store.
        clock: gives the times of changes.
        plants: those that there are.
    """

    def __init__(self, recorder: Recorder, clock: Clock, plants: Iterable[Vpp] = ()) -> None:
        self._recorder = recorder
        self._clock = clock
        self._plants = {each.iri: each for each in plants}
        self._changing = threading.Lock()

    @classmethod
    def of(cls, recorder: Recorder, clock: Clock) -> Plants:
        """Return the plants that the journal of `recorder` says."""
        return cls(recorder, clock, plants_in(recorder.journal))

    def get(self, name: Iri) -> Vpp | None:
        """Return the plant with an IRI."""
        return self._plants.get(name)

    def of_aggregator(self, aggregator_id: str) -> list[Vpp]:
        """Return an aggregator's plants, by their ids."""
        found = [each for each in tuple(self._plants.values()) if each.aggregator_id == aggregator_id]
        return sorted(found, key=lambda each: each.plant_id)

    def aggregators(self) -> list[str]:
        """Return the aggregators that have plants."""
        return sorted({each.aggregator_id for each in tuple(self._plants.values())})

    def put(self, principal: Principal, vpp: Vpp, tags: Collection[str] | None, model: str) -> tuple[Vpp, bool]:
        """Name a plant, or change it; return it, and whether it is new.

        Args:
            principal: who does it.
            vpp: the plant.
            tags: the entity tags of the version that the caller read; None if it names none.
            model: the digest of the model in force.

        Raises:
            PreconditionRequired, PreconditionFailed: there is one, and the caller does not say or know which.
        """
        with self._changing:
            former = self._plants.get(vpp.iri)
            self._require(former, tags)
            now = self._clock.text()
            after = replace(vpp, created=former.created if former else now, updated=now)
            self._record(principal, former, after, now, model)
            self._plants[vpp.iri] = after
        return after, former is None

    def remove(self, principal: Principal, name: Iri, tags: Collection[str] | None, model: str) -> None:
        """Forget a plant; its devices are another matter.

        Raises:
            NotFound: there is none.
            PreconditionRequired, PreconditionFailed: as `put`.
        """
        with self._changing:
            former = self._plants.get(name)
            if former is None:
                raise NotFound("There is no such virtual power plant.")
            self._require(former, tags)
            self._record(principal, former, None, self._clock.text(), model)
            del self._plants[name]

    def _require(self, former: Vpp | None, tags: Collection[str] | None) -> None:
        if former is None:
            if tags is not None:
                raise PreconditionFailed("Client and server etags don't match")
            return
        if tags is None:
            raise PreconditionRequired("To change a virtual power plant, send If-Match with the ETag that you read")
        if former.etag not in tags and "*" not in tags:
            raise PreconditionFailed("Client and server etags don't match")

    def _record(self, principal: Principal, before: Vpp | None, after: Vpp | None, now: str, model: str) -> None:
        one = after or before
        if one is None:
            return
        kind = Kind.DELETE if after is None else Kind.CREATE if before is None else Kind.CHANGE
        change = ResourceChange(
            resource=Resource.VPP,
            subject=one.iri,
            time=now,
            before=None if before is None else to_state(before),
            after=None if after is None else to_state(after),
        )
        record(self._recorder, [change], Circumstances(kind, Author.of(principal), model, request_id()))


def plants_in(journal: Journal) -> list[Vpp]:
    """Return the plants that a journal says."""
    states = (entry.state_after for entry in journal.latest_of(Resource.VPP))
    return [from_state(state) for state in states if state is not None]
