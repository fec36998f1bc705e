"""Records and ends contracts: judged while nobody else can change the devices concerned, then journal, store, memory.

Two contracts can't hold the same power at the same time: each is judged while it holds its devices, and what it then
holds is in memory before it lets go of them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from registry.access import MAY_AGREE
from registry.clock import Clock
from registry.contracts.commitments import Commitments
from registry.contracts.contract import Contract, contract_iri, moment, to_state
from registry.contracts.free_power import NOTHING
from registry.contracts.judging import Judge
from registry.contracts.reports import report_of
from registry.contracts.shares import shared
from registry.contracts.verdict import Verdict, document
from registry.devices.writing import DeviceWriter
from registry.errors import Conflict, ContractRefused, Forbidden, NotFound, PreconditionFailed, PreconditionRequired
from registry.in_force import InForce
from registry.journal import Author, Kind, Recorder, Resource
from registry.journal.device_changes import Circumstances
from registry.journal.resource_changes import ResourceChange, record
from registry.principal import Principal, Role
from registry.request_id import request_id
from sparql.terms import Iri

_COMMITTED = "already-committed"


class ContractWriter:
    """Changes contracts.

    Args:
        recorder: writes changes to the journal and to the store.
        devices: changes devices; what it holds can't be changed meanwhile.
        in_force: the model in force.
        judge: judges contracts.
        clock: gives the times of changes.
    """

    def __init__(
        self, recorder: Recorder, devices: DeviceWriter, in_force: InForce, judge: Judge, clock: Clock
    ) -> None:
        self._recorder = recorder
        self._devices = devices
        self._in_force = in_force
        self._judge = judge
        self._clock = clock

    @property
    def commitments(self) -> Commitments:
        """All contracts, and what they hold."""
        return self._judge.commitments

    def put(self, principal: Principal, contract: Contract, tags: Collection[str] | None) -> tuple[Contract, bool]:
        """Record a contract, or put it in the place of the one with its id; return it, and whether it is new.

        Args:
            principal: who asks.
            contract: the contract.
            tags: the entity tags of the version that the caller read; None if it names none.

        Raises:
            Forbidden: it is not the caller's to record.
            ContractRefused: it does not hold.
            PreconditionRequired, PreconditionFailed: there is one already, and the caller has not read it.
            NotFound: the caller has read one, but there is none.
            Conflict: that one was ended.
        """
        permit(principal, contract.aggregator_id)
        with self._devices.held([contract.iri, *(asset.device for asset in contract.assets)]):
            former = self._former(contract.iri, tags)
            verdict = self._verdict(principal, contract)
            if not verdict.valid:
                raise _refusal(verdict)
            free = [each.free or NOTHING for each in verdict.assets]
            now = self._clock.text()
            agreed = replace(
                contract.with_shares(shared(contract.maximum_power, contract.assets, free)),
                created=former.created if former else now,
                updated=now,
            )
            self._record(principal, Kind.CHANGE if former else Kind.CREATE, former, agreed)
            return agreed, former is None

    def end(self, principal: Principal, aggregator_id: str, contract_id: str, tags: Collection[str]) -> Contract:
        """End a contract: what it held from now on is free.

        Raises:
            Forbidden: it is not the caller's to end.
            NotFound: there is none.
            PreconditionFailed: it changed since the caller read it.
            Conflict: it was ended before.
        """
        permit(principal, aggregator_id)
        name = contract_iri(aggregator_id, contract_id)
        with self._devices.held([name]):
            former = self._former(name, tags)
            if former is None:
                raise NotFound("There is no such contract.")
            now = self._clock.text()
            ended = replace(former, ended=moment(now), updated=now)
            self._record(principal, Kind.CHANGE, former, ended)
            return ended

    def _former(self, name: Iri, tags: Collection[str] | None) -> Contract | None:
        former = self.commitments.contract(name)
        if former is None:
            if tags is not None:
                raise NotFound("There is no such contract.")
            return None
        if tags is None:
            raise PreconditionRequired("There is such a contract: to change it, name its etag in the header If-Match")
        if former.etag not in tags:
            raise PreconditionFailed("Client and server etags don't match")
        if former.ended is not None:
            raise Conflict("The contract was ended; an ended contract stays as it is")
        return former

    def _verdict(self, principal: Principal, contract: Contract) -> Verdict:
        """Judge a contract by the model in force, which stays while devices are held."""
        return self._judge.verdicts(self._in_force.edition.profile, principal, [contract])[0]

    def _record(self, principal: Principal, kind: Kind, former: Contract | None, contract: Contract) -> None:
        how = Circumstances(kind, Author.of(principal), self._in_force.edition.name, request_id())
        change = ResourceChange(
            resource=Resource.CONTRACT,
            subject=contract.iri,
            time=contract.updated or "",
            before=to_state(former) if former else None,
            after=to_state(contract),
        )
        record(self._recorder, [change], how)
        self.commitments.put(contract)


def permit(principal: Principal, aggregator_id: str) -> None:
    """Refuse who may not agree for an aggregator, whatever there is.

    Raises:
        Forbidden: says who may.
    """
    if principal.role not in MAY_AGREE:
        raise Forbidden(f"The role {principal.role} may not do this; {', '.join(sorted(MAY_AGREE))} may.")
    if principal.role is not Role.SERVICE and principal.aggregator_id != aggregator_id:
        raise Forbidden("An aggregator may do this for itself alone: aggregator_id must be its own")


def _refusal(verdict: Verdict) -> ContractRefused:
    codes = {reason.code for reason in verdict.all_reasons}
    return ContractRefused(
        f"The contract {verdict.contract.contract_id} does not hold: {', '.join(sorted(codes))}",
        document(verdict),
        report=report_of([verdict]),
        committed=codes == {_COMMITTED},
    )
