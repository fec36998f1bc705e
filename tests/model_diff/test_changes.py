"""Each kind of change, as an edit of a model's Turtle, with the entries and the version that must come of it.

A case is a folder whose name is its assertion. `old` and `new` are edits of the model beside this file: text -> what
stands in its place; an absent one is the model as it is.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from edited_models import FILES, edited, model

from registry.model_diff import Change, ModelDiff, Sort, compare
from registry.model_diff.kinds import KINDS

CASES = {
    path.parent.name: json.loads(path.read_text()) for path in sorted(Path(__file__).parent.glob("cases/*/case.json"))
}
OPPOSITE = {Sort.ADDED: Sort.REMOVED, Sort.REMOVED: Sort.ADDED, Sort.DEPRECATED: Sort.CHANGED}
EACH_CASE = pytest.mark.parametrize("name", CASES)


@cache
def compared(name: str, old: str = "old", new: str = "new") -> ModelDiff:
    return compare(*(model(edited(FILES, CASES[name].get(side, {}))) for side in (old, new)))


def entry(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "sort": change.sort,
        "what": change.what,
        "json": change.json.impact,
        "sparql": change.sparql.impact,
    }


@EACH_CASE
def test_an_edit_is_told_as_these_changes_and_asks_for_this_version(name: str) -> None:
    diff = compared(name)
    assert [entry(change) for change in diff.changes] == CASES[name]["changes"]
    assert diff.versions[0].asked == CASES[name]["version"]


@EACH_CASE
def test_the_other_way_round_old_and_new_change_places_and_added_is_removed(name: str) -> None:
    there, back = compared(name), compared(name, "new", "old")
    assert sorted(
        (str(change.predicate), str(change.old), str(change.new), OPPOSITE.get(change.sort, change.sort))
        for change in there.changes
        if change.kind != "deprecation-withdrawn"
    ) == sorted(
        (str(change.predicate), str(change.new), str(change.old), change.sort)
        for change in back.changes
        if change.sort is not Sort.DEPRECATED
    )


@EACH_CASE
def test_the_worst_stands_first_and_every_entry_says_what_it_is_about(name: str) -> None:
    diff = compared(name)
    assert [change.impact for change in diff.changes] == sorted(
        (change.impact for change in diff.changes), key=["breaking", "compatible", "none"].index
    )
    for change in diff.changes:
        assert change.subject
        assert change.name.split(":")[-1].strip("<>") in change.what or change.sort is Sort.RENAMED
        assert change.old != change.new or "(itself excluded)" in change.what


def test_there_is_a_case_of_every_kind() -> None:
    told = {change["kind"] for case in CASES.values() for change in case["changes"]}
    assert told == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_words_and_a_reason_for_each_audience(kind: str) -> None:
    assert KINDS[kind].words.strip()
    for verdict in (KINDS[kind].json, KINDS[kind].sparql):
        assert verdict.reason.endswith(".")
        assert verdict.reason[0].isupper()


def test_one_change_has_one_entry_however_many_places_name_the_term() -> None:
    # the class stands in a list of codes, has a subclass, an alignment and a domain
    edit = {
        "flex:Device a owl:Class": "ex:Appliance a owl:Class",
        "flex:Device rdfs:subClassOf saref:Device": "ex:Appliance rdfs:subClassOf saref:Device",
        "sh:targetClass flex:Device": "sh:targetClass ex:Appliance",
        "rdfs:domain flex:Device": "rdfs:domain ex:Appliance",
        "ex:Load a owl:Class ; rdfs:subClassOf flex:Device": "ex:Load a owl:Class ; rdfs:subClassOf ex:Appliance",
        "ex:Spare a owl:Class ; rdfs:subClassOf flex:Device": "ex:Spare a owl:Class ; rdfs:subClassOf ex:Appliance",
    }
    (change,) = compare(model(FILES), model(edited(FILES, edit))).changes
    assert (change.kind, change.old, change.new) == (
        "term-renamed",
        "https://w3id.org/flexcoop/cim#Device",
        "https://example.com/model#Appliance",
    )


def test_two_fields_that_change_places_are_told_by_their_paths() -> None:
    edit = {'api:field "begin"': 'api:field "end"', 'api:field "end"': 'api:field "begin"'}
    parts = re.split("(" + "|".join(edit) + ")", FILES["shapes/device.ttl"])
    files = {**FILES, "shapes/device.ttl": "".join(edit.get(part, part) for part in parts)}
    changes = compare(model(FILES), model(files)).changes
    assert sorted((change.kind, change.name) for change in changes if change.sort is Sort.RENAMED) == [
        ("field-moved", "begin"),
        ("field-moved", "end"),
        ("shape-renamed", "begin"),
        ("shape-renamed", "end"),
    ]


def test_terms_that_could_be_one_or_the_other_are_told_as_removed_and_added() -> None:
    twins = 'ex:{} a owl:Class ; rdfs:label "twin"@en . ex:{} a owl:Class ; rdfs:label "twin"@en .'
    old, new = ({"": twins.format(*names)} for names in (("A", "B"), ("C", "D")))
    changes = compare(model(edited(FILES, old)), model(edited(FILES, new))).changes
    assert sorted((change.kind, change.name) for change in changes) == [
        ("term-added", "ex:C"),
        ("term-added", "ex:D"),
        ("term-removed", "ex:A"),
        ("term-removed", "ex:B"),
    ]
