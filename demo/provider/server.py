"""The authorization server of one tenant: authlib's grants, filled with the demo's people, clients and keys.

Authorization code with PKCE (S256 only, RFC 7636) for people, client credentials for programs. Access tokens are
JWTs by RFC 9068. There are no refresh tokens, no userinfo endpoint and no dynamic registration.
"""

from __future__ import annotations

import time
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import InvalidRequestError, grants  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped]
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator  # type: ignore[import-untyped]
from authlib.oauth2.rfc9207 import IssuerParameter  # type: ignore[import-untyped]
from authlib.oidc.core import OpenIDCode, UserInfo  # type: ignore[import-untyped]
from flask import Flask
from joserfc.jwk import KeySet, generate_key

from demo.provider.clients import Client, clients
from demo.provider.codes import AuthorizationCode, CodeStore
from demo.provider.tenants import AUDIENCE, Tenant, User

LIFETIME = 3600
"""Seconds that an access token is valid."""

# authlib has no types, so every class below has an untyped base: misc is switched off for that alone


class TenantServer(AuthorizationServer):  # type: ignore[misc]
    """The authorization server of `tenant`.

    Args:
        app: the Flask application that it serves in.
        tenant: whose tokens it issues.
        issuer: their `iss`.
    """

    def __init__(self, app: Flask, tenant: Tenant, issuer: str) -> None:
        self.tenant = tenant
        self.issuer = issuer
        self.codes = CodeStore()
        self.keys = KeySet([generate_key("RSA", 2048, {"use": "sig", "alg": "RS256"})])
        self._clients = clients(tenant)
        super().__init__(app, query_client=self._clients.get, save_token=lambda _token, _request: None)
        self.register_token_generator("default", _AccessTokens(self))
        self.register_grant(_CodeGrant, [_Pkce(required=True), _IdTokens(self)])
        self.register_grant(_ClientCredentialsGrant)
        self.register_extension(_IssuerParameter(issuer))

    @property
    def programs(self) -> list[Client]:
        """The confidential clients."""
        return [client for client in self._clients.values() if client.role is not None]

    def metadata(self) -> dict[str, Any]:
        """Return the discovery document (OpenID Connect Discovery 1.0, section 3)."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "scopes_supported": ["openid", "profile"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }


class _AccessTokens(JWTBearerTokenGenerator):  # type: ignore[misc]
    def __init__(self, server: TenantServer) -> None:
        super().__init__(issuer=server.issuer, alg="RS256", expires_generator=LIFETIME)
        self._keys = server.keys

    def get_jwks(self) -> KeySet:
        return self._keys

    def get_audiences(self, client: Client, user: User | None, scope: str) -> str:  # noqa: ARG002  authlib's signature
        return AUDIENCE

    def get_extra_claims(
        self,
        client: Client,
        grant_type: str,  # noqa: ARG002  authlib's signature
        user: User | None,
        scope: str,  # noqa: ARG002
    ) -> dict[str, Any]:
        role = user.role if user else client.role
        return {"role": role.value} if role else {}


class _CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        self.server.codes.add(
            AuthorizationCode(
                code=code,
                client_id=request.client.client_id,
                redirect_uri=request.payload.redirect_uri,
                scope=request.scope,
                user=request.user,
                code_challenge=data["code_challenge"],
                code_challenge_method=data["code_challenge_method"],
                nonce=data.get("nonce"),
                auth_time=int(time.time()),
            )
        )

    def query_authorization_code(self, code: str, client: Client) -> AuthorizationCode | None:
        found: AuthorizationCode | None = self.server.codes.redeem(code, client.client_id)
        return found

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """Do nothing: the code was taken out when it was asked for."""

    def authenticate_user(self, authorization_code: AuthorizationCode) -> User:
        return authorization_code.user


class _ClientCredentialsGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


class _Pkce(CodeChallenge):  # type: ignore[misc]
    """PKCE that can't be left out and has no plain method (RFC 9700, section 2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or not data.get("code_challenge_method"):
            raise InvalidRequestError("PKCE is required: send code_challenge with code_challenge_method S256.")
        super().validate_code_challenge(grant, redirect_uri)


class _IdTokens(OpenIDCode):  # type: ignore[misc]
    def __init__(self, server: TenantServer) -> None:
        super().__init__(require_nonce=False)
        self._server = server

    def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ARG002  authlib's signature
        return False

    def resolve_client_private_key(self, client: Client) -> KeySet:  # noqa: ARG002
        return self._server.keys

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self._server.issuer, "aud": [client.client_id]}

    def generate_user_info(self, user: User, scope: str) -> UserInfo:
        return UserInfo(sub=user.subject, name=user.name).filter(scope)


class _IssuerParameter(IssuerParameter):  # type: ignore[misc]
    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer
