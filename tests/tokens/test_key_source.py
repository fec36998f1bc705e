"""Keys of a provider over real HTTP: rotation, bounded fetching, a provider that is down, slow or wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc.jwk import Key, OctKey
from local_provider import DISCOVERY, JWKS, NOW, Clock, LocalProvider, ec, okp, rsa, segment

from registry.errors import ServiceUnavailable, Unauthorized
from registry.principal import Role
from registry.tokens import keys, metadata
from registry.tokens.jws import parse
from registry.tokens.keys import INTERVAL, MAX_AGE, KeySource
from registry.tokens.metadata import MAX_BYTES, FetchError, fetch_json, fetch_keys
from registry.tokens.verifier import TokenVerifier

WAIT = 10.0
"""Seconds after which a test that waits for a thread gives up."""


@pytest.fixture
def provider() -> Iterator[LocalProvider]:
    with LocalProvider(ec("first")) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def verifier(provider: LocalProvider, clock: Clock) -> TokenVerifier:
    return TokenVerifier([provider.trusted()], now=clock)


def good(provider: LocalProvider, **header: Any) -> str:
    """Return a token that stays good while the clock moves."""
    return provider.token(provider.claims(exp=NOW + 10**6), **header)


def eventually(verifier: TokenVerifier, token: str) -> type[Exception]:
    """Verify until it fails, as a renewal in the background will have it; return the error."""
    pause = threading.Event()
    for _ in range(int(WAIT * 100)):
        try:
            verifier.verify(token)
        except (Unauthorized, ServiceUnavailable) as error:
            return type(error)
        pause.wait(0.01)
    raise AssertionError("the token stays good")


def test_keys_are_fetched_once(provider: LocalProvider, verifier: TokenVerifier) -> None:
    for _ in range(5):
        verifier.verify(good(provider))
    assert provider.counts == {DISCOVERY: 1, JWKS: 1}


def test_jwks_uri_needs_no_discovery(provider: LocalProvider, clock: Clock) -> None:
    issuer = provider.trusted(jwks_uri=provider.issuer + JWKS)
    TokenVerifier([issuer], now=clock).verify(good(provider))
    assert provider.counts == {JWKS: 1}


def test_discovery_ignores_the_slash_at_the_end_of_an_issuer(provider: LocalProvider, clock: Clock) -> None:
    issuer = provider.issuer + "/"
    document = {"issuer": issuer, "jwks_uri": provider.issuer + JWKS}
    provider.answers[DISCOVERY] = (200, json.dumps(document).encode())
    verifier = TokenVerifier([provider.trusted(issuer=issuer)], now=clock)
    assert verifier.verify(provider.token(provider.claims(iss=issuer))).issuer == issuer


def test_new_key_is_found_at_once(provider: LocalProvider, verifier: TokenVerifier, clock: Clock) -> None:
    verifier.verify(good(provider))
    provider.keys.insert(0, ec("second"))
    clock.time += INTERVAL
    assert verifier.verify(good(provider)).role is Role.AGGREGATOR
    assert provider.counts[JWKS] == 2


def test_retired_key_disappears_at_the_renewal(provider: LocalProvider, verifier: TokenVerifier, clock: Clock) -> None:
    old = good(provider)
    verifier.verify(old)
    provider.keys[:] = [ec("second")]
    clock.time += MAX_AGE
    assert eventually(verifier, old) is Unauthorized
    assert verifier.verify(good(provider)).role is Role.AGGREGATOR


def test_unknown_kids_cause_one_fetch_in_the_interval(
    provider: LocalProvider, verifier: TokenVerifier, clock: Clock
) -> None:
    verifier.verify(good(provider))
    for fetches in (1, 2, 3):
        for number in range(20):
            with pytest.raises(Unauthorized, match="kid"):
                verifier.verify(good(provider, kid=f"unknown-{number}"))
        assert provider.counts[JWKS] == fetches
        clock.time += INTERVAL


def test_failing_fetches_are_bounded_too(provider: LocalProvider, verifier: TokenVerifier, clock: Clock) -> None:
    provider.answers[DISCOVERY] = (500, b"")
    for fetches in (1, 2):
        for _ in range(20):
            with pytest.raises(ServiceUnavailable):
                verifier.verify(good(provider))
        assert provider.counts[DISCOVERY] == fetches
        clock.time += INTERVAL


def test_many_threads_that_know_no_key_cause_one_fetch(provider: LocalProvider, verifier: TokenVerifier) -> None:
    with ThreadPoolExecutor(16) as pool:
        roles = {principal.role for principal in pool.map(verifier.verify, [good(provider)] * 64)}
    assert roles == {Role.AGGREGATOR}
    assert provider.counts[JWKS] == 1


def test_clock_that_was_set_back_does_not_stop_fetching(
    provider: LocalProvider, verifier: TokenVerifier, clock: Clock
) -> None:
    verifier.verify(good(provider))
    provider.keys.insert(0, ec("second"))
    clock.time -= 20
    assert verifier.verify(good(provider)).role is Role.AGGREGATOR


def test_keys_are_kept_when_the_provider_is_down(
    provider: LocalProvider, verifier: TokenVerifier, clock: Clock
) -> None:
    token = good(provider)
    verifier.verify(token)
    provider.stop()
    for _ in range(3):
        clock.time += MAX_AGE
        assert verifier.verify(token).role is Role.AGGREGATOR
        with pytest.raises(Unauthorized, match="kid"):
            verifier.verify(good(provider, kid="unknown"))


def test_provider_that_was_never_up_is_unavailable_and_then_found(
    provider: LocalProvider, verifier: TokenVerifier, clock: Clock
) -> None:
    token = good(provider)
    provider.stop()
    with pytest.raises(ServiceUnavailable) as caught:
        verifier.verify(token)
    assert caught.value.headers == {"Retry-After": "10"}
    assert "127.0.0.1" not in caught.value.message
    with provider:
        clock.time += INTERVAL
        assert verifier.verify(token).role is Role.AGGREGATOR


def test_slow_provider_does_not_hold_up_those_with_a_known_key(
    provider: LocalProvider, verifier: TokenVerifier, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "PATIENCE", 0.2)
    token = good(provider)
    verifier.verify(token)
    provider.open.clear()
    provider.asked.clear()
    clock.time += MAX_AGE
    with ThreadPoolExecutor(1) as pool:
        stranger = pool.submit(verifier.verify, good(provider, kid="unknown"))
        assert provider.asked.wait(WAIT)
        for _ in range(20):
            assert verifier.verify(token).role is Role.AGGREGATOR
        assert not provider.open.is_set()
        error = stranger.exception(WAIT)
    assert isinstance(error, ServiceUnavailable)
    assert provider.counts[JWKS] == 1


def test_fetch_that_outlasts_a_request_still_counts(
    provider: LocalProvider, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "PATIENCE", 0.2)
    provider.open.clear()
    with pytest.raises(ServiceUnavailable):
        verifier.verify(good(provider))
    provider.open.set()
    pause = threading.Event()
    for _ in range(int(WAIT * 100)):
        try:
            principal = verifier.verify(good(provider))
        except ServiceUnavailable:
            pause.wait(0.01)
        else:
            break
    assert principal.role is Role.AGGREGATOR
    assert provider.counts[DISCOVERY] == 1


SETS: dict[str, tuple[list[Key], str | None, str, str | None]] = {
    # keys, kid of the token, its algorithm, what the error says (None: a key is found)
    "no_kid_one_key": ([ec("a")], None, "ES256", None),
    "no_kid_one_of_its_type": ([ec("a"), okp("b")], None, "ES256", None),
    "no_kid_one_of_its_curve": ([ec("a"), ec("b", "P-384")], None, "ES384", None),
    "no_kid_two_keys": ([ec("a"), ec("b")], None, "ES256", "several"),
    "no_kid_none_of_its_type": ([okp("b")], None, "ES256", "suit"),
    "same_kid_for_two_types": ([okp("a"), ec("a")], "a", "ES256", None),
    "key_for_another_algorithm": ([rsa("a", alg="RS512")], "a", "RS256", "suit"),
    "key_for_signing_only": ([rsa("a", key_ops=["sign"])], "a", "RS256", "suit"),
    "kid_of_none": ([ec("a")], "b", "ES256", "kid"),
}


@pytest.mark.parametrize("name", SETS)
def test_key_is_found_by_kid_and_algorithm(name: str) -> None:
    published, kid, algorithm, reason = SETS[name]
    with LocalProvider(*published) as provider:
        source = KeySource(provider.trusted(), now=Clock())
        token = parse(f"{_header(algorithm)}.e30.AAAA")
        if reason is None:
            found = source.find(kid, token.algorithm((algorithm,)))
            assert found.as_dict() in [key.as_dict(private=False) for key in published]
        else:
            with pytest.raises(Unauthorized, match=reason):
                source.find(kid, token.algorithm((algorithm,)))


def _header(algorithm: str) -> str:
    return segment({"alg": algorithm})


USELESS: dict[str, object] = {
    "symmetric": OctKey.generate_key(256, {"kid": "a"}).as_dict(private=True),
    "for_encryption": rsa("a", use="enc").as_dict(private=False),
    "short_rsa": {"kty": "RSA", "kid": "a", "e": "AQAB", "n": segment(b"\xc1" * 128)},
    "not_on_the_curve": {**ec("a").as_dict(private=False), "x": "AQ"},
    "unknown_curve": {"kty": "EC", "crv": "P-1", "x": "AQ", "y": "AQ"},
    "unknown_type": {"kty": "AKP", "kid": "a"},
    "type_is_a_list": {"kty": ["RSA"]},
    "kid_is_a_number": {**ec("a").as_dict(private=False), "kid": 7},
    "key_ops_of_odd_type": {**ec("a").as_dict(private=False), "use": "sig", "key_ops": 7},
    "parts_are_numbers": {"kty": "RSA", "n": 7, "e": 7},
    "no_object": "key",
}


@pytest.mark.parametrize("name", USELESS)
def test_useless_key_is_left_out_and_the_others_stay(provider: LocalProvider, name: str) -> None:
    usable = ec("good").as_dict(private=False)
    provider.answers[JWKS] = (200, json.dumps({"keys": [USELESS[name], usable]}).encode())
    assert [key.kid for key in fetch_keys(provider.trusted(), fetch_json)] == ["good"]


def test_private_parts_are_left_out(provider: LocalProvider) -> None:
    published = [key.as_dict(private=True) for key in (rsa("a"), ec("b"), okp("c"))]
    provider.answers[JWKS] = (200, json.dumps({"keys": published}).encode())
    found = fetch_keys(provider.trusted(), fetch_json)
    assert [(key.kid, key.is_private) for key in found] == [("a", False), ("b", False), ("c", False)]


WRONG: dict[str, tuple[str, int, bytes, str]] = {
    "no_discovery": (DISCOVERY, 404, b"", "404"),
    "discovery_of_another_issuer": (DISCOVERY, 200, b'{"issuer": "https://another.example"}', "another"),
    "discovery_is_a_list": (DISCOVERY, 200, b"[]", "object"),
    "discovery_redirects": (DISCOVERY, 302, b"", "302"),
    "keys_redirect": (JWKS, 301, b"", "301"),
    "keys_are_no_json": (JWKS, 200, b"<html>", "JSON"),
    "keys_are_deep": (JWKS, 200, b"[" * 100_000, "JSON"),
    "keys_are_too_many": (JWKS, 200, b" " * (MAX_BYTES + 1), "more than"),
    "keys_are_no_object": (JWKS, 200, b"[]", "Key Set"),
    "keys_are_no_list": (JWKS, 200, b'{"keys": {}}', "Key Set"),
    "no_usable_key": (JWKS, 200, b'{"keys": [{"kty": "oct", "k": "AAAA"}]}', "no key"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_document_is_no_source_of_keys(provider: LocalProvider, name: str) -> None:
    path, status, body, reason = WRONG[name]
    provider.answers[path] = (status, body)
    with pytest.raises(FetchError, match=reason):
        fetch_keys(provider.trusted(), fetch_json)


@pytest.mark.parametrize("uri", [None, 7, "", "/jwks", "file:///etc/passwd", "ftp://127.0.0.1/jwks"])
def test_jwks_uri_has_to_be_a_web_address(provider: LocalProvider, uri: object) -> None:
    document = {"issuer": provider.issuer, "jwks_uri": uri}
    provider.answers[DISCOVERY] = (200, json.dumps(document).encode())
    with pytest.raises(FetchError, match="jwks_uri"):
        fetch_keys(provider.trusted(), fetch_json)


def test_keys_of_an_https_issuer_do_not_come_over_http(provider: LocalProvider) -> None:
    issuer = "https://coop.example"
    with pytest.raises(FetchError, match="URL of https:"):
        fetch_keys(
            provider.trusted(issuer=issuer), lambda _: {"issuer": issuer, "jwks_uri": "http://coop.example/jwks"}
        )


def test_address_that_is_none_is_a_fetch_error() -> None:
    with pytest.raises(FetchError):
        fetch_json("http://[")


def test_answer_that_takes_too_long_is_given_up(provider: LocalProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "DEADLINE", -1.0)
    with pytest.raises(FetchError, match="takes more than"):
        fetch_keys(provider.trusted(), fetch_json)
