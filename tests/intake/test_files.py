"""Readers of files: where records start, and that every document survives every form."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from device_strategies import created, documents, in_order
from hypothesis import given
from hypothesis import strategies as st

from registry.devices.documents import Document, device_iri, from_triples, to_triples
from registry.intake.csv_columns import columns, from_cells, to_cells
from registry.intake.json_files import LONGEST_LINE, json_records, ndjson_records
from registry.intake.records import FileRefused, Record, Unreadable
from registry.intake.turtle_files import Description, TurtleForm, turtle_records
from registry.profile import Profile
from sparql.terms import Iri
from sparql.turtle_writing import turtle_prefixes, turtle_subjects

MOMENT = "2026-01-01T00:00:00.000000Z"


def read(reader: Callable[[Path], Iterator[Record]], data: bytes, folder: Path) -> list[tuple[int, Any]]:
    file = folder / "file"
    file.write_bytes(data)
    return [(record.line, record.content) for record in reader(file)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", []),
        ("{}", [(1, b"{}")]),
        ("\n{\n}", [(2, b"{\n}")]),
        ("[1,\n2\n,\n\n3]", [(1, b"1"), (2, b"2"), (5, b"3")]),
        ('{"_items": [\n{"a": 1}, {"b": [1, {}]}\n], "_meta": {}}', [(2, b'{"a": 1}'), (2, b'{"b": [1, {}]}')]),
        ('{"_meta": {"_items": [1]}, "_items": []}', []),
        ('{"_items": 1}', [(1, b'{"_items": 1}')]),
        ('"[1]"', [(1, b'"[1]"')]),
        ("[" + "9" * 5000 + "]", [(1, b"9" * 5000)]),
    ],
)
def test_json_is_cut_into_documents(text: str, expected: list[tuple[int, bytes]], tmp_path: Path) -> None:
    assert read(json_records, text.encode(), tmp_path) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ("[1,\n]", 2), ("[1\n2]", 2), ("{} \n{}", 2), ('{"a" 1}', 1), ('{"a":1,}', 1), ("{a:1}", 1)],
)
def test_what_is_no_json_is_refused_with_its_line(text: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        read(json_records, text.encode(), tmp_path)
    assert refused.value.line == line
    assert "no JSON" in refused.value.reason


def test_json_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="nested too deep"):
        read(json_records, b"[" * 200_000, tmp_path)


@given(
    st.lists(st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
)
def test_any_list_is_cut_into_its_elements(values: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        found = read(json_records, json.dumps(values, indent=1).encode(), Path(folder))
    assert [json.loads(content) for _, content in found] == values


def test_a_line_without_end_is_not_held(tmp_path: Path) -> None:
    data = b'{"a": "' + b"x" * (3 * LONGEST_LINE) + b'"}\n{}\n' + b"y" * LONGEST_LINE + b"\n"
    (first, long), (second, content), (third, _) = read(ndjson_records, data, tmp_path)
    assert (first, second, third) == (1, 2, 3)
    assert isinstance(long, Unreadable)
    assert (long.reason, len(long.text)) == (f"is longer than {LONGEST_LINE} bytes", 100)
    assert content == b"{}"


def _nested(flat: Document) -> Document:
    result: Document = {}
    for name, value in flat.items():
        parent, dot, last = name.partition(".")
        if dot:
            result.setdefault(parent, {})[last] = value
        else:
            result[name] = value
    return result


@given(data=st.data())
def test_every_document_survives_csv(data: st.DataObject, profile: Profile) -> None:
    document = created(data.draw(documents(profile)))
    shown = columns(profile)
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerow(to_cells(shown, document))
    (cells,) = csv.reader(io.StringIO(stream.getvalue(), newline=""), strict=True)
    flat, issues = from_cells(shown, cells)
    assert issues == {}
    iri = device_iri(document["device_id"]) or Iri()
    assert to_triples(profile, _nested(flat), iri) == to_triples(profile, document, iri)


@given(data=st.data())
def test_every_document_survives_turtle(data: st.DataObject, profile: Profile) -> None:
    document = created(data.draw(documents(profile)))
    iri = device_iri(document["device_id"]) or Iri()
    triples = to_triples(profile, document, iri)
    text = turtle_prefixes(profile.prefixes) + turtle_subjects(triples, profile.prefixes)
    with TemporaryDirectory() as folder:
        ((_, content),) = read(turtle_records, text.encode(), Path(folder))
    assert isinstance(content, Description)
    draft = TurtleForm().draft(profile, content, MOMENT, Iri("urn:spare"))
    assert draft.issues == {}
    assert draft.triples == triples
    assert from_triples(profile, draft.triples) == in_order(profile, document)
