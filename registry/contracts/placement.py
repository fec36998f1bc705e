"""Where a contract stands in the store: in the graphs of all who may see it, so that queries find who holds what.

The graphs are those of devices (registry/access.py): of services, of the contract's aggregator, and of its account.
"""

from __future__ import annotations

from urllib.parse import quote

from registry.access import DEVICES, account_graph, aggregator_graph, view
from registry.contracts.contract import Contract, from_state
from registry.journal.entry import State
from registry.principal import Principal
from registry.vocabulary import FLEX, TIME
from sparql.terms import DATE_TIME, TYPE, Iri, Literal, Quad, Term, Triple, double


def contract_quads(name: Iri, state: State) -> frozenset[Quad]:
    """Return the quads of a contract, whose IRI is a part of its state."""
    contract = from_state(state)
    if contract.iri != name:
        raise ValueError(f"<{name}> is not the contract {contract.iri}")
    return frozenset(Quad(*triple, graph) for graph in graphs_of(contract) for triple in contract_triples(contract))


def graphs_of(contract: Contract) -> tuple[Iri, ...]:
    """Return the graphs in which a contract stands."""
    aggregator = contract.aggregator_id
    return DEVICES, aggregator_graph(aggregator), account_graph(aggregator, contract.account_id)


def in_view(principal: Principal, contract: Contract) -> bool:
    """Tell whether `principal` sees a contract: exactly if it stands in the principal's graph."""
    return view(principal) in graphs_of(contract)


def contract_triples(contract: Contract) -> frozenset[Triple]:
    """Return what is true of a contract; of one that was ended before it began no share and no span."""
    holds = contract.start < contract.until
    triples = _statements(
        contract.iri,
        {
            TYPE: FLEX.term("Contract"),
            FLEX.term("contractId"): Literal(contract.contract_id),
            FLEX.term("contractType"): contract.type,
            FLEX.term("maximumPower"): double(float(contract.maximum_power)),
            **_parties(contract),
        },
    )
    span = Iri(f"{contract.iri}#span")
    if holds:
        triples |= _span(contract, span) | {Triple(contract.iri, FLEX.term("span"), span)}
    for number, asset in enumerate(contract.assets):
        node = contract.asset_iri(number)
        stated: dict[Iri, Term] = {TYPE: FLEX.term("ContractAsset"), FLEX.term("asset"): asset.device}
        if holds and asset.power is not None:
            stated |= {FLEX.term("committedPower"): double(float(asset.power)), FLEX.term("span"): span}
        triples |= _statements(node, stated) | {Triple(contract.iri, FLEX.term("contractAsset"), node)}
    return frozenset(triples)


def _parties(contract: Contract) -> dict[Iri, Term]:
    """Return the parties, by the IRIs that decision D1 gives them."""
    aggregator, account = (quote(each, safe="") for each in (contract.aggregator_id, contract.account_id))
    return {
        FLEX.term("contractAggregator"): Iri(f"https://w3id.org/flexcoop/aggregator/{aggregator}"),
        FLEX.term("contractAccount"): Iri(f"urn:uuid:{account}"),
    }


def _span(contract: Contract, span: Iri) -> set[Triple]:
    """Return an interval of OWL-Time; its moments are of xsd:dateTime, which engines compare."""
    triples = {Triple(span, TYPE, TIME.term("ProperInterval"))}
    ends = (("start", "hasBeginning", contract.start), ("end", "hasEnd", contract.until))
    for name, predicate, moment in ends:
        instant = Iri(f"{contract.iri}#{name}")
        text = moment.strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0").rstrip("0").rstrip(".") + "Z"
        triples |= {
            Triple(span, TIME.term(predicate), instant),
            Triple(instant, TYPE, TIME.term("Instant")),
            Triple(instant, TIME.term("inXSDDateTimeStamp"), Literal(text, DATE_TIME)),
        }
    return triples


def _statements(subject: Iri, stated: dict[Iri, Term]) -> set[Triple]:
    return {Triple(subject, predicate, value) for predicate, value in stated.items()}
