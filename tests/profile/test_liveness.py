"""How long classes may be silent, and which field tells when a device was heard of, as the Turtle says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from rdflib import Graph

from registry.profile import Profile, ProfileError, compile_profile, load_profile
from registry.vocabulary import FLEX

MODEL = (Path(__file__).parent / "model.ttl").read_text()
SEEN = """
ex:DeviceShape sh:property ex:seen .
ex:seen sh:path flex:lastSeen ; sh:datatype xsd:dateTime ; sh:maxCount 1 ;
    api:field "seen" ; api:stampedBy flex:status .
"""


def compiled(*additions: str) -> Profile:
    graph = Graph(bind_namespaces="none").parse(data="\n".join([MODEL, *additions]), format="turtle")
    return compile_profile(graph, graph)


def after(name: str, text: str) -> str:
    return f'flex:{name} flex:staleAfter "{text}"^^xsd:dayTimeDuration .'


def minutes(profile: Profile) -> dict[str, float]:
    return {str(name).removeprefix(FLEX): limit / timedelta(minutes=1) for name, limit in profile.stale_after.items()}


def test_shipped_devices_are_stale_after_half_an_hour_and_sensors_after_a_day() -> None:
    found = minutes(load_profile())
    assert found.pop("SensingDevice") == 24 * 60
    assert set(found.values()) == {30}
    assert {"HeatPump", "BatteryDevice", "MeteringDevice"} < set(found)


DEEP = "flex:Load rdfs:subClassOf flex:Middle . flex:Middle rdfs:subClassOf flex:Device . "
LIMITS = {
    "none_is_stated": ((), {}),
    "of_the_class": ((after("Lamp", "PT5M"),), {"Lamp": 5}),
    "of_a_superclass": ((after("Device", "PT5M"),), {"Lamp": 5, "Boiler": 5}),
    "own_stands_above_the_superclass": ((after("Device", "PT5M"), after("Lamp", "PT9M")), {"Lamp": 9, "Boiler": 5}),
    "nearer_stands_above_farther": ((after("Device", "PT5M"), after("Load", "P1D")), {"Lamp": 1440, "Boiler": 1440}),
    "of_several_the_shortest": (
        (after("Load", "PT9M"), "flex:Lamp rdfs:subClassOf flex:Other .", after("Other", "PT7M")),
        {"Lamp": 7, "Boiler": 9},
    ),
    "one_below_the_other_is_nearer_by_any_way": (
        ("flex:Lamp rdfs:subClassOf flex:Device .", after("Load", "PT9M"), after("Device", "PT7M")),
        {"Lamp": 9, "Boiler": 9},
    ),
    "with_seconds_and_days": ((after("Lamp", "P1DT0.5S"),), {"Lamp": 1440 + 0.5 / 60}),
    "of_what_is_no_device": ((after("Account", "PT5M"),), {}),
}


@pytest.mark.parametrize("case", LIMITS)
def test_limit_of_silence(case: str) -> None:
    additions, expected = LIMITS[case]
    assert minutes(compiled(*additions)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "stated",
    [
        '"PT0S"^^xsd:dayTimeDuration', '"-PT5M"^^xsd:dayTimeDuration', '"P40000D"^^xsd:dayTimeDuration',
        '"P1Y"^^xsd:dayTimeDuration', '"PT5M"^^xsd:duration', '"PT5M"', "5", "flex:Lamp",
        '"PT5M"^^xsd:dayTimeDuration, "PT6M"^^xsd:dayTimeDuration',
    ],
)  # fmt: skip
def test_a_limit_that_is_no_span_of_time_is_refused(stated: str) -> None:
    with pytest.raises(ProfileError, match=r"flex:staleAfter of <.*Lamp> is .*PT30M or P1D"):
        compiled(f"flex:Lamp flex:staleAfter {stated} .")


def test_the_stamped_field_is_the_one_with_the_annotation() -> None:
    profile = compiled(SEEN)
    assert profile.stamped_field is profile.fields["seen"]
    assert profile.fields["seen"].stamped_by == {FLEX.term("status")}
    assert compiled().stamped_field is None


STAMPS = {
    "no_nested_object": ("stampedBy flex:status", "stampedBy flex:tag", "leads to no nested object; those are: status"),
    "no_moment": ("xsd:dateTime", "xsd:date", "must be one xsd:dateTime of the device itself"),
    "a_list": ("sh:maxCount 1 ;", "", "must be one xsd:dateTime of the device itself"),
    "inside_an_object": ("sh:path flex:lastSeen", "sh:path ( flex:status flex:lastSeen )", "of the device itself"),
    "of_the_record": ('api:field "seen"', 'api:field "_seen"', "none that the registry writes at every change"),
    "two": ("ex:seen sh:path", 'ex:other api:field "x" ; api:stampedBy flex:status . ex:seen sh:path', "seen, x have"),
}


@pytest.mark.parametrize("case", STAMPS)
def test_a_stamp_that_could_not_be_set_is_refused(case: str) -> None:
    old, new, words = STAMPS[case]
    assert SEEN.count(old) == 1
    with pytest.raises(ProfileError) as caught:
        compiled(SEEN.replace(old, new))
    assert words in str(caught.value)
    assert "api:stampedBy" in str(caught.value)
