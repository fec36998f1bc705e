"""`/queries`: the caller's own running queries, to look at and to stop."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response

from registry.errors import NotFound
from registry.http.authentication import authenticate_with, principal
from registry.http.problems import answer_with_problems
from registry.http.query_answers import owner_of
from registry.tokens.verifier import TokenVerifier
from sparql.query_engine import QueryEngine, RunningQuery


def queries_blueprint(
    engine: QueryEngine, prefixes: Callable[[], Mapping[str, str]], verifier: TokenVerifier
) -> Blueprint:
    """Return the blueprint of the running queries, open to whoever `verifier` knows."""
    blueprint = Blueprint("queries", __name__, url_prefix="/queries")
    blueprint.before_request(authenticate_with(verifier))
    answer_with_problems(blueprint, prefixes)

    @blueprint.get("", strict_slashes=False)
    def running() -> Response:
        now = time.time()
        queries = [_document(query, now) for query in engine.running(owner_of(principal()))]
        body = json.dumps({"queries": queries}, ensure_ascii=False)
        return Response(body, content_type="application/json", headers={"Cache-Control": "no-store"})

    @blueprint.delete("/<identifier>")
    def stop(identifier: str) -> Response:
        if not engine.cancel(owner_of(principal()), identifier):
            raise NotFound("You have no running query with this id")
        return Response(status=204)

    return blueprint


def _document(query: RunningQuery, now: float) -> dict[str, Any]:
    return {
        "id": query.id,
        "text": query.text,
        "started": datetime.fromtimestamp(query.started, UTC).isoformat(timespec="milliseconds"),
        "seconds": round(max(0.0, now - query.started), 3),
    }
