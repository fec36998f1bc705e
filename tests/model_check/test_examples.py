"""Examples that are judged otherwise than they say are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from model_folders import write

from registry.model_check.examples import example_files, example_findings, expected_violation
from registry.profile import Profile
from registry.profile.compilation import MODEL

SHIPPED = MODEL / "tests/ontology/examples"
SOUND = (SHIPPED / "conforms/only_required_fields.ttl").read_text()
BROKEN = (SHIPPED / "fails/max_capacity-datatype-text.ttl").read_text()


def found(tmp_path: Path, profile: Profile, name: str, text: str) -> list[tuple[str | None, int | None, str]]:
    write(tmp_path / "examples" / name, text)
    findings = example_findings(tmp_path, example_files(tmp_path / "examples"), profile)
    return [(finding.file, finding.line, finding.message) for finding in findings]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("conforms/a.ttl", BROKEN, "this should conform, but does not: max_capacity must be one number, in kW."),
        ("conforms/a.ttl", "", "there is no <https://w3id.org/flexcoop/cim#Device> in this example"),
        ("conforms/a.ttl", "<urn:a> <urn:b>", ""),
        (
            "fails/max_capacity-datatype-x.ttl",
            SOUND,
            "max_capacity DatatypeConstraintComponent alone, but it breaks not",
        ),
        ("fails/max_capacity-maxCount-x.ttl", BROKEN, "but it breaks max_capacity DatatypeConstraintComponent"),
        ("fails/online-datatype-x.ttl", BROKEN, "should break online DatatypeConstraintComponent alone"),
        ("fails/max_capacity.ttl", BROKEN, "the name must say which field breaks which constraint"),
        ("fails/maxcapacity-datatype-x.ttl", BROKEN, "the name must say which field breaks which constraint"),
        ("fails/online-datatype-x.ttl", "<urn:a> <urn:b> <urn:c> .", "there is no <https://"),
    ],
)
def test_an_example_that_is_judged_otherwise_is_found(
    tmp_path: Path, profile: Profile, name: str, text: str, message: str
) -> None:
    ((file, line, said),) = found(tmp_path, profile, name, text)
    assert (file, line) == (f"examples/{name}", 1)
    assert message in said


@pytest.mark.parametrize(
    ("name", "text"), [("conforms/any name.ttl", SOUND), ("fails/max_capacity-datatype-any-name.ttl", BROKEN)]
)
def test_an_example_that_is_judged_as_it_says_is_passed_over(
    tmp_path: Path, profile: Profile, name: str, text: str
) -> None:
    assert found(tmp_path, profile, name, text) == []


def test_two_violations_are_one_too_many(tmp_path: Path, profile: Profile) -> None:
    text = BROKEN.replace("flex:deviceName", "flex:online 5 ; flex:deviceName")
    ((_, _, message),) = found(tmp_path, profile, "fails/max_capacity-datatype-x.ttl", text)
    assert "online DatatypeConstraintComponent" in message


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("status.x-fanspeed-maxCount-two", ("status.x-fanspeed", "MaxCountConstraintComponent")),
        ("_created-minCount-missing", ("_created", "MinCountConstraintComponent")),
        ("device_class-in-class_without_code", ("device_class", "InConstraintComponent")),
        ("online-", None),
        ("online", None),
        ("none-in-x", None),
        ("", None),
    ],
)
def test_the_name_says_what_is_broken(profile: Profile, stem: str, expected: tuple[str, str] | None) -> None:
    assert expected_violation(profile.fields, stem) == expected
