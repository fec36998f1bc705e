"""Shapes that are no SHACL are named, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest
from model_folders import PREFIXES, write

from registry.model_check.findings import Finding
from registry.model_check.model_files import read_model
from registry.model_check.shacl_syntax import LONGEST_LIST, shacl_findings

P = "flexsh:x a sh:PropertyShape ; sh:path flex:y ; "
CASES = {
    "a_count_that_is_a_text": (P + "sh:minCount 'one' .", ['sh:minCount "one" is of another datatype']),
    "two_counts": (P + "sh:maxCount 1, 2 .", ["there is more than one sh:maxCount"]),
    "a_kind_of_node_that_is_misspelt": (P + "sh:nodeKind sh:Iri .", ["sh:nodeKind sh:Iri is none of the values"]),
    "no_path": ("flexsh:n a sh:NodeShape ; sh:property flexsh:x .", ["sh:path is missing"]),
    "a_list_without_brackets": (P + "sh:in flex:A .", ["the value of sh:in must be one list"]),
    "a_path_in_a_node_shape": ("flexsh:x a sh:NodeShape . flexsh:z sh:node flexsh:x . flexsh:x sh:path flex:y .",
                               ["there is more than one sh:path, or one where none may be"]),
    "a_path_of_one_step": ("flexsh:x a sh:PropertyShape ; sh:path ( flex:y ) .", ["this is neither"]),
    "a_message_that_is_a_number": (P + "sh:message 5 .", ['sh:message "5" is of the wrong kind']),
    "a_datatype_that_is_a_text": (P + "sh:datatype 'x' .", ['sh:datatype "x" is of the wrong kind']),
    "a_pattern": (P + "sh:pattern '(' .", ['the sh:pattern "(" is no regular expression: missing )']),
    "a_long_list": (P + f"sh:or ( {'flexsh:x ' * (LONGEST_LIST + 1)}) .", ["a list of more than 100 members"]),
}  # fmt: skip
SOUND = {
    "plain": P + "sh:minCount 1 ; sh:pattern '^[a-z]+$' ; sh:message 'm'@en, 'n' .",
    "a_long_list_of_codes": P + f"sh:in ( {'flex:A ' * 1000}) .",
    "an_empty_list": P + "sh:in () .",
    "a_shared_list": P + "sh:in _:a . flexsh:z sh:path flex:z ; sh:in _:a . _:a <{rdf}first> 1 ; <{rdf}rest> ().",
    "a_long_path": "flexsh:x sh:path ( flex:y [ sh:inversePath flex:z ] ) .",
}


def found(tmp_path: Path, text: str) -> list[Finding]:
    text = text.replace("{rdf}", "http://www.w3.org/1999/02/22-rdf-syntax-ns#")
    write(tmp_path / "shapes/x.ttl", PREFIXES + text)
    model, _ = read_model(tmp_path)
    return list(shacl_findings(model))


@pytest.mark.parametrize("name", CASES)
def test_says_what_is_no_shacl_and_where(tmp_path: Path, name: str) -> None:
    text, messages = CASES[name]
    findings = found(tmp_path, text)
    assert findings
    for message in messages:
        assert [finding for finding in findings if finding.message.startswith(message)], findings
    assert {finding.file for finding in findings} == {"shapes/x.ttl"}
    assert {finding.line for finding in findings} == {PREFIXES.count("\n") + 1}
    assert {finding.term for finding in findings} == {"https://w3id.org/flexcoop/shapes#x"}


@pytest.mark.parametrize("name", SOUND)
def test_finds_nothing_in_sound_shapes(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, SOUND[name]) == []


@pytest.mark.parametrize(
    "items",
    ["_:a <{rdf}first> 1 .", "_:a <{rdf}rest> _:a ; <{rdf}first> 1 .", "_:a <{rdf}first> 1, 2 ; <{rdf}rest> () ."],
    ids=["no_end", "a_cycle", "two_in_one_place"],
)
def test_a_list_that_is_none_is_found(tmp_path: Path, items: str) -> None:
    messages = [finding.message for finding in found(tmp_path, f"{P}sh:in _:a . {items}")]
    assert any(message.startswith("the value of sh:in must be one list") for message in messages)


def test_of_a_blank_shape_the_one_that_leads_to_it_is_named(tmp_path: Path) -> None:
    findings = found(tmp_path, "flexsh:x a sh:NodeShape ; sh:property [ sh:path flex:y ; sh:minCount 'a' ] .")
    assert {finding.term for finding in findings} == {"https://w3id.org/flexcoop/shapes#x"}
    assert [finding for finding in findings if finding.message.startswith('sh:minCount "a"')]
