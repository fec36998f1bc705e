"""Good tokens: every algorithm, type, audience and form of roles that is accepted, and the principal it gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import Key
from local_provider import ACCOUNT, AUDIENCE, NOW, Clock, LocalProvider, ec, okp, rsa

from registry.principal import Principal, Role
from registry.tokens.issuer import ALGORITHMS, Issuer
from registry.tokens.verifier import TokenVerifier

KEYS: dict[str, Key] = {
    "RSA": rsa("rsa"),
    "ES256": ec("p256"),
    "ES384": ec("p384", "P-384"),
    "ES512": ec("p521", "P-521"),
    "OKP": okp("ed"),
}


@pytest.fixture(scope="module")
def provider() -> Iterator[LocalProvider]:
    with LocalProvider(*KEYS.values()) as running:
        yield running


def verify(issuer: Issuer, token: str) -> Principal:
    return TokenVerifier([issuer], now=Clock()).verify(token)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_allowed_algorithm_verifies(provider: LocalProvider, algorithm: str) -> None:
    key = KEYS.get(algorithm) or KEYS["OKP" if algorithm.startswith("Ed") else "RSA"]
    assert verify(provider.trusted(), provider.token(key=key, alg=algorithm)).role is Role.AGGREGATOR


HEADERS: dict[str, dict[str, Any]] = {
    "typ_of_rfc_9068": {"typ": "at+jwt"},
    "typ_in_capitals": {"typ": "AT+JWT"},
    "typ_as_media_type": {"typ": "application/at+jwt"},
    "typ_jwt": {"typ": "JWT"},
    "typ_jwt_in_small": {"typ": "jwt"},
    "no_typ": {"typ": ...},
    "unknown_parameter": {"vendor": "any"},
    "embedded_key_is_ignored": {"jwk": rsa("elsewhere").as_dict(private=False)},
    "addresses_of_keys_are_ignored": {"jku": "http://127.0.0.1:1/jwks", "x5u": "http://127.0.0.1:1/x5u"},
}


@pytest.mark.parametrize("name", HEADERS)
def test_header_is_accepted(provider: LocalProvider, name: str) -> None:
    assert verify(provider.trusted(), provider.token(**HEADERS[name])).subject == "someone"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [AUDIENCE]},
        {"aud": ["another", AUDIENCE]},
        {"exp": NOW - 29},
        {"exp": NOW + 0.5},
        {"nbf": NOW + 30},
        {"iat": NOW + 30},
        {"iat": ...},
        {"sub": "ünï|codé"},
    ],
    ids=str,
)
def test_claims_are_accepted(provider: LocalProvider, changes: dict[str, Any]) -> None:
    assert verify(provider.trusted(), provider.token(provider.claims(**changes))).role is Role.AGGREGATOR


@pytest.mark.parametrize(
    ("claim", "claims", "role"),
    [
        ("role", {"role": "Aggregator"}, Role.AGGREGATOR),
        ("role", {"role": "AGGREGATOR"}, Role.AGGREGATOR),
        ("role", {"role": "Prosumers"}, Role.PROSUMER),
        ("role", {"role": "offline_access prosumer"}, Role.PROSUMER),
        ("role", {"role": ["unknown", "prosumer"]}, Role.PROSUMER),
        ("role", {"role": ["prosumer", "aggregator"]}, Role.AGGREGATOR),
        ("role", {"role": ["service", "prosumer"]}, Role.PROSUMER),
        ("realm_access.roles", {"realm_access": {"roles": ["prosumer"]}}, Role.PROSUMER),
        ("https://coop.example/role", {"https://coop.example/role": "prosumer"}, Role.PROSUMER),
        ("a.b", {"a.b": "prosumer", "a": {"b": "aggregator"}}, Role.PROSUMER),
    ],
    ids=str,
)
def test_role_is_found(provider: LocalProvider, claim: str, claims: dict[str, Any], role: Role) -> None:
    token = provider.token({**provider.claims(sub=ACCOUNT, role=...), **claims})
    assert verify(provider.trusted(role_claim=claim), token).role is role


def test_aggregator_is_the_one_of_the_issuer(provider: LocalProvider) -> None:
    token = provider.token(provider.claims(aggregator_id="another.example", aggregator="another.example"))
    assert verify(provider.trusted(aggregator_id="coop.example"), token) == Principal(
        role=Role.AGGREGATOR, issuer=provider.issuer, subject="someone", aggregator_id="coop.example"
    )


def test_aggregator_defaults_to_the_host_of_the_issuer(provider: LocalProvider) -> None:
    assert verify(provider.trusted(), provider.token()).aggregator_id == "127.0.0.1"


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("sub", {"sub": ACCOUNT.upper()}),
        ("account", {"account": ACCOUNT}),
        ("coop.account", {"coop": {"account": ACCOUNT}}),
    ],
)
def test_prosumer_has_an_account_in_lower_case(provider: LocalProvider, claim: str, claims: dict[str, Any]) -> None:
    principal = verify(
        provider.trusted(account_claim=claim, aggregator_id="coop.example"),
        provider.token(provider.claims(role="prosumer", **claims)),
    )
    assert (principal.role, principal.account_id) == (Role.PROSUMER, ACCOUNT)
    assert principal.aggregator_id == "coop.example"


@pytest.mark.parametrize("role", [Role.SERVICE, Role.ENGINEER])
def test_service_and_engineer_are_bound_to_nothing(provider: LocalProvider, role: Role) -> None:
    principal = verify(provider.trusted(role), provider.token(provider.claims(role=role.value, sub=ACCOUNT)))
    assert (principal.role, principal.aggregator_id, principal.account_id) == (role, None, None)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512", "RS1", ""])
def test_issuer_can_not_allow_other_algorithms(algorithm: str) -> None:
    with pytest.raises(ValueError, match="algorithms"):
        Issuer(issuer="https://coop.example", audience="a", roles=(Role.SERVICE,), algorithms=("RS256", algorithm))


def test_two_issuers_do_not_share_keys(provider: LocalProvider) -> None:
    with LocalProvider(ec("of the other")) as other:
        verifier = TokenVerifier(
            [provider.trusted(aggregator_id="a.example"), other.trusted(aggregator_id="b.example")], now=Clock()
        )
        assert verifier.verify(provider.token()).aggregator_id == "a.example"
        assert verifier.verify(other.token()).aggregator_id == "b.example"
