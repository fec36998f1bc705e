"""Finds devices for a plant: by conditions as of a listing, or by a SPARQL query in the sandbox.

Both see what the aggregator sees, also when a service asks on its behalf.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.access import query_dataset
from registry.devices.criteria import All, Criteria, Listing, SortKey
from registry.devices.documents import device_iri, id_of
from registry.devices.where import read_where
from registry.errors import BadRequest
from registry.in_force import Edition
from registry.principal import Principal, Role
from registry.query_settings import QuerySettings
from sparql.dataset_clause import dataset_clause, effective
from sparql.query_engine import Query, QueryEngine, QueryError, Result, ResultKind
from sparql.refusal import QueryRefused
from sparql.scanner import scan
from sparql.terms import Iri

SECONDS = 10.0
"""For a query that finds devices: a request waits for it."""
VARIABLE = "device"
_JSON = "application/sparql-results+json"


def aggregator_principal(caller: Principal, aggregator_id: str) -> Principal:
    """Return the aggregator as `caller` stands for it: what it sees is what plants are made of."""
    return Principal(role=Role.AGGREGATOR, issuer=caller.issuer, subject=caller.subject, aggregator_id=aggregator_id)


@dataclass(frozen=True, slots=True)
class Discovery:
    """Finds devices.

    Attributes:
        engine: runs query texts.
        settings: what they may use.
    """

    engine: QueryEngine
    settings: QuerySettings

    def find(self, edition: Edition, aggregator: Principal, query: Mapping[str, Any], most: int) -> list[Iri]:
        """Return the devices that a query as of a plant finds, at most `most` and one.

        Raises:
            BadRequest: it can't be understood, or has no result; says why.
        """
        if "sparql" in query:
            return self._by_sparql(edition, aggregator, query["sparql"], most)
        criteria = conditions(edition, query["where"])
        return self.matching(edition, aggregator, criteria, (), most + 1)[1]

    def matching(
        self, edition: Edition, aggregator: Principal, criteria: Criteria, sort: tuple[SortKey, ...], most: int
    ) -> tuple[int, list[Iri]]:
        """Return how many devices meet criteria, and the first `most` of them."""
        return edition.reader.find(aggregator, Listing(criteria=criteria, sort=sort, size=most))

    def _by_sparql(self, edition: Edition, aggregator: Principal, text: str, most: int) -> list[Iri]:
        prefixes = edition.profile.prefixes
        try:
            scan(text)
            dataset = effective(dataset_clause(text, prefixes, None), query_dataset(aggregator))
            query = Query(text=text, dataset=dataset, media_types={ResultKind.BINDINGS: _JSON}, prefixes=prefixes)
            limits = self.settings.limits(Role.AGGREGATOR)
            result = self.engine.run(
                query,
                type(limits)(seconds=min(limits.seconds, SECONDS), rows=most + 1, size=limits.size),
                id=secrets.token_hex(8),
                owner=f"{aggregator.issuer} {aggregator.role} {aggregator.subject}",
                most_running=self.settings.most_running(Role.AGGREGATOR),
            )
        except (QueryError, QueryRefused) as error:
            raise BadRequest(f"sparql: {error}") from None
        return _devices(result)


def conditions(edition: Edition, where: Mapping[str, Any]) -> Criteria:
    """Return the criteria that a `where` object states, of the fields that an aggregator sees.

    Raises:
        BadRequest: it holds something unknown; says where.
    """
    visible = {item.name: item for item in edition.profile.visible(Role.AGGREGATOR)}
    return read_where(json.dumps(where), visible) if where else All()


def _devices(result: Result) -> list[Iri]:
    content = result.content
    if content is None and result.file is not None:
        with result.file as stream:
            content = stream.read()
    found = json.loads(content or b"{}")
    names = found.get("head", {}).get("vars", [])
    if VARIABLE not in names:
        raise BadRequest(
            f"sparql: the query must select ?{VARIABLE}; it selects {', '.join(f'?{each}' for each in names)}"
        )
    values = (row.get(VARIABLE, {}) for row in found["results"]["bindings"])
    iris = (device_iri(id_of(Iri(str(each.get("value"))))) for each in values if each.get("type") == "uri")
    return list(dict.fromkeys(iri for iri in iris if iri is not None))
