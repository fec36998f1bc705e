"""The version that changes ask for, as Semantic Versioning 2.0.0 has it, and what is said of the one that is stated."""

from __future__ import annotations

import pytest
from edited_models import FILES, edited, model
from semver import Version

from registry.model_diff import Impact, ModelDiff, compare
from registry.model_diff.versions import admits, asked_version

BREAKING = {"unit:KiloW": "unit:MegaW"}
COMPATIBLE = {'skos:hiddenLabel "kettle"': 'skos:hiddenLabel "kettle", "tea"'}
NO_EFFECT = {'"thermal load"@en': '"heating"@en'}
SHAPES_BREAK = {"sh:maxInclusive 1.0e3": "sh:maxInclusive 5.0e2"}


def version(number: str) -> dict[str, str]:
    return {
        "owl:versionIRI <https://example.com/model/1.2.3>": f"owl:versionIRI <https://example.com/model/{number}>",
        'owl:versionInfo "1.2.3"': f'owl:versionInfo "{number}"',
    }


def shapes_version(number: str) -> dict[str, str]:
    return {
        "owl:versionIRI <https://example.com/shapes/1.0.0>": f"owl:versionIRI <https://example.com/shapes/{number}>",
        'owl:versionInfo "1.0.0"': f'owl:versionInfo "{number}"',
    }


def diff(new: dict[str, str], old: dict[str, str] | None = None) -> ModelDiff:
    return compare(model(edited(FILES, old or {})), model(edited(FILES, new)))


@pytest.mark.parametrize(
    ("old", "impact", "asked"),
    [
        ("1.2.3", Impact.BREAKING, "2.0.0"),
        ("1.2.3", Impact.COMPATIBLE, "1.3.0"),
        ("1.2.3", Impact.NONE, "1.2.4"),
        ("1.2.3", None, "1.2.3"),
        ("0.4.1", Impact.BREAKING, "0.5.0"),
        ("0.4.1", Impact.COMPATIBLE, "0.4.2"),
        ("0.4.1", Impact.NONE, "0.4.2"),
        ("2.0.0-rc.1", Impact.BREAKING, "2.0.0-rc.2"),
        ("2.0.0-rc.1", Impact.NONE, "2.0.0-rc.2"),
    ],
)
def test_changes_ask_for_a_version(old: str, impact: Impact | None, asked: str) -> None:
    assert str(asked_version(Version.parse(old), impact)) == asked


@pytest.mark.parametrize(
    ("old", "asked", "new", "admitted"),
    [
        ("1.2.3", "2.0.0", "2.0.0", True),
        ("1.2.3", "2.0.0", "3.1.4", True),
        ("1.2.3", "2.0.0", "1.9.9", False),
        ("1.2.3", "2.0.0", "2.0.0-rc.1", True),
        ("1.2.3", "2.0.0", "1.9.9-rc.1", False),
        ("1.2.3", "1.2.4", "1.2.3+build.7", False),
        ("1.2.3", "1.2.3", "1.2.3-rc.1", False),
        ("2.0.0-rc.1", "2.0.0-rc.2", "2.0.0", True),
        ("2.0.0-rc.2", "2.0.0-rc.3", "2.0.0-rc.1", False),
    ],
)
def test_a_version_admits_what_asks_for_no_later_one(old: str, asked: str, new: str, admitted: bool) -> None:
    assert admits(*map(Version.parse, (old, asked, new))) is admitted


@pytest.mark.parametrize(
    ("edit", "number", "admitted", "finding"),
    [
        (BREAKING, "1.2.3", False, "after 1.2.3 it must be 2.0.0 at least: a change is breaking"),
        (BREAKING, "1.3.0", False, "states the version 1.3.0, but after 1.2.3 it must be 2.0.0 at least"),
        (BREAKING, "2.0.0", True, None),
        (COMPATIBLE, "1.2.4", True, "it must be 1.3.0 at least: clients may notice a change"),
        (COMPATIBLE, "1.3.0", True, None),
        (NO_EFFECT, "1.2.3", True, "it must be 1.2.4 at least: something changed"),
        (NO_EFFECT, "1.2.4", True, None),
        ({}, "1.2.3", True, None),
        ({}, "1.2.2", True, "states the version 1.2.2, which is lower than 1.2.3 before"),
        (BREAKING, "second", False, "second is no semantic version such as 1.2.0"),
    ],
)
def test_the_new_model_states_a_version(edit: dict[str, str], number: str, admitted: bool, finding: str | None) -> None:
    found = diff({**edit, **(version(number) if number != "1.2.3" else {})})
    assert found.is_admitted is admitted
    (main, shapes) = found.versions
    assert (main.ontology, main.old, main.new) == ("https://example.com/model", "1.2.3", number)
    assert shapes.findings == ()
    assert len(main.findings) == (finding is not None)
    assert finding is None or finding in main.findings[0]


def test_a_version_alone_is_no_change() -> None:
    assert diff(version("7.0.0")).changes == ()


def test_shapes_with_a_version_of_their_own_must_say_what_breaks_in_them() -> None:
    found = diff({**SHAPES_BREAK, **version("2.0.0")})
    (main, shapes) = found.versions
    assert main.is_admitted
    assert (shapes.ontology, shapes.asked, shapes.is_admitted) == ("https://example.com/shapes", "2.0.0", False)
    assert not found.is_admitted
    assert diff({**SHAPES_BREAK, **version("2.0.0"), **shapes_version("2.0.0")}).is_admitted


def test_a_version_of_the_shapes_does_not_admit_what_breaks_in_the_model() -> None:
    assert not diff({**SHAPES_BREAK, **shapes_version("2.0.0")}).is_admitted


def test_the_iri_of_a_version_ends_in_its_number() -> None:
    (main, _) = diff({**BREAKING, 'owl:versionInfo "1.2.3"': 'owl:versionInfo "2.0.0"'}).versions
    assert main.is_admitted
    assert main.findings == (
        "its owl:versionIRI <https://example.com/model/1.2.3> does not end in 2.0.0, its owl:versionInfo",
    )


@pytest.mark.parametrize(("named", "right"), [("1.2.3", True), ("1.2.2", False)])
def test_a_prior_version_is_the_one_before(named: str, right: bool) -> None:
    prior = f"<https://example.com/model> owl:priorVersion <https://example.com/model/{named}> ."
    (main, _) = diff({**BREAKING, **version("2.0.0"), "": prior}).versions
    assert main.findings == (
        () if right else ("its owl:priorVersion is not <https://example.com/model/1.2.3>, the version before",)
    )


def test_the_number_may_stand_in_the_iri_alone() -> None:
    edit = {' ;\n    owl:versionInfo "1.2.3"': ""}
    (main, _) = diff({**edit, **BREAKING}, edit).versions
    assert (main.old, main.new, main.asked) == ("1.2.3", "1.2.3", "2.0.0")


def without_versions(*owners: str) -> dict[str, str]:
    numbers = {"model": "1.2.3", "shapes": "1.0.0"}
    stated = 'owl:versionIRI <https://example.com/{0}/{1}> ;\n    owl:versionInfo "{1}"'
    return {stated.format(owner, numbers[owner]): 'rdfs:comment "no version"' for owner in owners}


def test_a_model_that_no_longer_states_a_version_admits_nothing() -> None:
    found = diff({**BREAKING, **without_versions("model")})
    assert found.versions[0].findings == ("states no version",)
    assert not found.is_admitted


def test_a_model_that_states_a_version_for_the_first_time_may_state_any() -> None:
    found = diff(BREAKING, without_versions("model"))
    assert (found.versions[0].old, found.versions[0].asked, found.versions[0].findings) == (None, None, ())
    assert found.is_admitted


def test_a_model_without_any_version_admits_no_break_and_says_what_is_missing() -> None:
    bare = without_versions("model", "shapes")
    found = diff({**BREAKING, **bare}, bare)
    (step,) = found.versions
    assert "no ontology of the model states a version" in step.findings[0]
    assert not found.is_admitted
    assert diff({**NO_EFFECT, **bare}, bare).is_admitted
