"""Contracts as principals see them: those that stand in the principal's graph, and of others nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.access import MAY_SEE_CONTRACTS
from registry.contracts.commitments import Commitment, Commitments
from registry.contracts.contract import Contract, contract_iri
from registry.contracts.placement import in_view
from registry.errors import BadRequest, Forbidden, NotFound
from registry.principal import Principal
from sparql.terms import Iri


@dataclass(frozen=True, slots=True)
class ContractSight:
    """What one principal sees of contracts.

    Attributes:
        commitments: all contracts.
        principal: who looks.
    """

    commitments: Commitments
    principal: Principal

    def contracts(self, account_id: str | None = None, device: Iri | None = None) -> list[Contract]:
        """Return contracts, those that begin last first.

        Args:
            account_id: only those of an account.
            device: only those that name a device.

        Raises:
            Forbidden: the role sees none.
        """
        if self.principal.role not in MAY_SEE_CONTRACTS:
            raise Forbidden(f"The role {self.principal.role} sees no contracts.")
        return [
            each
            for each in self.commitments.contracts()
            if in_view(self.principal, each)
            and (account_id is None or each.account_id == account_id)
            and (device is None or any(asset.device == device for asset in each.assets))
        ]

    def contract(self, contract_id: str, aggregator_id: str | None = None) -> Contract:
        """Return the contract of this id.

        Args:
            contract_id: what its parties call it.
            aggregator_id: whose; a service may leave it out where only one aggregator has a contract of this id.

        Raises:
            Forbidden: the role sees none.
            NotFound: there is none.
            BadRequest: there are several.
        """
        if self.principal.role not in MAY_SEE_CONTRACTS:
            raise Forbidden(f"The role {self.principal.role} sees no contracts.")
        whose = aggregator_id if aggregator_id is not None else self.principal.aggregator_id
        if whose is None:
            found = [each for each in self.contracts() if each.contract_id == contract_id]
        else:
            one = self.commitments.contract(contract_iri(whose, contract_id))
            found = [one] if one is not None and in_view(self.principal, one) else []
        if len(found) > 1:
            raise BadRequest("Several aggregators have a contract of this id: name one by aggregator_id in the query")
        if not found:
            raise NotFound("There is no such contract.")
        return found[0]

    def of_device(self, device: Iri) -> Sequence[tuple[Commitment, bool]]:
        """Return what is held of a device, which is in view, and whether the contract may be named."""
        held = sorted(self.commitments.held(device), key=lambda each: (each.begin, each.end, each.contract.iri))
        return [(each, in_view(self.principal, each.contract)) for each in held]
