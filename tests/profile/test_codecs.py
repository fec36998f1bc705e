"""Codecs: JSON values and terms, in both directions; what has no term of the right kind says what was given."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from device_strategies import values
from hypothesis import given
from hypothesis import strategies as st

from registry.profile import Profile, load_profile
from registry.profile.codecs import DATATYPES, Codec
from registry.profile.points import PointCodec
from registry.profile.values import stray
from registry.vocabulary import CELL, WGS84, WKT_LITERAL
from sparql.terms import BOOLEAN, DATE_TIME, DECIMAL, DOUBLE, INTEGER, JSON, STRING, XSD, Iri, Literal

PROFILE: Profile = load_profile()
DATE = XSD.term("date")
EACH_FIELD = pytest.mark.parametrize("name", PROFILE.fields)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


def point(*coordinates: Any, **extra: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(coordinates), **extra}


def codec_of(name: str) -> Codec:
    return PROFILE.fields[name].codec


@EACH_FIELD
@given(data=st.data())
def test_every_valid_value_comes_back(name: str, data: st.DataObject) -> None:
    field = PROFILE.fields[name]
    value = data.draw(values(PROFILE, field))
    for each in value if field.multiple else [value]:
        found = field.codec.decode(field.codec.encode(each))
        assert found == each
        assert type(found) is type(each)


@EACH_FIELD
@given(value=ANY_JSON)
def test_any_value_becomes_a_term(name: str, value: Any) -> None:
    codec = codec_of(name)
    term = codec.encode(value)
    assert isinstance(term, Iri | Literal)
    assert {predicate for predicate, _ in codec.entailed(term)} <= set(codec.entailed_predicates)


@pytest.mark.parametrize(
    ("value", "term"),
    [
        ("x", Literal("x", STRING)),
        (True, Literal("true", BOOLEAN)),
        (0, Literal("0", INTEGER)),
        (1.5, Literal("1.5", DOUBLE)),
        (None, Literal("null", JSON)),
        ({"b": 1, "a": ["é"]}, Literal('{"a": ["é"], "b": 1}', JSON)),
    ],
)
def test_stray_values_say_what_was_given(value: Any, term: Literal) -> None:
    assert stray(value) == term


@pytest.mark.parametrize(
    ("datatype", "value", "lexical"),
    [
        (DOUBLE, 5, "5"),
        (DOUBLE, 5.0, "5"),
        (DOUBLE, "5", "5"),
        (DOUBLE, " 5.50 ", "5.5"),
        (DOUBLE, "-1e3", "-1000"),
        (DOUBLE, ".5", "0.5"),
        (DOUBLE, "5.", "5"),
        (DOUBLE, "+7", "7"),
        (DOUBLE, -0.0, "0"),
        (DECIMAL, "12.50", "12.5"),
        (DECIMAL, 1e-7, "0.0000001"),
        (INTEGER, 5.0, "5"),
        (INTEGER, "5", "5"),
        (INTEGER, "-0", "0"),
    ],
)
def test_what_reads_as_a_number_is_one(datatype: Iri, value: Any, lexical: str) -> None:
    assert DATATYPES[datatype].encode(value) == Literal(lexical, datatype)


@pytest.mark.parametrize("datatype", [DOUBLE, DECIMAL, INTEGER])
@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        None,
        "",
        "  ",
        "five",
        "0x10",
        "1_000",
        "1,5",
        "nan",
        "inf",
        "-Infinity",
        "1e999",
        [5],
        {"a": 5},
        10**400,
    ],
    ids=lambda value: str(value)[:12],
)
def test_what_does_not_read_as_a_finite_number_is_none(datatype: Iri, value: Any) -> None:
    term = DATATYPES[datatype].encode(value)
    assert term == stray(value)
    assert isinstance(term, Literal)
    assert term.datatype != datatype or isinstance(value, int)


def test_a_number_with_a_fraction_is_no_integer() -> None:
    assert DATATYPES[INTEGER].encode(5.5) == Literal("5.5", DOUBLE)


@given(st.floats())
def test_no_codec_writes_a_number_that_is_not_finite(value: float) -> None:
    for datatype in (DOUBLE, DECIMAL):
        if math.isfinite(value):
            term = DATATYPES[datatype].encode(value)
            assert isinstance(term, Literal)
            assert float(term.lexical) == value


@pytest.mark.parametrize("value", ["true", "false", 1, 0, "1", None, "yes"])
def test_only_true_and_false_are_booleans(value: Any) -> None:
    term = DATATYPES[BOOLEAN].encode(value)
    assert isinstance(term, Literal)
    assert term.datatype != BOOLEAN


@pytest.mark.parametrize(
    ("value", "lexical", "back"),
    [
        ("2026-11-23T06:39:22.000000Z", "2026-11-23T06:39:22Z", "2026-11-23T06:39:22.000000Z"),
        ("2026-11-23T06:39:22.120000Z", "2026-11-23T06:39:22.12Z", "2026-11-23T06:39:22.120000Z"),
        ("2026-11-23T06:39:22Z", "2026-11-23T06:39:22Z", "2026-11-23T06:39:22.000000Z"),
        ("2026-11-23T07:39:22+01:00", "2026-11-23T06:39:22Z", "2026-11-23T06:39:22.000000Z"),
        ("2026-11-23 06:39:20.5-00:30", "2026-11-23T07:09:20.5Z", "2026-11-23T07:09:20.500000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_times_are_written_in_utc(value: str, lexical: str, back: str) -> None:
    codec = DATATYPES[DATE_TIME]
    assert codec.encode(value) == Literal(lexical, DATE_TIME)
    assert codec.decode(codec.encode(value)) == back


@pytest.mark.parametrize(
    "value",
    ["", "now", "2026-11-23T06:39:22", "2026-11-23", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", 1790000000, None,
     True, "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "Mon, 23 Nov 2026 06:39:22 GMT"],
)  # fmt: skip
def test_what_is_no_time_with_an_offset_stays_what_it_is(value: Any) -> None:
    assert DATATYPES[DATE_TIME].encode(value) == stray(value)


@pytest.mark.parametrize(
    "value", ["", "2026-02-30", "2026-11-23T00:00:00Z", "23.11.2026", 20261123, None, ["2026-11-23"]]
)
def test_what_is_no_date_stays_what_it_is(value: Any) -> None:
    assert DATATYPES[DATE].encode(value) == stray(value)


@pytest.mark.parametrize(("value", "wire"), [("0", "0"), ("1", "1"), ("0.0", "0"), ("1.0", "1")])
def test_operation_states_of_the_old_telemetry_are_understood(value: str, wire: str) -> None:
    codec = codec_of("status.operationState")
    assert codec.decode(codec.encode(value)) == wire


@pytest.mark.parametrize("value", ["2", "00", "1.00", " 1", "", 0, 1, 1.0, True, None])
def test_other_operation_states_are_no_codes(value: Any) -> None:
    assert codec_of("status.operationState").encode(value) == stray(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("availability", "Yes"), ("availability", "maybe"), ("device_class", "HvacDevice"), ("device_class", ""),
     ("device_type", "demand"), ("status.mode", 2), ("status.mode", "6"), ("marketplace_availability", "")],
)  # fmt: skip
def test_what_is_no_code_stays_what_it_is(name: str, value: Any) -> None:
    assert codec_of(name).encode(value) == stray(value)


def test_an_empty_text_is_a_code_where_the_model_says_so() -> None:
    term = codec_of("availability").encode("")
    assert isinstance(term, Iri)
    assert codec_of("availability").decode(term) == ""


def test_uuids_are_folded_to_lower_case() -> None:
    upper = "0B7C1F5E-3A51-4C8E-9D0F-2F6A1C9E4B7D"
    for name in ("account_id", "ven_id"):
        assert codec_of(name).encode(upper) == Iri(f"urn:uuid:{upper.lower()}")


def test_names_of_aggregators_keep_their_case() -> None:
    codec = codec_of("aggregator_id")
    assert codec.decode(codec.encode("Coop A/ü?#%20")) == "Coop A/ü?#%20"


@given(st.text(st.characters(codec="utf-8")))
def test_every_text_fits_into_an_iri(text: str) -> None:
    codec = codec_of("aggregator_id")
    term = codec.encode(text)
    assert str(term).isascii()
    assert codec.decode(term) == text


@pytest.mark.parametrize(
    ("value", "wkt"),
    [
        (point(2.5, 41), "POINT(2.5 41)"),
        (point(-180, -90.0), "POINT(-180 -90)"),
        (point(-0.0, 0), "POINT(0 0)"),
        (point(1e-7, 1e-20), "POINT(0.0000001 0.00000000000000000001)"),
        (point(2.5, 90.0001), "POINT(2.5 90.0001)"),
    ],
)
def test_points_are_written_as_wkt(value: Any, wkt: str) -> None:
    codec = PointCodec()
    assert codec.encode(value) == Literal(wkt, WKT_LITERAL)
    assert codec.decode(codec.encode(value)) == value


def test_a_point_entails_its_coordinates_and_cells() -> None:
    codec = PointCodec()
    assert set(codec.entailed(codec.encode(point(2.50, 41)))) == {
        (WGS84.term("lat"), Literal("41", DECIMAL)),
        (WGS84.term("long"), Literal("2.5", DECIMAL)),
        *((CELL, Iri(f"https://w3id.org/flexcoop/cell/{cell}")) for cell in ("4/8/11", "7/64/93", "10/519/745")),
        *((CELL, Iri(f"https://w3id.org/flexcoop/cell/{cell}")) for cell in ("13/4152/5961", "16/33223/47695")),
    }


@pytest.mark.parametrize(
    "value",
    [
        point(2.5),
        point(2.5, 41, 7),
        point("2.5", "41"),
        point(True, False),
        point(None, 41),
        point([2.5], 41),
        point(float("nan"), 41),
        point(float("inf"), 41),
        point(2.5, 41, bbox=[0, 0, 1, 1]),
        point(2.5, 41, crs={"type": "name"}),
        {"type": "point", "coordinates": [2.5, 41]},
        {"coordinates": [2.5, 41]},
        {"type": "Point"},
        {"type": "Point", "coordinates": {"lon": 2.5, "lat": 41}},
        {"type": "Point", "coordinates": "2.5,41"},
        {"type": "MultiPoint", "coordinates": [[2.5, 41]]},
        [2.5, 41],
        "POINT(2.5 41)",
        {},
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_what_is_no_point_of_two_numbers_stays_what_it_is(value: Any) -> None:
    codec = PointCodec()
    term = codec.encode(value)
    assert term == stray(value)
    assert isinstance(term, Literal)
    assert term.datatype != WKT_LITERAL
