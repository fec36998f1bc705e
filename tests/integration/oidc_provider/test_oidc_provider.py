"""Tokens of a provider that nobody here wrote: the npm package oidc-provider, by discovery, over HTTP."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from free_ports import free_port

from registry.errors import Forbidden, Unauthorized
from registry.principal import Principal, Role
from registry.tokens.issuer import Issuer
from registry.tokens.verifier import TokenVerifier

HERE = Path(__file__).parent
ACCOUNT = "5d0c2e0a-7d0f-4a8c-9a59-0a4f1d3c2b1e"
CALLBACK = "http://127.0.0.1/callback"
MISSING = "Node.js with npm is missing: install the packages nodejs and npm to run these tests"


def install() -> None:
    """Install the locked packages, unless they are there."""
    if not (HERE / "node_modules" / "oidc-provider").is_dir():
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=HERE, check=True, timeout=300)


@pytest.fixture(scope="session")
def issuer_url() -> Iterator[str]:
    if not (shutil.which("node") and shutil.which("npm")):
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    install()
    port = free_port()
    with subprocess.Popen(
        ["node", "--no-warnings", "server.mjs", str(port)],
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == b"listening"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def verifier(issuer_url: str) -> TokenVerifier:
    roles = (Role.AGGREGATOR, Role.PROSUMER)
    return TokenVerifier(
        [Issuer(issuer=issuer_url, audience="der-registry", roles=roles, aggregator_id="coop.example")]
    )


def program_token(issuer_url: str, client: str, resource: str = "urn:registry") -> str:
    """Return a token by client credentials."""
    form = {"grant_type": "client_credentials", "resource": resource}
    answer = httpx.post(f"{issuer_url}/token", data=form, auth=(client, "secret"))
    return str(answer.raise_for_status().json()["access_token"])


def person_tokens(issuer_url: str, name: str) -> dict[str, str]:
    """Return the tokens of a person who logs in by authorization code with PKCE."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(8)
    request = {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": state,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    with httpx.Client() as browser:
        answer = parse_qs(urlsplit(log_in(browser, f"{issuer_url}/auth", request, name)).query)
        assert answer["state"] == [state]
        redemption = {
            "grant_type": "authorization_code",
            "client_id": "app",
            "code": answer["code"][0],
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
        }
        tokens: dict[str, str] = browser.post(f"{issuer_url}/token", data=redemption).raise_for_status().json()
        return tokens


def log_in(browser: httpx.Client, url: str, request: dict[str, str], name: str) -> str:
    """Go through the provider's pages, first login, then consent; return where they lead at last."""
    forms = iter([{"prompt": "login", "login": name, "password": "any"}, {"prompt": "consent"}])
    answer = browser.get(url, params=request)
    for _ in range(10):
        if answer.status_code == httpx.codes.OK:
            answer = browser.post(answer.url, data=next(forms))
        location = urljoin(str(answer.url), answer.headers["Location"])
        if location.startswith(CALLBACK):
            return location
        answer = browser.get(location)
    raise AssertionError("the login does not end")


@pytest.mark.parametrize("resource", ["urn:registry", "urn:registry:es256", "urn:registry:ed25519"])
def test_client_credentials(issuer_url: str, verifier: TokenVerifier, resource: str) -> None:
    assert verifier.verify(program_token(issuer_url, "aggregator", resource)) == Principal(
        role=Role.AGGREGATOR, issuer=issuer_url, subject="aggregator", aggregator_id="coop.example"
    )


def test_authorization_code_with_pkce(issuer_url: str, verifier: TokenVerifier) -> None:
    assert verifier.verify(person_tokens(issuer_url, ACCOUNT)["access_token"]) == Principal(
        role=Role.PROSUMER,
        issuer=issuer_url,
        subject=ACCOUNT,
        aggregator_id="coop.example",
        account_id=ACCOUNT,
    )


def test_id_token_is_refused(issuer_url: str, verifier: TokenVerifier) -> None:
    with pytest.raises(Unauthorized, match="aud"):
        verifier.verify(person_tokens(issuer_url, ACCOUNT)["id_token"])


def test_token_for_another_audience_is_refused(issuer_url: str, verifier: TokenVerifier) -> None:
    with pytest.raises(Unauthorized, match="aud"):
        verifier.verify(program_token(issuer_url, "aggregator", "urn:another"))


def test_role_that_the_issuer_may_not_grant_is_forbidden(issuer_url: str, verifier: TokenVerifier) -> None:
    with pytest.raises(Forbidden, match="'service'"):
        verifier.verify(program_token(issuer_url, "service"))
