"""`/metrics`: the registry's numbers, for Prometheus. They tell of all aggregators, so not everybody may read them."""

from __future__ import annotations

from flask import Blueprint, Response, request

from registry.errors import Forbidden
from registry.http.authentication import authenticate_with, principal
from registry.monitoring import Metrics
from registry.monitoring_settings import Access
from registry.principal import Role
from registry.tokens.verifier import TokenVerifier

PATH = "/metrics"


def metrics_blueprint(metrics: Metrics, access: Access, verifier: TokenVerifier) -> Blueprint:
    """Return the blueprint of the metrics; it has no route where they are switched off.

    Args:
        metrics: what is shown.
        access: who may read them.
        verifier: knows who holds a token.
    """
    blueprint = Blueprint("metrics", __name__)
    if access is Access.OFF:
        return blueprint
    authenticate = authenticate_with(verifier)

    @blueprint.get(PATH)
    def read() -> Response:
        if access is Access.SERVICE:
            authenticate()
            if principal().role is not Role.SERVICE:
                raise Forbidden(f"The role {principal().role} may not read the metrics; {Role.SERVICE} may.")
        body, media_type = metrics.exposition(request.headers.get("Accept", ""))
        return Response(body, content_type=media_type, headers={"Cache-Control": "no-store"})

    return blueprint
