from __future__ import annotations

import pyoxigraph as ox
import pytest

from sparql.dataset import DatasetDescription
from sparql.dataset_clause import DatasetClause, dataset_clause, effective, protocol_dataset
from sparql.terms import Iri

FLEX = {"flex": "https://w3id.org/flexcoop/cim#", "": "urn:empty:"}

CLAUSES: dict[str, tuple[list[str], list[str]] | None] = {
    "SELECT * FROM <urn:a> FROM NAMED <urn:b> { ?s ?p ?o }": (["urn:a"], ["urn:b"]),
    "select*from<urn:a>from\n#FROM <urn:no>\nnamed<urn:b>where{}": (["urn:a"], ["urn:b"]),
    "SELECT ?x ?y FROM <urn:b> FROM <urn:a> FROM <urn:b> { }": (["urn:b", "urn:a", "urn:b"], []),
    "SELECT (1<2 AS ?x) (IF(?a<?b,1,2) AS ?y) FROM <urn:a> { }": (["urn:a"], []),
    "SELECT (EXISTS { ?s <urn:p> 'FROM <urn:no>' FILTER(?s<3) } AS ?x) FROM <urn:a> { }": (["urn:a"], []),
    "BASE <http://h/x/> SELECT * FROM <g> FROM NAMED <../n> FROM NAMED <#f> { }": (
        ["http://h/x/g"],
        ["http://h/n", "http://h/x/#f"],
    ),
    "BASE <http://h/x/> BASE <y/> ASK FROM <g> { }": (["http://h/x/y/g"], []),
    "BASE <urn:a:b> ASK FROM <#f> { }": (["urn:a:b#f"], []),
    "ASK FROM flex:g FROM :g FROM NAMED flex: { }": (
        ["https://w3id.org/flexcoop/cim#g", "urn:empty:g"],
        ["https://w3id.org/flexcoop/cim#"],
    ),
    "PREFIX flex: <urn:1:> PREFIX flex: <urn:2:> ASK FROM flex:g { }": (["urn:2:g"], []),
    "BASE <http://h/> PREFIX ex: <p#> ASK FROM ex:g { }": (["http://h/p#g"], []),
    "PREFIX ex: <urn:> ASK FROM ex:a\\'b { }": (["urn:a'b"], []),
    "ASK FROM <urn:\\u0061> { }": (["urn:a"], []),
    "CONSTRUCT { ?s ?p 'FROM <urn:no>' , [ ?q (?r) ] } FROM <urn:a> WHERE { ?s ?p ?o }": (["urn:a"], []),
    "CONSTRUCT { } FROM <urn:a> { }": (["urn:a"], []),
    "CONSTRUCT FROM <urn:a> FROM NAMED <urn:b> WHERE { ?s ?p ?o }": (["urn:a"], ["urn:b"]),
    "DESCRIBE <urn:x> ?y flex:a FROM <urn:a>": (["urn:a"], []),
    "DESCRIBE * FROM <urn:a> { ?s ?p ?o }": (["urn:a"], []),
    "ASK FROM <urn:a> { }": (["urn:a"], []),
    "ASK FROM nope:x FROM <urn:a> FROM <relative> { }": (["urn:a"], []),
    "ASK FROM nope:x { }": ([], []),
    "SELECT * { ?s ?p 'FROM <urn:no>' }": None,
    "SELECT * { { SELECT * FROM <urn:no> { } } }": None,
    "SELECT ?from { ?from ?p ?o } # FROM <urn:no>": None,
    "PREFIX from: <urn:> DESCRIBE from:a": None,
    "DESCRIBE <urn:x>": None,
    "INSERT DATA { }": None,
    "FROM <urn:a>": None,
    "SELECT": None,
    "": None,
}


def clause(default: list[str], named: list[str]) -> DatasetClause:
    return DatasetClause(tuple(map(Iri, default)), tuple(map(Iri, named)))


@pytest.mark.parametrize("text", CLAUSES, ids=lambda text: text or "empty")
def test_clauses(text: str) -> None:
    wanted = CLAUSES[text]
    assert dataset_clause(text, FLEX) == (None if wanted is None else clause(*wanted))


HEADS = [
    "ASK FROM <urn:a> FROM NAMED <urn:b>",
    "select*from<urn:a>from\n#FROM <urn:no>\nnamed<urn:b>where",
    "SELECT (1<2 AS ?x) (IF(?a<?b,1,2) AS ?y) FROM <urn:a>",
    "BASE <http://h/x/> ASK FROM <g> FROM NAMED <../n> FROM NAMED <#f>",
    "BASE <urn:a:b> ASK FROM <#f>",
    "ASK FROM flex:g FROM :g FROM NAMED flex:",
    "PREFIX flex: <urn:1:> PREFIX flex: <urn:2:> ASK FROM flex:g",
    "BASE <http://h/> PREFIX ex: <p#> ASK FROM ex:g",
    "PREFIX ex: <urn:> ASK FROM ex:a\\'b",
    "ASK FROM <urn:\\u0061>",
    "CONSTRUCT { ?s ?p ?o } FROM <urn:a> FROM NAMED <urn:b> WHERE",
]


@pytest.mark.parametrize("head", HEADS)
def test_the_engine_sees_the_same_clauses(head: str) -> None:
    """The engine honours FROM while it is not told a dataset: then a graph is visible exactly if a clause names it."""
    found = dataset_clause(head + "{}", FLEX)
    assert found is not None
    for body, graphs in (("{ ?s ?p ?o }", found.default), ("{ GRAPH ?g { ?s ?p ?o } }", found.named)):
        for graph in (*found.default, *found.named, Iri("urn:no")):
            store = ox.Store()
            store.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("o"), ox.NamedNode(graph)))
            result = store.query(head + body, prefixes=FLEX)
            visible = bool(result) if isinstance(result, ox.QueryBoolean) else list(result) != []
            assert visible == (graph in graphs)


def test_a_base_from_outside() -> None:
    assert dataset_clause("ASK FROM <g> {}", {}, "http://h/x") == clause(["http://h/g"], [])


A, B, C, SECRET = (Iri(f"urn:{name}") for name in ("a", "b", "c", "secret"))
PERMITTED = DatasetDescription(default=(A, B), named=(A, B, C))


@pytest.mark.parametrize(
    ("requested", "default", "named"),
    [
        (None, (A, B), (A, B, C)),
        (DatasetClause(), (), ()),
        (DatasetClause(default=(B,)), (B,), ()),
        (DatasetClause(default=(C,)), (C,), ()),
        (DatasetClause(named=(A,)), (), (A,)),
        (DatasetClause(default=(SECRET,)), (), ()),
        (DatasetClause(default=(SECRET, A), named=(C, SECRET)), (A,), (C,)),
        (DatasetClause(default=(B, A, B), named=(C, A, C, A)), (B, A), (C, A)),
    ],
)
def test_effective(requested: DatasetClause | None, default: tuple[Iri, ...], named: tuple[Iri, ...]) -> None:
    assert effective(requested, PERMITTED) == DatasetDescription(default, named)


def test_nothing_permitted_stays_nothing() -> None:
    assert effective(DatasetClause((A,), (B,)), DatasetDescription()) == DatasetDescription()
    assert effective(None, DatasetDescription()) == DatasetDescription()


def test_the_protocol_stands_above_the_text() -> None:
    text = "ASK FROM <urn:a> {}"
    assert (protocol_dataset([], ["urn:b"]) or dataset_clause(text)) == clause([], ["urn:b"])
    assert (protocol_dataset([], []) or dataset_clause(text)) == clause(["urn:a"], [])
