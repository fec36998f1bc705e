"""The demo's OpenID provider over HTTP: both grants, and everything that it has to refuse."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from free_ports import free_port
from provider_process import REGISTRY, running

from demo.cooperatives import COOPERATIVES
from demo.provider import issuers
from demo.provider.client import client_credentials_token, code_token
from demo.provider.codes import LIFETIME, AuthorizationCode, CodeStore
from demo.provider.tenants import PASSWORD, tenants
from registry.errors import Unauthorized
from registry.principal import Principal, Role
from registry.tokens.verifier import TokenVerifier

GIRONA, HEETEN = COOPERATIVES
HOUSEHOLD = GIRONA.households[0]
CALLBACK = "http://127.0.0.1:5173/callback?kept=yes"
VERIFIER = "v" * 43


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = free_port()
    with running(port):
        yield port


@pytest.fixture
def http(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


@pytest.fixture
def verifier(port: int) -> TokenVerifier:
    return TokenVerifier(issuers(port))


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return content


def request(**changes: Any) -> dict[str, str]:
    """Return an authorization request with some parameters changed; `...` leaves one out."""
    good = {
        "response_type": "code",
        "client_id": "demo-app",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "a state & more",
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
        "nonce": "once",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def log_in(http: httpx.Client, form: dict[str, str] | None = None, **changes: Any) -> httpx.Response:
    """Send the login form of the first cooperative."""
    person = {"username": HOUSEHOLD.name, "password": PASSWORD}
    return http.post(f"/{GIRONA.slug}/authorize", params=request(**changes), data={**person, **(form or {})})


def answer_of(response: httpx.Response) -> dict[str, str]:
    """Return the parameters that a redirect to the client carries."""
    assert response.status_code == 302
    location = response.headers["Location"]
    assert location.startswith(CALLBACK + "&")
    return {name: value for name, [value] in parse_qs(urlsplit(location).query).items()}


def redeem(http: httpx.Client, code: str, slug: str = GIRONA.slug, **changes: Any) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": "demo-app",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    changed = {name: value for name, value in {**form, **changes}.items() if value is not ...}
    return http.post(f"/{slug}/token", data=changed)


def test_login_with_pkce_gives_a_prosumers_token(http: httpx.Client, port: int, verifier: TokenVerifier) -> None:
    answer = answer_of(log_in(http))
    assert (answer["state"], answer["kept"]) == ("a state & more", "yes")
    assert answer["iss"] == f"http://127.0.0.1:{port}/{GIRONA.slug}"
    tokens = redeem(http, answer["code"]).raise_for_status().json()
    assert verifier.verify(tokens["access_token"]) == Principal(
        role=Role.PROSUMER,
        issuer=answer["iss"],
        subject=HOUSEHOLD.account_id,
        aggregator_id=GIRONA.aggregator_id,
        account_id=HOUSEHOLD.account_id,
    )
    id_token = claims(tokens["id_token"])
    assert (id_token["aud"], id_token["nonce"], id_token["sub"]) == (["demo-app"], "once", HOUSEHOLD.account_id)


def test_id_token_is_no_access_token(http: httpx.Client, verifier: TokenVerifier) -> None:
    tokens = redeem(http, answer_of(log_in(http))["code"]).json()
    with pytest.raises(Unauthorized, match="aud"):
        verifier.verify(tokens["id_token"])


def test_access_token_is_as_rfc_9068_wants_it(port: int) -> None:
    token = client_credentials_token(f"http://127.0.0.1:{port}/middleware", "service")
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    content = claims(token)
    assert (header["typ"], header["alg"]) == ("at+jwt", "RS256")
    assert content["exp"] - content["iat"] == 3600
    assert (content["aud"], content["client_id"], content["sub"]) == ("der-registry", "service", "service")
    assert content["jti"]


@pytest.mark.parametrize(
    ("slug", "client", "aggregator"),
    [
        (GIRONA.slug, Role.AGGREGATOR, GIRONA.aggregator_id),
        (HEETEN.slug, Role.AGGREGATOR, HEETEN.aggregator_id),
        ("middleware", Role.SERVICE, None),
        ("middleware", Role.ENGINEER, None),
    ],
)
def test_client_credentials(
    port: int, verifier: TokenVerifier, slug: str, client: Role, aggregator: str | None
) -> None:
    principal = verifier.verify(client_credentials_token(f"http://127.0.0.1:{port}/{slug}", client.value))
    assert (principal.role, principal.aggregator_id) == (client, aggregator)


def test_everybody_can_log_in(port: int, verifier: TokenVerifier) -> None:
    for tenant in tenants():
        issuer = f"http://127.0.0.1:{port}/{tenant.slug}"
        for user in (tenant.users[0], tenant.users[-1]):
            principal = verifier.verify(code_token(issuer, user.login))
            assert (principal.role, principal.subject) == (user.role, user.subject)


def test_users_can_be_told_apart() -> None:
    for tenant in tenants():
        assert len({user.login for user in tenant.users}) == len(tenant.users)
        assert all(re.fullmatch(r"[a-z0-9-]+", user.login) for user in tenant.users)


def test_login_page_lists_the_people_and_the_password(http: httpx.Client) -> None:
    page = http.get(f"/{GIRONA.slug}/authorize", params=request())
    assert page.status_code == 200
    assert HOUSEHOLD.name in page.text
    assert PASSWORD in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_front_page_says_who_there_is(http: httpx.Client) -> None:
    page = http.get("/").text
    assert all(text in page for text in (REGISTRY, PASSWORD, HOUSEHOLD.name, HOUSEHOLD.account_id))


@pytest.mark.parametrize(
    "form", [{"password": "wrong"}, {"username": "nobody"}, {"username": HEETEN.households[0].name}, {"username": ""}]
)
def test_wrong_login_gives_no_code(http: httpx.Client, form: dict[str, str]) -> None:
    response = log_in(http, form)
    assert response.status_code == 403
    assert "Location" not in response.headers
    assert "no such user" in response.text


def test_login_can_be_cancelled(http: httpx.Client) -> None:
    answer = answer_of(log_in(http, {"answer": "deny"}))
    assert (answer["error"], answer["state"]) == ("access_denied", "a state & more")


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_method": "plain", "code_challenge": VERIFIER},
        {"code_challenge_method": ...},
        {"code_challenge": ...},
        {"code_challenge": ..., "code_challenge_method": ...},
        {"code_challenge": "short"},
    ],
    ids=str,
)
def test_pkce_is_required_and_never_plain(http: httpx.Client, changes: dict[str, Any]) -> None:
    for response in (log_in(http, **changes), http.get(f"/{GIRONA.slug}/authorize", params=request(**changes))):
        answer = answer_of(response)
        assert (answer["error"], answer["state"]) == ("invalid_request", "a state & more")
        assert "code" not in answer


@pytest.mark.parametrize(
    "uri",
    [
        ...,
        "https://evil.example/",
        "http://evil.example/",
        "https://127.0.0.1/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://127.0.0.1:80@evil.example/",
        "http://localhost:5173\\@evil.example/",
        "http://localhost/#fragment",
        "http://localhost",
        'http://evil.example/"',
        "javascript:alert(1)",
    ],
)
def test_wrong_redirect_uri_is_never_followed(http: httpx.Client, uri: Any) -> None:
    for response in (
        log_in(http, redirect_uri=uri),
        http.get(f"/{GIRONA.slug}/authorize", params=request(redirect_uri=uri)),
    ):
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"


@pytest.mark.parametrize("uri", ["http://127.0.0.1/", "http://localhost/cb", "http://localhost:65535/a?b=c"])
def test_any_port_of_this_machine_may_be_redirected_to(http: httpx.Client, uri: str) -> None:
    assert log_in(http, redirect_uri=uri).headers["Location"].startswith(uri)


def test_code_is_for_one_use(http: httpx.Client) -> None:
    code = answer_of(log_in(http))["code"]
    assert redeem(http, code).status_code == 200
    assert (redeem(http, code).status_code, redeem(http, code).json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ...}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:5173/callback"}, "invalid_grant"),
        ({"redirect_uri": ...}, "invalid_grant"),
        ({"slug": HEETEN.slug}, "invalid_grant"),
        ({"client_id": "unknown"}, "invalid_client"),
        ({"client_id": "aggregator", "client_secret": PASSWORD}, "invalid_client"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
    ids=str,
)
def test_code_is_bound_to_its_request(http: httpx.Client, changes: dict[str, Any], error: str) -> None:
    response = redeem(http, **{"code": answer_of(log_in(http))["code"], **changes})
    assert (response.status_code, response.json()["error"]) == (400, error)


def test_code_expires() -> None:
    store = CodeStore(now=lambda: 1000.0)
    user = tenants()[0].users[0]
    texts = {"client_id": "demo-app", "redirect_uri": CALLBACK, "scope": "", "code_challenge": "c"}
    for name, auth_time in (("fresh", 1000), ("stale", int(1000 - LIFETIME))):
        store.add(
            AuthorizationCode(
                code=name, user=user, nonce=None, auth_time=auth_time, code_challenge_method="S256", **texts
            )
        )
    assert store.redeem("stale", "demo-app") is None
    assert store.redeem("fresh", "demo-app") is not None


@pytest.mark.parametrize(
    ("slug", "client", "secret"),
    [
        (GIRONA.slug, "aggregator", "wrong"),
        (GIRONA.slug, "service", PASSWORD),
        (GIRONA.slug, "prosumer", PASSWORD),
        ("middleware", "aggregator", PASSWORD),
        (GIRONA.slug, "demo-app", PASSWORD),
    ],
)
def test_wrong_client_gets_no_token(http: httpx.Client, slug: str, client: str, secret: str) -> None:
    response = http.post(f"/{slug}/token", data={"grant_type": "client_credentials"}, auth=(client, secret))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_each_tenant_has_a_key_of_its_own_and_keeps_it(http: httpx.Client) -> None:
    keys = [http.get(f"/{tenant.slug}/jwks").json()["keys"] for tenant in tenants()]
    assert len({key["kid"] for [key] in keys}) == len(keys)
    assert all(set(key) == {"kty", "n", "e", "kid", "use", "alg"} for [key] in keys)


def test_discovery_names_what_is_there(http: httpx.Client) -> None:
    for tenant in tenants():
        document = http.get(f"/{tenant.slug}/.well-known/openid-configuration").json()
        assert document["code_challenge_methods_supported"] == ["S256"]
        assert http.get(document["jwks_uri"]).status_code == 200
        assert http.get(document["authorization_endpoint"], params=request()).status_code == 200


def test_unknown_tenant_is_not_found(http: httpx.Client) -> None:
    for path in ("authorize", "jwks", ".well-known/openid-configuration"):
        assert http.get(f"/unknown/{path}").status_code == 404


def test_other_names_of_this_machine_are_refused(http: httpx.Client) -> None:
    assert http.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_login_form_of_another_site_is_refused(http: httpx.Client, port: int) -> None:
    path, person = f"/{GIRONA.slug}/authorize", {"username": HOUSEHOLD.name, "password": PASSWORD}
    for origin, status in ((f"http://127.0.0.1:{port}", 302), ("https://evil.example", 403), ("null", 403)):
        response = http.post(path, params=request(), data=person, headers={"Origin": origin})
        assert response.status_code == status


def test_only_the_registrys_pages_may_read_answers(http: httpx.Client) -> None:
    path = f"/{GIRONA.slug}/.well-known/openid-configuration"
    for origin, allowed in ((REGISTRY, REGISTRY), ("https://evil.example", None)):
        response = http.get(path, headers={"Origin": origin})
        assert response.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize("parameter", ["response_type", "redirect_uri", "scope", "state", "prompt"])
def test_odd_characters_are_no_failure_of_the_server(http: httpx.Client, parameter: str) -> None:
    for value in ('"', "\\", "é", "\x00", "\u2028"):
        response = http.get(f"/{GIRONA.slug}/authorize", params=request(**{parameter: value}))
        assert response.status_code < 500
