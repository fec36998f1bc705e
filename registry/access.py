"""Who sees what: the whole read policy as two pure functions (decision D2). And who may do what, as one table.

`placement` says in which graphs the triples of a device stand; `dataset` says which graph a principal's queries
read. A role's graph holds exactly what the role may see, so no query has to be trusted to filter. Which fields a
role may change is said by each field (decision D5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from urllib.parse import quote

from registry.principal import Principal, Role
from registry.profile import Profile
from registry.vocabulary import CREATED, DEVICE, MODIFIED, MODIFIED_FOR_AGGREGATOR, MODIFIED_FOR_PROSUMER
from sparql.dataset import DatasetDescription
from sparql.terms import TYPE, Iri, Quad, Term, Triple

GRAPHS = "https://w3id.org/flexcoop/graph/"
DEVICES = Iri(f"{GRAPHS}devices")
"""The truth: every triple of every device. What a service sees."""
AGREEMENTS = "https://w3id.org/flexcoop/agreement/"
"""What the IRIs of contracts begin with: they stand in the same graphs, and are no devices."""
ONTOLOGY = Iri("https://w3id.org/flexcoop/cim")
SHAPES = Iri("https://w3id.org/flexcoop/shapes")
MODEL = (ONTOLOGY, SHAPES)
"""Named graphs that everybody sees."""

MODIFIED_FOR = {Role.AGGREGATOR: MODIFIED_FOR_AGGREGATOR, Role.PROSUMER: MODIFIED_FOR_PROSUMER}
"""The predicates that say when a role's view of a device changed, where that was before the device did."""
BOOKKEEPING = frozenset({MODIFIED, *MODIFIED_FOR.values()})
"""Predicates that say when a device changed, not what it is."""


class Operation(StrEnum):
    """What can be done with devices."""

    READ = "read"
    CHANGE = "change"
    CREATE = "create"
    REPLACE = "replace"
    DELETE = "delete"


_HOLDERS = frozenset({Role.AGGREGATOR, Role.PROSUMER, Role.SERVICE})
ALLOWED: Mapping[Operation, frozenset[Role]] = {
    Operation.READ: _HOLDERS,
    Operation.CHANGE: _HOLDERS,
    Operation.CREATE: frozenset({Role.SERVICE}),
    Operation.REPLACE: frozenset({Role.SERVICE}),
    Operation.DELETE: frozenset({Role.SERVICE}),
}
"""Who may do what with the devices in its view; an engineer's view is empty."""

MAY_PUBLISH = frozenset({Role.ENGINEER})
"""Who may put another model in force."""
MAY_ERASE = frozenset({Role.SERVICE})
"""Who may erase an account."""

MAY_SUBSCRIBE = frozenset({Role.SERVICE})
"""Who may have webhooks of its own called."""

MAY_AGREE = frozenset({Role.AGGREGATOR, Role.SERVICE})
"""Who may have contracts judged, record and end them: an aggregator its own."""
MAY_SEE_CONTRACTS = _HOLDERS
"""Who sees contracts: those that stand in its graph."""


def aggregator_graph(aggregator_id: str) -> Iri:
    """Return the graph of what an aggregator sees."""
    return Iri(f"{GRAPHS}aggregator/{quote(aggregator_id, safe='')}")


def account_graph(aggregator_id: str, account_id: str) -> Iri:
    """Return the graph of what the prosumer with an account at an aggregator sees."""
    return Iri(f"{aggregator_graph(aggregator_id)}/account/{quote(account_id, safe='')}")


def view(principal: Principal) -> Iri | None:
    """Return the one graph of devices that `principal` sees; None for a role that sees no device."""
    match principal:
        case Principal(role=Role.SERVICE):
            return DEVICES
        case Principal(role=Role.AGGREGATOR, aggregator_id=str(aggregator)):
            return aggregator_graph(aggregator)
        case Principal(role=Role.PROSUMER, aggregator_id=str(aggregator), account_id=str(account)):
            return account_graph(aggregator, account)
    return None


def dataset(principal: Principal) -> DatasetDescription:
    """Return the dataset of the queries that answer `principal` over REST."""
    graph = view(principal)
    return DatasetDescription(default=() if graph is None else (graph,))


def query_dataset(principal: Principal) -> DatasetDescription:
    """Return all that query texts of `principal` may see: its graph of devices, if any, and the model."""
    graphs = (*dataset(principal).default, *MODEL)
    return DatasetDescription(default=graphs, named=graphs)


def placement(profile: Profile, triples: Collection[Triple]) -> frozenset[Quad]:
    """Return the quads of one device, given the triples that are true of it, entailed ones included.

    They stand in the graph of devices whole. In the graphs of its aggregator and of its account stands what these roles
    may see and what that entails: an entailed triple is placed by the triples it follows from, not by its
    predicate, which others that the role may not see can share (decision D5). Nodes that follow from a
    value, as those of availability windows do, stand where the value stands.
    """
    if not triples:
        return frozenset()
    quads = [Quad(*triple, DEVICES) for triple in profile.with_nodes(triples)]
    for role, graph in _graphs(profile, triples).items():
        seen = profile.entailment.closed(_seen(profile, triples, role))
        quads += [Quad(*triple, graph) for triple in profile.with_nodes(seen)]
    return frozenset(quads)


def date(  # noqa: PLR0913, PLR0917  two states of a device, and what each is seen by
    profile: Profile,
    before: Collection[Triple],
    after: Collection[Triple],
    subject: Iri,
    now: Term,
    former: Profile | None = None,
) -> frozenset[Triple]:
    """Return `after` with the times at which each role's view of the device last changed.

    The truth has dct:modified. Where a change is out of a role's view the role's own, older time is kept beside it,
    so that not even the time of a hidden change shows.

    Args:
        profile: says what a role sees of `after`.
        before: the device as it was, with its times; empty for a new one.
        after: the device as it is to be.
        subject: the device.
        now: the time of the change.
        former: says what a role saw of `before`, if that is another profile.
    """
    times = {MODIFIED: now}
    for role, predicate in MODIFIED_FOR.items():
        if before and _content(former or profile, before, role) == _content(profile, after, role):
            old = {triple.predicate: triple.object for triple in before}
            times[predicate] = old.get(predicate, old[MODIFIED])
    undated = [triple for triple in stated(profile, after) if triple.predicate not in BOOKKEEPING]
    dated = [Triple(subject, predicate, time) for predicate, time in times.items()]
    return profile.with_nodes(profile.entailment.closed([*undated, *dated]))


def stated(profile: Profile, triples: Iterable[Triple], role: Role = Role.SERVICE) -> list[Triple]:
    """Return those of a device's triples that say what `role` may see of its fields, and that it is a device.

    A nested object is there for a role that sees only some of its members if it has one of these: that there is a
    hidden one must not show.
    """
    visible, shared = profile.visible_predicates(role), profile.shared_links(role)
    found = [each for each in triples if each[1] in visible or (each[1] == TYPE and each[2] == DEVICE)]
    if shared:
        nodes = {triple.subject for triple in found}
        found = [triple for triple in found if triple.predicate not in shared or triple.object in nodes]
    return found


def _graphs(profile: Profile, triples: Collection[Triple]) -> dict[Role, Iri]:
    aggregator, account = profile.fields["aggregator_id"], profile.fields["account_id"]
    values = {triple.predicate: triple.object for triple in triples}
    aggregator_id = aggregator.codec.decode(values[aggregator.predicate])
    account_id = account.codec.decode(values[account.predicate])
    return {
        Role.AGGREGATOR: aggregator_graph(aggregator_id),
        Role.PROSUMER: account_graph(aggregator_id, account_id),
    }


def _seen(profile: Profile, triples: Collection[Triple], role: Role) -> list[Triple]:
    """Return what a role may see as it is stated, dated by the role's own time of change."""
    found = stated(profile, triples, role)
    for subject, predicate, time in triples:
        if predicate == MODIFIED_FOR[role]:
            found = [triple for triple in found if triple.predicate != MODIFIED]
            found.append(Triple(subject, MODIFIED, time))
    return found


def _content(profile: Profile, triples: Collection[Triple], role: Role) -> set[Triple]:
    return {triple for triple in stated(profile, triples, role) if triple.predicate not in (CREATED, MODIFIED)}
