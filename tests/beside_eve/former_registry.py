"""The former registry: Eve itself with the settings and the schema that it had, on an in-memory stand-in for MongoDB.

Eve and mongomock are packages from PyPI; nothing of them is replaced but the client of the database.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any
from unittest.mock import patch

import mongomock
from werkzeug.serving import run_simple
from werkzeug.test import TestResponse

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from eve import Eve
    from eve.auth import TokenAuth
    from eve.io.mongo import Validator, flask_pymongo

UUID = {"type": "string", "minlength": 36, "maxlength": 36}
YES_NO = {"type": "string", "allowed": ["yes", "no"]}
SCHEMA: dict[str, Any] = {
    "device_id": {**UUID, "required": True, "unique": True},
    "device_name": {"type": "string", "required": True, "default": "NO NAME"},
    "status": {
        "type": "dict",
        "schema": {
            "setPoint": {"type": "float"},
            "x-fanspeed": {"type": "float"},
            "mode": {"type": "string", "allowed": ["1", "2", "3", "4", "5"]},
            "operationState": {"type": "string", "allowed": ["0", "1"]},
        },
    },
    "account_id": {**UUID, "required": True},
    "ven_id": {**UUID, "required": True},
    "aggregator_id": {"type": "string", "minlength": 3, "maxlength": 256, "required": True},
    "device_class": {
        "type": "string",
        "allowed": ["hvacDevice", "lightingLoad", "dhwDevice", "otherLoad"],
        "required": True,
    },
    "availability": {"type": "string", "allowed": ["yes", "no", ""], "required": True},
    "marketplace_availability": YES_NO,
    "dr_availability": YES_NO,
    "location": {"type": "point"},
    "device_type": {"type": "string", "allowed": ["Demand", "Generation", "Storage"]},
    "max_capacity": {"type": "float"},
    "available_capacity": {"type": "float"},
    "vpp_id": {"type": "string"},
    "cluster_id": {"type": "string"},
    "cluster_type": {"type": "string"},
}
"""The published schema, in Cerberus' words, with the three fields that its clients used beyond it."""
SETTINGS: dict[str, Any] = {
    "API_VERSION": "1",
    "DATE_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",
    "PAGINATION_DEFAULT": 25,
    "PAGINATION_LIMIT": 300,
    "CACHE_CONTROL": "max-age=10,must-revalidate",
    "CACHE_EXPIRES": 10,
    "RESOURCE_METHODS": ["GET", "POST"],
    "ITEM_METHODS": ["GET", "PATCH", "PUT", "DELETE"],
    "MONGO_QUERY_BLACKLIST": ["$where", "$regex"],
    "DOMAIN": {
        "devices": {
            "schema": SCHEMA,
            "id_field": "device_id",
            "item_title": "devices",
            "item_lookup_field": "device_id",
            "item_url": 'regex("[a-f0-9-]{36}")',
            "cache_control": "max-age=10,must-revalidate",
            "cache_expires": 10,
        }
    },
}


class FormerRegistry:
    """Eve with a database of its own, open to the tokens that it is told to accept."""

    def __init__(self) -> None:
        self._database: Any = mongomock.MongoClient(tz_aware=True, uuidRepresentation="standard")
        self._tokens: set[str] = set()
        tokens = self._tokens

        class Tokens(TokenAuth):  # type: ignore[misc]  # Eve ships no types
            def check_auth(self, token: str, *_: Any) -> bool:
                return token in tokens

        self.app = Eve(settings=SETTINGS, validator=Validator, auth=Tokens)
        self.app.logger.disabled = True  # it crashes on what it is asked here, at length

    def call(self, method: str, path: str, **request: Any) -> TestResponse:
        """Make one request."""
        with warnings.catch_warnings(), self.connected():
            warnings.simplefilter("ignore")  # Eve's own use of what Python deprecates
            answer: TestResponse = self.app.test_client().open(path, method=method, **request)
            return answer

    def accept(self, token: str) -> None:
        """Accept a token from now on; in which forms of the header is Eve's own doing."""
        self._tokens.add(token)

    def documents(self) -> list[dict[str, Any]]:
        """Return all devices as the database has them."""
        with self.app.app_context(), self.connected():
            return list(self.app.data.driver.db["devices"].find())

    def serve(self, port: int) -> None:
        """Answer requests at a port of 127.0.0.1 until the process ends."""
        with self.connected():
            run_simple("127.0.0.1", port, self.app)

    def clear(self) -> None:
        """Remove all devices."""
        with self.app.app_context(), self.connected():
            self.app.data.driver.db["devices"].delete_many({})

    def insert(self, documents: Iterable[dict[str, Any]]) -> None:
        """Put documents into the database as they are."""
        with self.app.app_context(), self.connected():
            self.app.data.driver.db["devices"].insert_many(documents)

    def connected(self) -> Any:
        """Give Eve, which connects when it first asks, the stand-in for its database."""
        return patch.object(flask_pymongo, "MongoClient", lambda **_: self._database)
