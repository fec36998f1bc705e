"""The model over HTTP: read by everybody, published by engineers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from candidates import NOISE, NOISE_SHAPE, candidate, next_version
from rdflib import Graph
from rdflib.compare import isomorphic
from stand import AGGREGATOR, ENGINEER, PROSUMER, SERVICE, Caller, Stand, device, running_stand

from registry.publishing.founding import shipped_files
from registry.publishing.model_files import from_zip

MINOR, MAJOR = next_version("minor"), next_version("major")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with running_stand(tmp_path_factory.mktemp("model")) as running:
        running.add(device(1, max_capacity=5.0))
        yield running


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Stand]:
    with running_stand(tmp_path / "data") as running:
        running.add(device(1, max_capacity=5.0))
        yield running


@pytest.mark.parametrize("part", ["ontology", "shapes"])
@pytest.mark.parametrize("form", ["text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"])
def test_everybody_reads_the_model_in_each_form(served: Stand, part: str, form: str) -> None:
    answer = served.get(f"/{part}", None, headers={"Accept": form})
    assert (answer.status_code, answer.mimetype) == (200, form)
    graph = served.components.profile.ontology if part == "ontology" else served.components.profile.shapes
    if form == "application/ld+json":  # what its terms come to is judged in tests/sparql/test_graph_formats.py
        assert json.loads(answer.get_data(as_text=True))["@graph"]
    else:
        assert isomorphic(Graph().parse(data=answer.get_data(as_text=True), format=form), graph)
    again = served.get(f"/{part}", None, headers={"Accept": form, "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_zip_holds_the_files_as_they_were_published(served: Stand) -> None:
    answer = served.get("/ontology", None, headers={"Accept": "application/zip"})
    assert from_zip(answer.data).model == shipped_files().model


@pytest.mark.parametrize("caller", [AGGREGATOR, PROSUMER, SERVICE], ids=lambda caller: caller.role)
@pytest.mark.parametrize("path", ["/ontology", "/shapes"])
def test_only_engineers_publish(served: Stand, caller: Caller, path: str) -> None:
    answer = served.call("PUT", path, caller, data=b"", content_type="text/turtle", headers={"If-Match": "*"})
    assert answer.status_code == 403
    assert served.call("PUT", path, None, data=b"").status_code == 401


def test_an_engineer_publishes_a_zip(fresh: Stand) -> None:
    tag = fresh.get("/ontology", None).headers["ETag"]
    body = candidate(MINOR, ontology=NOISE, shapes=NOISE_SHAPE).zipped()
    request = {"data": body, "content_type": "application/zip", "headers": {"If-Match": tag}}
    rehearsed = fresh.call("PUT", "/ontology?dry_run=true", ENGINEER, **request)
    assert rehearsed.get_json()["published"] is False
    assert fresh.get("/ontology", None).headers["ETag"] == tag
    answer = fresh.call("PUT", "/ontology", ENGINEER, **request)
    assert (answer.status_code, answer.get_json()["version"]) == (200, MINOR)
    assert any("noise" in change["what"] for change in answer.get_json()["diff"]["changes"])
    assert fresh.get("/ontology", None).headers["ETag"] != tag
    assert fresh.call("PUT", "/ontology", ENGINEER, **request).status_code == 412


def test_what_a_candidate_brought_along_is_not_given_to_everybody(fresh: Stand) -> None:
    repair = "DELETE { ?d flex:maxCapacity ?m } INSERT { ?d flex:maxCapacity 4.0e0 } WHERE { ?d flex:maxCapacity ?m }"
    files = candidate(MINOR, ontology=NOISE, migrations=(repair,))
    fresh.components.publisher.publish(files, "tests")
    found = from_zip(fresh.get("/ontology", None, headers={"Accept": "application/zip"}).data)
    assert found.content == files.model
    assert files.migrations


def test_an_engineer_publishes_one_part(fresh: Stand) -> None:
    text = fresh.components.publisher.library.files(fresh.components.in_force.edition.name).content["shapes/device.ttl"]
    shapes = candidate(next_version("patch"), edits=(("device_name must be one string.", "It needs a name."),))
    assert text != shapes.content["shapes/device.ttl"]
    tag = fresh.get("/shapes", None).headers["ETag"]
    answer = fresh.call(
        "PUT", "/shapes", ENGINEER, data=shapes.content["shapes/device.ttl"], content_type="text/turtle",
        headers={"If-Match": tag},
    )  # fmt: skip
    assert answer.status_code == 422  # the ontology, which stands for the whole model, states the old version
    assert answer.get_json()["code"] == "version-too-low"


def test_a_refusal_tells_counts_and_no_device(fresh: Stand) -> None:
    tag = fresh.get("/ontology", None).headers["ETag"]
    body = candidate(MAJOR, shapes="\nflexsh:max_capacity sh:maxInclusive 4.0e0 .\n").zipped()
    answer = fresh.call(
        "PUT", "/ontology", ENGINEER, data=body, content_type="application/zip", headers={"If-Match": tag}
    )
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.get_json()["code"] == "devices-would-break"
    assert answer.get_json()["impact"]["broken"][0]["devices"] == 1
    assert str(device(1)["device_id"]) not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("headers", "body", "kind", "path", "status"),
    [
        ({}, b"", "application/zip", "/ontology", 428),
        ({"If-Match": '"other"'}, candidate(MINOR, ontology=NOISE).zipped(), "application/zip", "/ontology", 412),
        ({"If-Match": "TAG"}, b"no zip", "application/zip", "/ontology", 400),
        ({"If-Match": "TAG"}, b"", "application/json", "/ontology", 415),
        ({"If-Match": "TAG"}, b"", "application/zip", "/shapes", 415),
        ({"If-Match": "TAG"}, b"<x> <y> ", "text/turtle", "/shapes", 422),
        ({"If-Match": "TAG"}, b"", "application/zip", "/ontology?dry_run=perhaps", 400),
    ],
)
def test_what_is_wrong_is_said(  # noqa: PLR0917  one for each column
    served: Stand, headers: dict[str, str], body: bytes, kind: str, path: str, status: int
) -> None:
    tag = served.get("/ontology", None).headers["ETag"]
    answer = served.call(
        "PUT", path, ENGINEER, data=body, content_type=kind,
        headers={name: value.replace("TAG", tag) for name, value in headers.items()},
    )  # fmt: skip
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
