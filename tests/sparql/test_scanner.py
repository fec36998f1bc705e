from __future__ import annotations

from pathlib import Path

import pytest

from sparql.refusal import QueryRefused, RefusalCode
from sparql.scanner import LONGEST, scan

CASES = Path(__file__).parent / "scanner"
REFUSED = sorted((CASES / "refused").glob("*.rq"))
PASSES = sorted((CASES / "passes").glob("*.rq"))


def _read(path: Path) -> str:
    return path.read_bytes().decode()


def refusal(text: str) -> QueryRefused:
    with pytest.raises(QueryRefused) as caught:
        scan(text)
    return caught.value


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_refused(path: Path) -> None:
    code, _, _ = path.stem.partition("--")
    assert refusal(_read(path)).code == code


@pytest.mark.parametrize("path", PASSES, ids=lambda path: path.stem)
def test_passes(path: Path) -> None:
    scan(_read(path))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT"),
        ("ask{}", "ASK"),
        ("# SELECT\nBASE <http://x/> PREFIX ask: <ASK> Construct WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("VERSION '1.2' PREFIXex:<urn:>DESCRIBE ex:a", "DESCRIBE"),
        ("PREFIX ex <urn:> SELECT * {}", None),
        ("?x", None),
        ("", None),
    ],
)
def test_the_form_is_told(text: str, form: str | None) -> None:
    assert scan(text).form == form


def test_a_refusal_says_where() -> None:
    error = refusal("# é\nSELECT * {\n  ?é ?p 'é' . SERVICE <x> {} }")
    assert (error.line, error.column) == (3, 15)
    assert "SERVICE is not allowed" in error.message


def test_an_update_is_named() -> None:
    error = refusal("PREFIX x: <y>\n delete where {}")
    assert error.message.startswith("DELETE is an update operation")
    assert (error.line, error.column) == (2, 2)


def test_length_counts_bytes() -> None:
    text = "SELECT * { } #"
    scan(text + "a" * (LONGEST - len(text)))
    assert refusal(text + "a" * (LONGEST - len(text) + 1)).code is RefusalCode.LONG
    assert refusal(text + "é" * (LONGEST // 2)).code is RefusalCode.LONG


def test_half_a_surrogate_is_no_reason_to_fail() -> None:
    assert scan("ASK { ?s ?p '\ud800' }").form == "ASK"


def test_a_text_with_too_many_readings_is_refused_with_advice() -> None:
    error = refusal("ASK { ?s ?p (" + "1<'x>'" * 7000)
    assert error.code is RefusalCode.AMBIGUOUS
    assert "space after each <" in error.message
