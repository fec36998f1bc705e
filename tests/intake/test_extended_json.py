"""MongoDB Extended JSON: what each wrapper stands for, and that an export comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from device_strategies import documents
from hypothesis import given

from registry.devices.documents import from_triples
from registry.intake.extended_json import plain
from registry.intake.records import draft_document
from registry.profile import load_profile
from sparql.terms import Iri

PROFILE = load_profile()
MOMENT = "2026-01-01T00:00:00.000000Z"
SPARE = Iri("urn:spare")


@pytest.mark.parametrize(
    ("wrapped", "value"),
    [
        ({"$oid": "5ce3c0a5e1b2c3d4e5f60718"}, "5ce3c0a5e1b2c3d4e5f60718"),
        ({"$date": "2019-05-21T10:03:25Z"}, "2019-05-21T10:03:25.000000Z"),
        ({"$date": "2019-05-21T10:03:25.120Z"}, "2019-05-21T10:03:25.120000Z"),
        ({"$date": "2019-05-21T12:03:25.000+0200"}, "2019-05-21T10:03:25.000000Z"),
        ({"$date": 1558433005120}, "2019-05-21T10:03:25.120000Z"),
        ({"$date": {"$numberLong": "1558433005120"}}, "2019-05-21T10:03:25.120000Z"),
        ({"$date": {"$numberLong": "-1"}}, "1969-12-31T23:59:59.999000Z"),
        ({"$numberInt": "42"}, 42),
        ({"$numberLong": "42"}, 42),
        ({"$numberDouble": "2.5"}, 2.5),
        ({"$numberDecimal": "2.5"}, 2.5),
        ([{"$numberInt": "1"}, {"a": {"$numberInt": "2"}}], [1, {"a": 2}]),
        ("text", "text"),
        (None, None),
    ],
)
def test_a_wrapper_gives_its_value(wrapped: Any, value: Any) -> None:
    found = plain(wrapped)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        {"$date": "yesterday"},
        {"$date": "2019-05-21T10:03:25"},
        {"$date": True},
        {"$date": 1e300},
        {"$date": None},
        {"$numberInt": "many"},
        {"$numberInt": 42},
        {"$oid": 5},
        {"$unknown": "x"},
        {"$oid": "a", "$date": "b"},
    ],
)
def test_what_can_not_be_understood_stays(value: Any) -> None:
    assert plain(value) == value


def exported(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document as mongoexport writes it in canonical mode."""
    marks = {"_id": {"$oid": "5ce3c0a5e1b2c3d4e5f60718"}, "_etag": "0" * 40}
    return {**marks, **{name: wrapped(value) for name, value in document.items()}}


def wrapped(value: Any) -> Any:
    match value:
        case bool() | str() | None:
            return value
        case int():
            return {"$numberInt": str(value)}
        case float():
            return {"$numberDouble": repr(value)}
        case list():
            return [wrapped(each) for each in value]
        case _:
            return {name: wrapped(each) for name, each in value.items()}


@given(documents(PROFILE))
def test_an_export_says_what_the_document_said(document: dict[str, Any]) -> None:
    one = draft_document(PROFILE, plain(exported(document)), MOMENT, SPARE)
    other = draft_document(PROFILE, document, MOMENT, SPARE)
    assert one == other
    assert not one.issues


@pytest.mark.parametrize("time", [{"$date": "2019-05-21T10:03:25Z"}, {"$date": {"$numberLong": "1558433005000"}}])
def test_times_of_the_record_are_kept(time: Any) -> None:
    document = {"device_id": "00000000-0000-4000-8000-000000000001", "_created": time, "_updated": time}
    draft = draft_document(PROFILE, plain(document), MOMENT, SPARE)
    found = from_triples(PROFILE, draft.triples or ())
    assert found["_created"] == found["_updated"] == "2019-05-21T10:03:25.000000Z"


@pytest.mark.parametrize(("mark", "issue"), [(True, "the former registry had deleted it"), (False, None)])
def test_a_deleted_device_is_not_taken(mark: bool, issue: str | None) -> None:
    draft = draft_document(PROFILE, {"_deleted": mark, "_version": 3, "_latest_version": 3}, MOMENT, SPARE)
    assert draft.issues.get("_deleted") == issue
    assert not {"_version", "_latest_version"} & set(draft.issues)
