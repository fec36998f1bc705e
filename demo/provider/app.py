"""The provider's pages and endpoints over HTTP, for all tenants.

There are no cookies and no sessions: every login asks for the password again, so that no other page can use one.
Requests by another host name than that of this machine are refused, which closes the door to DNS rebinding.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from flask import Flask, Response, abort, jsonify, render_template, request

from demo.provider.server import TenantServer
from demo.provider.tenants import DEMO_APP, PASSWORD, issuer_url, tenants

_CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


def create_app(*, port: int, registry: str, host: str = "127.0.0.1") -> Flask:
    """Build the provider, with new keys.

    Args:
        port: where it will listen; part of each issuer.
        registry: the URL of the registry, whose pages may call the endpoints from a browser.
        host: the loopback address where it will listen.
    """
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=64 * 1024, TRUSTED_HOSTS=["127.0.0.1", "localhost", "[::1]", host])
    servers = {each.slug: TenantServer(app, each, issuer_url(each.slug, port, host)) for each in tenants()}
    _add_pages(app, servers, registry)
    _add_endpoints(app, servers)
    _add_headers(app, registry)
    return app


def _add_pages(app: Flask, servers: dict[str, TenantServer], registry: str) -> None:
    @app.get("/")
    def index() -> str:
        return render_template(
            "index.html", servers=servers.values(), registry=registry, app=DEMO_APP, password=PASSWORD
        )

    @app.get("/health/live")
    def live() -> str:
        return "live"

    @app.route("/<slug>/authorize", methods=["GET", "POST"])
    def authorize(slug: str) -> Any:
        server = _server(servers, slug)
        try:
            grant = server.get_consent_grant()
        except OAuth2Error as error:
            return server.handle_error_response(None, error)
        if request.method == "GET":
            return _login_page(server)
        _refuse_foreign_origin()
        if request.form.get("answer") == "deny":
            return server.create_authorization_response(grant_user=None, grant=grant)
        user = server.tenant.user(request.form.get("username", ""))
        if user is None or request.form.get("password") != PASSWORD:
            return _login_page(server, "There is no such user, or the password is wrong."), 403
        return server.create_authorization_response(grant_user=user, grant=grant)


def _add_endpoints(app: Flask, servers: dict[str, TenantServer]) -> None:
    @app.get("/<slug>/.well-known/openid-configuration")
    def discovery(slug: str) -> Response:
        return jsonify(_server(servers, slug).metadata())

    @app.get("/<slug>/jwks")
    def jwks(slug: str) -> Response:
        return jsonify(_server(servers, slug).keys.as_dict(private=False))

    @app.post("/<slug>/token")
    def token(slug: str) -> Any:
        return _server(servers, slug).create_token_response()

    @app.errorhandler(ValueError)
    def malformed(_: ValueError) -> tuple[Response, int]:
        # authlib puts parameters into error descriptions, and trips over characters that those must not have
        return jsonify(error="invalid_request", error_description="A parameter has characters out of place."), 400


def _add_headers(app: Flask, registry: str) -> None:
    origin = registry.rstrip("/")
    origins = {origin, origin.replace("//127.0.0.1", "//localhost")}

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Content-Security-Policy"] = _CSP
        response.vary.add("Origin")
        if request.headers.get("Origin") in origins and request.endpoint in {"discovery", "jwks", "token"}:
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        return response


def _server(servers: dict[str, TenantServer], slug: str) -> TenantServer:
    return servers.get(slug) or abort(404)


def _login_page(server: TenantServer, problem: str | None = None) -> str:
    return render_template("login.html", tenant=server.tenant, password=PASSWORD, problem=problem)


def _refuse_foreign_origin() -> None:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403, "The login form was sent by another site.")
