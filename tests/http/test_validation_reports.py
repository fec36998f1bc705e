"""What is refused as a SHACL validation report: in every form of RDF, and with nothing about what is out of view."""

from __future__ import annotations

from typing import Any

import pytest
from rdflib import RDF, SH, Graph, Literal, URIRef
from stand import AGGREGATOR, SERVICE, Stand, device
from werkzeug.test import TestResponse

FLEX = "https://w3id.org/flexcoop/cim#"
SHAPES = "https://w3id.org/flexcoop/shapes#"
ID = device()["device_id"]
FORMATS = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/ld+json": "json-ld",
    "application/rdf+xml": "xml",
}
BAD: dict[str, Any] = {"availability": "maybe", "max_capacity": "much", "colour": "red", "status": {"mode": "9"}}


def refused(stand: Stand, accept: str = "text/turtle", **changes: Any) -> TestResponse:
    return stand.call("POST", "/1/devices", json=device(**(changes or BAD)), headers={"Accept": accept})


def graph(answer: TestResponse) -> Graph:
    assert answer.status_code == 422
    return Graph().parse(data=answer.get_data(), format=FORMATS[str(answer.mimetype)])


def components(report: Graph) -> set[str]:
    return {str(each).removeprefix(str(SH)) for each in report.objects(None, SH.sourceConstraintComponent)}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's own, when it reads JSON-LD
@pytest.mark.parametrize("media_type", FORMATS)
def test_a_report_comes_in_each_form(stand: Stand, media_type: str) -> None:
    answer = refused(stand, media_type)
    assert answer.mimetype == media_type
    found = graph(answer)
    (report,) = found.subjects(RDF.type, SH.ValidationReport)
    assert found.value(report, SH.conforms) == Literal(False)
    assert len(list(found.objects(report, SH.result))) == len(list(found.subjects(RDF.type, SH.ValidationResult))) > 3


def test_each_result_says_what_and_where(stand: Stand) -> None:
    found = graph(refused(stand))
    (result,) = found.subjects(SH.sourceShape, URIRef(f"{SHAPES}availability"))
    assert found.value(result, SH.focusNode) == URIRef(f"urn:uuid:{ID}")
    assert found.value(result, SH.resultPath) == URIRef(f"{FLEX}availability")
    assert found.value(result, SH.value) == Literal("maybe")
    assert found.value(result, SH.resultSeverity) == SH.Violation
    assert components(found) >= {"InConstraintComponent", "DatatypeConstraintComponent", "ClosedConstraintComponent"}


def test_a_nested_field_is_reported_at_its_own_node(stand: Stand) -> None:
    found = graph(refused(stand, status={"mode": "9"}))
    assert list(found.objects(None, SH.resultPath)) == [URIRef(f"{FLEX}mode")]
    assert list(found.objects(None, SH.focusNode)) == [URIRef(f"urn:uuid:{ID}#status")]


def test_an_unknown_name_is_told(stand: Stand) -> None:
    found = graph(refused(stand, colour="red", status={"hue": 1}))
    assert {str(each) for each in found.objects(None, SH.resultMessage)} == {
        "colour: unknown field",
        "status.hue: unknown field",
    }


def test_a_list_has_one_report(stand: Stand) -> None:
    documents = [device(1, availability="maybe"), device(2), device(3, max_capacity="much")]
    answer = stand.call("POST", "/1/devices", json=documents, headers={"Accept": "text/turtle"})
    nodes = set(graph(answer).objects(None, SH.focusNode))
    assert nodes == {URIRef(f"urn:uuid:{documents[number]['device_id']}") for number in (0, 2)}


def test_a_change_has_one_too(stand: Stand) -> None:
    stand.add(device())
    headers = {"If-Match": stand.etag(ID), "Accept": "text/turtle"}
    found = graph(stand.call("PATCH", f"/1/devices/{ID}", json={"availability": "maybe"}, headers=headers))
    assert list(found.objects(None, SH.value)) == [Literal("maybe")]


def test_a_hidden_field_is_as_one_that_no_shape_describes(stand: Stand) -> None:
    stand.add(device(serial_number="secret"))
    texts = []
    for name in ("serial_number", "serial_xumber"):
        headers = {"If-Match": stand.etag(ID, AGGREGATOR), "Accept": "application/n-triples"}
        changes = {name: ["not", "a", "text"]}
        answer = stand.call("PATCH", f"/1/devices/{ID}", AGGREGATOR, json=changes, headers=headers)
        found = graph(answer)
        texts.append(
            sorted(str(value).replace(name, "NAME") for value in found.objects() if "urn:uuid" not in str(value))
        )
        assert "secret" not in answer.get_data(as_text=True)
    assert texts[0] == texts[1]


@pytest.mark.parametrize("accept", ["application/json", "*/*", "", "text/html"])
def test_who_does_not_ask_gets_the_issues(stand: Stand, accept: str) -> None:
    answer = refused(stand, accept)
    assert answer.mimetype == "application/json"
    assert answer.json is not None
    assert answer.json["_issues"]["colour"] == "unknown field"


def test_other_failures_have_no_report(stand: Stand) -> None:
    answer = stand.get(f"/1/devices/{ID}", SERVICE, headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.mimetype) == (404, "application/json")
