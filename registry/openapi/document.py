"""The OpenAPI document as a whole, and its bytes, which are kept as long as the profile that they describe.

It says nothing that the published access matrix does not say, so everybody may read it.

Source: OpenAPI Specification 3.1.1.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from registry.access_matrix import ROLES
from registry.openapi.answers import answer_components
from registry.openapi.availability_operations import availability_paths
from registry.openapi.contract_operations import TAG as CONTRACTS
from registry.openapi.contract_operations import contract_paths
from registry.openapi.device_operations import TAG as DEVICES
from registry.openapi.device_operations import device_paths
from registry.openapi.erasure_operations import TAG as ERASURES
from registry.openapi.erasure_operations import erasure_paths
from registry.openapi.event_operations import TAG as EVENTS
from registry.openapi.event_operations import event_paths
from registry.openapi.headers import header_components
from registry.openapi.history_operations import TAG as HISTORY
from registry.openapi.history_operations import history_paths
from registry.openapi.history_schemas import history_schemas
from registry.openapi.model_operations import TAG as MODEL
from registry.openapi.model_operations import model_paths
from registry.openapi.operations import OTHER_METHODS
from registry.openapi.parameters import parameter_components
from registry.openapi.query_operations import TAG as QUERIES
from registry.openapi.query_operations import query_paths
from registry.openapi.schemas import schema_components
from registry.openapi.service_operations import TAG as SERVER
from registry.openapi.service_operations import service_paths
from registry.openapi.vpp_operations import TAG as VPPS
from registry.openapi.vpp_operations import vpp_paths
from registry.profile import Profile

VERSION = "1.0.0"
"""Of the interface, not of the software or the model."""

_ABOUT = f"""\
Distributed Energy Resources of energy cooperatives: published, found and changed over REST, and asked about in SPARQL.

**Roles.** An access token carries one of the roles {", ".join(ROLES)}. `x-roles` says who may call an operation,
`x-visible-to` and `x-writable-by` who sees and changes a field. What you may not see does not exist for you.

**Media types.** Accept chooses: JSON is the default, and XML, RDF and problem documents (RFC 9457) are there where
they are named. Who asks for RDF gets a refused document's SHACL validation report.

**The rules of documents** are SHACL shapes, in the graph https://w3id.org/flexcoop/shapes of /sparql. The schemas
here are derived from them, and say less where JSON Schema has no word for a rule.

**Other origins** may call from a browser as far as the server is configured so.
"""
_BEARER = """\
The access token (JWT) of one of the server's OpenID providers, `Authorization: Bearer <token>`. `Token <token>`, and
the token alone, are understood too, as clients of the former registry send them."""
_TAGS = {
    DEVICES: "The REST facade.",
    CONTRACTS: "The marketplace: contracts about the flexibility of devices.",
    HISTORY: "What was.",
    EVENTS: "Changes as they happen: a stream to listen to, and webhooks for services.",
    VPPS: "Devices that an aggregator puts together.",
    QUERIES: "The SPARQL doors.",
    MODEL: "Ontology and shapes: to read, and for engineers to replace.",
    ERASURES: "Forgetting an account.",
    SERVER: "The server itself; a token is needed for its numbers alone.",
    OTHER_METHODS: "The same paths without bodies.",
}


@dataclass(frozen=True, slots=True)
class Description:
    """A document as it is sent.

    Attributes:
        body: JSON.
        tag: its entity tag, 40 hexadecimal digits.
    """

    body: bytes
    tag: str


_kept: WeakKeyDictionary[Profile, Description] = WeakKeyDictionary()


def document(profile: Profile) -> dict[str, Any]:
    """Return the description of the server's interface under `profile`."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "FLEXCoop DER Registry",
            "version": VERSION,
            "description": _ABOUT,
            "x-model": profile.version,
        },
        "externalDocs": {"url": "/ontology", "description": "The model: ontology, fields, rules and versions"},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": words} for name, words in _TAGS.items()],
        "paths": {
            **device_paths(profile),
            **contract_paths(profile),
            **availability_paths(profile),
            **history_paths(profile),
            **event_paths(),
            **vpp_paths(),
            **query_paths(),
            **model_paths(),
            **erasure_paths(),
            **service_paths(),
        },
        "components": {
            "schemas": {**schema_components(profile), **history_schemas()},
            "parameters": parameter_components(profile),
            "headers": header_components(),
            "responses": answer_components(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": _BEARER}
            },
        },
    }


def description(profile: Profile) -> Description:
    """Return the document's bytes, written once for each profile."""
    found = _kept.get(profile)
    if found is None:
        body = json.dumps(document(profile), ensure_ascii=False, separators=(",", ":")).encode()
        found = Description(body, hashlib.sha1(body, usedforsecurity=False).hexdigest())
        _kept[profile] = found
    return found
