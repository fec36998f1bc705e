"""The Authorization header, and the challenges that answer it (RFC 6750)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import Unauthorized
from registry.tokens.bearer import invalid_token, token_of

CHALLENGE = re.compile(
    r'Bearer realm="der-registry"(, error="invalid_token", error_description="[\x20\x21\x23-\x5b\x5d-\x7e]*")?'
)


@pytest.mark.parametrize(
    "value", ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c ", "Token a.b.c", "token a.b.c", "a.b.c", " a.b.c"]
)
def test_token_is_taken_from_header(value: str) -> None:
    assert token_of(value) == "a.b.c"


@pytest.mark.parametrize("value", [None, "", "  ", "Bearer", "Token ", "Basic dXNlcjpwYXNz", "Digest a b c"])
def test_without_a_token_the_challenge_has_no_error_code(value: str | None) -> None:
    with pytest.raises(Unauthorized) as caught:
        token_of(value)
    assert caught.value.headers == {"WWW-Authenticate": 'Bearer realm="der-registry"'}


def test_two_tokens_are_an_invalid_token() -> None:
    with pytest.raises(Unauthorized) as caught:
        token_of("Bearer a b")
    assert 'error="invalid_token"' in caught.value.headers["WWW-Authenticate"]


@settings(deadline=None)
@given(st.text())
def test_challenge_is_one_header_line_whatever_the_reason(reason: str) -> None:
    assert CHALLENGE.fullmatch(invalid_token(reason).headers["WWW-Authenticate"])


@settings(deadline=None)
@given(st.none() | st.text())
def test_any_header_gives_a_token_or_a_challenge(value: str | None) -> None:
    try:
        token = token_of(value)
    except Unauthorized as error:
        challenge = error.headers["WWW-Authenticate"]
    else:
        assert token
        assert token.split() == [token]
        return
    assert CHALLENGE.fullmatch(challenge)
