"""The three forms of a diff: for people, for programs, for a changelog."""

from __future__ import annotations

import json

import pytest
from edited_models import FILES, edited, model

from registry.model_diff import Impact, compare
from registry.model_diff.reports import REPORTS, to_json, to_markdown, to_text

EDIT = {
    "sh:maxInclusive 1.0e3": "sh:maxInclusive 5.0e2",
    "sh:in ( ex:Boiler ex:Lamp ex:Pump )": "sh:in ( ex:Boiler ex:Lamp ex:Pump ex:Spare )",
    "device_id must be a UUID.": "device_id must be one UUID.",
    "": "ex:Lamp owl:deprecated true .",
}
DIFF = compare(model(FILES), model(edited(FILES, EDIT)))
NOTHING = compare(model(FILES), model(FILES))

TEXT = """\
breaking:
  `max_capacity`: the largest allowed value falls from 1000 to 500 kW
      JSON: Writers of values beyond it are refused.

compatible:
  `ex:Lamp` is deprecated
      JSON: It goes on working; clients had better stop using it.
      SPARQL: It goes on working; queries had better stop using it.
  `device_class`: `spare` (ex:Spare) is now allowed
      JSON: Writers are accepted as before; readers who tell codes apart meet one that they don't know.
      SPARQL: Queries may find a value that they don't know.

without effect on clients:
  `device_id`: the message (en) changes from "device_id must be a UUID." to "device_id must be one UUID."

4 changes: 1 breaking, 2 compatible, 1 without effect on clients
<https://example.com/model>: 1.2.3 -> 1.2.3
<https://example.com/model> states the version 1.2.3, but after 1.2.3 it must be 2.0.0 at least: a change is breaking
<https://example.com/shapes>: 1.0.0 -> 1.0.0
<https://example.com/shapes> states the version 1.0.0, but \
after 1.0.0 it must be 2.0.0 at least: a change is breaking"""

MARKDOWN = """\
## 1.2.3

### Added

- `device_class`: `spare` (ex:Spare) is now allowed.

### Changed

- `max_capacity`: the largest allowed value falls from 1000 to 500 kW (**breaking** for JSON clients).
- `device_id`: the message (en) changes from "device_id must be a UUID." to "device_id must be one UUID.".

### Deprecated

- `ex:Lamp` is deprecated.
"""


def test_text_tells_the_worst_first_with_its_reasons_and_ends_with_the_versions() -> None:
    assert to_text(DIFF) == TEXT


def test_text_of_no_changes_is_short() -> None:
    assert to_text(NOTHING).splitlines() == [
        "no changes",
        "<https://example.com/model>: 1.2.3 -> 1.2.3",
        "<https://example.com/shapes>: 1.0.0 -> 1.0.0",
    ]


def test_text_says_which_version_would_have_done() -> None:
    edit = {'owl:versionInfo "1.2.3"': 'owl:versionInfo "3.0.0"', "unit:KiloW": "unit:MegaW"}
    text = to_text(compare(model(FILES), model(edited(FILES, edit))))
    assert "<https://example.com/model>: 1.2.3 -> 3.0.0 (asked for: 2.0.0 or later)" in text


def test_json_holds_all_that_the_diff_does() -> None:
    document = json.loads(to_json(DIFF))
    assert document["impact"] == "breaking"
    assert document["admitted"] is False
    assert [step["asked"] for step in document["versions"]] == ["2.0.0", "2.0.0"]
    assert len(document["changes"]) == len(DIFF.changes)
    assert document["changes"][0] == {
        "kind": "bound-tightened",
        "sort": "changed",
        "subject": "https://example.com/shapes#power",
        "name": "max_capacity",
        "predicate": "http://www.w3.org/ns/shacl#maxInclusive",
        "old": "1000.0",
        "new": "500.0",
        "what": "`max_capacity`: the largest allowed value falls from 1000 to 500 kW",
        "json": {"impact": "breaking", "reason": "Writers of values beyond it are refused."},
        "sparql": {"impact": "none", "reason": "Queries read the same triples."},
    }


def test_markdown_is_a_section_of_a_changelog() -> None:
    text = to_markdown(DIFF)
    assert text.startswith(MARKDOWN)
    assert text.count("must be 2.0.0 at least") == 2


def test_markdown_of_no_changes_says_so() -> None:
    assert to_markdown(NOTHING) == "## 1.2.3\n\nNo changes."


@pytest.mark.parametrize("form", REPORTS)
def test_every_report_tells_every_change(form: str) -> None:
    report = REPORTS[form](DIFF)
    report = json.dumps(json.loads(report), ensure_ascii=False) if form == "json" else report
    for change in DIFF.changes:
        what = json.dumps(change.what, ensure_ascii=False)[1:-1] if form == "json" else change.what
        assert what[1:] in report
    assert {change.impact for change in DIFF.changes} == set(Impact)
