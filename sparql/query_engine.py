"""The port for query texts from outside: what is asked, within which limits, and what comes back.

A GraphStore runs our own texts; a QueryEngine runs everybody's, and so answers for memory, time and what can be seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, ClassVar, Protocol

from sparql.dataset import DatasetDescription


class ResultKind(StrEnum):
    """What a query form results in (SPARQL 1.1 Query, section 16)."""

    BINDINGS = "bindings"
    BOOLEAN = "boolean"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may use.

    Attributes:
        seconds: from its start to its complete result.
        rows: solutions, or triples of a graph.
        size: bytes of the serialised result.
    """

    seconds: float
    rows: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query text from outside.

    Attributes:
        text: the query.
        dataset: what it may see, and nothing else; FROM in the text has been taken into account.
        media_types: for each kind of result the media type to answer with; a kind that is missing is not acceptable.
        prefixes: prefixes that are declared before the text begins.
        base: the IRI against which relative IRIs are resolved, else None.
    """

    text: str
    dataset: DatasetDescription
    media_types: Mapping[ResultKind, str]
    prefixes: Mapping[str, str] = field(default_factory=dict)
    base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A complete result, serialised.

    It is complete before the first byte is sent, so that what goes wrong has a status code of its own.

    Attributes:
        kind: what the query resulted in.
        media_type: how it is serialised.
        size: bytes.
        rows: solutions or triples; 1 for a boolean.
        content: the bytes themselves when they are few; else None.
        file: the bytes when they are many, open at their beginning; closed, it is gone.
        seconds: how long the query took.
    """

    kind: ResultKind
    media_type: str
    size: int
    rows: int
    seconds: float
    content: bytes | None = None
    file: BinaryIO | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningQuery:
    """A query that has not ended.

    Attributes:
        id: names it to its owner.
        owner: who asked; an opaque text.
        text: the query.
        started: seconds since the epoch.
    """

    id: str
    owner: str
    text: str
    started: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What an engine is doing now.

    Attributes:
        workers: queries that could run at the same time.
        busy: queries that run.
        waiting: queries that wait.
        replaced: workers that others took the place of, since the start.
    """

    workers: int = 0
    busy: int = 0
    waiting: int = 0
    replaced: int = 0


class QueryError(Exception):
    """A query that has no result. The message is for whoever asked."""

    code: ClassVar[str] = "query-failed"


class QuerySyntaxError(QueryError):
    """The text is no SPARQL query; the engine's own words, with `line:column` in front where it knows."""

    code = "syntax-error"


class QueryTimeout(QueryError):
    """It took longer than allowed."""

    code = "query-timeout"


class ResultTooLarge(QueryError):
    """It has more rows or bytes than allowed."""

    code = "result-too-large"


class OutOfMemory(QueryError):
    """It needed more memory than a query gets, or brought its worker down in another way."""

    code = "query-out-of-memory"


class EngineFailure(QueryError):
    """The engine has a defect that the query meets; the message says how to go around it where that is known."""

    code = "engine-failure"


class TooManyQueries(QueryError):
    """The owner, or everybody together, has as many queries running as are allowed."""

    code = "too-many-queries"


class QueryCancelled(QueryError):
    """Its owner stopped it, or hung up."""

    code = "query-cancelled"


class NotAcceptableResult(QueryError):
    """No media type was given for the kind of result that the query has."""

    code = "not-acceptable"


class EngineUnavailable(QueryError):
    """The engine can't run queries for now."""

    code = "engine-unavailable"


class QueryEngine(Protocol):
    """Runs query texts from outside."""

    def run(self, query: Query, limits: Limits, *, id: str, owner: str, most_running: int) -> Result:
        """Run `query`, waiting for its result. It sees every change that was acknowledged before.

        Args:
            query: what to run.
            limits: what it may use.
            id: names it among the running ones.
            owner: on whose behalf it runs.
            most_running: how many queries the owner may have running, this one included.

        Raises:
            QueryError: one of the kinds above.
        """

    def running(self, owner: str) -> Sequence[RunningQuery]:
        """Return the owner's running queries, the oldest first."""

    def cancel(self, owner: str, id: str) -> bool:
        """Stop the owner's query `id`; tell whether there was one."""

    def load(self) -> Load:
        """Return what the engine is doing now."""

    def close(self) -> None:
        """Stop all queries and release everything."""
