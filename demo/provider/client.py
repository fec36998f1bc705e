"""Gets access tokens from the demo's provider over HTTP, the way that programs and browsers do.

For the command line and the tests. It knows the demo's passwords, and the login page stands in for a person here.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

from demo.provider.tenants import DEMO_APP, PASSWORD

REDIRECT_URI = "http://127.0.0.1/callback"
"""Nothing listens there: the code is read off the redirect."""
TIMEOUT = 10.0


class NoProvider(Exception):
    """Nothing that is the demo's provider answers there."""


class TokenRefused(Exception):
    """The provider refuses a token; the message is its reason."""


def client_credentials_token(issuer: str, client_id: str) -> str:
    """Return an access token of a program (RFC 6749, section 4.4).

    Raises:
        NoProvider: the issuer does not answer.
        TokenRefused: the client may not have one.
    """
    with _Provider(issuer) as provider:
        return provider.token({"grant_type": "client_credentials"}, auth=httpx.BasicAuth(client_id, PASSWORD))


def code_token(issuer: str, username: str) -> str:
    """Return an access token of a person who logs in: authorization code with PKCE (RFC 7636).

    Raises:
        NoProvider: the issuer does not answer.
        TokenRefused: there is no such person.
    """
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    request = {
        "response_type": "code",
        "client_id": DEMO_APP,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid",
        "state": state,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    with _Provider(issuer) as provider:
        code = provider.log_in(request, username)
        redemption = {
            "grant_type": "authorization_code",
            "client_id": DEMO_APP,
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": verifier,
        }
        return provider.token(redemption)


class _Provider:
    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._http = httpx.Client(timeout=TIMEOUT, trust_env=False)  # a proxy has no business with loopback

    def __enter__(self) -> _Provider:
        try:
            answer = self._http.get(f"{self._issuer}/.well-known/openid-configuration")
            self._metadata: Any = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            self._http.close()
            raise NoProvider(f"{self._issuer}: {error}") from error
        if not isinstance(self._metadata, dict) or self._metadata.get("issuer") != self._issuer:
            raise NoProvider(f"{self._issuer} answers, but is another server")
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def log_in(self, request: dict[str, str], username: str) -> str:
        form = {"username": username, "password": PASSWORD}
        answer = self._post("authorization_endpoint", form, params=request)
        parameters: dict[str, list[str]] = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
        if parameters.get("state") != [request["state"]] or "code" not in parameters:
            raise TokenRefused(f"{self._issuer} does not let {username!r} log in (status {answer.status_code})")
        return str(parameters["code"][0])

    def token(self, form: dict[str, str], auth: httpx.Auth | None = None) -> str:
        answer = self._post("token_endpoint", form, auth=auth or httpx.Auth())
        if answer.status_code != httpx.codes.OK:
            raise TokenRefused(f"{self._issuer} refuses a token: {answer.text.strip()}")
        return str(answer.json()["access_token"])

    def _post(self, endpoint: str, form: dict[str, str], **options: Any) -> httpx.Response:
        try:
            return self._http.post(self._metadata[endpoint], data=form, **options)
        except httpx.HTTPError as error:
            raise NoProvider(f"{self._issuer}: {error}") from error
