"""Health of the process, for probes: `/health/live` and `/health/ready`, without a token.

Live means that the process answers; a probe that fails calls for a restart. Ready means that what an answer needs is
at hand; a probe that fails calls for no requests for now. The names of failing checks are shown, never their reasons.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TypeAlias

from flask import Blueprint
from flask.typing import ResponseReturnValue

Check: TypeAlias = Callable[[], bool]
"""Tells whether something is at hand; raising means that it is not."""

_HEADERS = {"Cache-Control": "no-store"}

logger = logging.getLogger(__name__)


def health_blueprint(checks: Mapping[str, Check]) -> Blueprint:
    """Return the blueprint of both probes; ready is 503 with the names of the `checks` that fail."""
    blueprint = Blueprint("health", __name__, url_prefix="/health")

    @blueprint.get("/live")
    def live() -> ResponseReturnValue:
        return {"status": "ok"}, 200, _HEADERS

    @blueprint.get("/ready")
    def ready() -> ResponseReturnValue:
        failing = [name for name, check in checks.items() if not _passes(name, check)]
        if failing:
            return {"status": "unavailable", "failing": failing}, 503, _HEADERS
        return {"status": "ok"}, 200, _HEADERS

    return blueprint


def _passes(name: str, check: Check) -> bool:
    try:
        return check()
    except Exception:  # whatever a check dies of, it has failed
        logger.exception("the check %s failed", name)
        return False
