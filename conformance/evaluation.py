"""Query evaluation and syntax tests: each query sent over HTTP, its answer compared with what the test demands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

from conformance import engine
from conformance.client import Answer, Client
from conformance.gallery import Gallery
from conformance.manifest import Case, read_cases
from conformance.outcome import Outcome
from conformance.solutions import MEDIA_TYPES, difference, form_of

FOLDERS = (
    *("aggregates", "bind", "bindings", "cast", "construct", "csv-tsv-res", "exists", "functions", "grouping"),
    *("json-res", "negation", "project-expression", "property-path", "subquery", "syntax-query"),
)
_QUERY = {"Content-Type": "application/sparql-query"}


def run(root: Path, gallery: Gallery, clients: Mapping[str, Client], views: Mapping[str, str]) -> Iterator[Outcome]:
    """Yield the outcome of every case for every role.

    Args:
        root: the folder of the tests.
        gallery: takes the data.
        clients: the roles that ask, by name; the first one asks by POST, the others by GET.
        views: the graph that holds the default graph's data for each role.
    """
    for folder in FOLDERS:
        for case in read_cases(root, folder):
            gallery.show(
                engine.ntriples(case.data), {name: engine.ntriples([path]) for name, path in case.graphs.items()}
            )
            for number, (role, client) in enumerate(clients.items()):
                answer = _ask(client, case, views[role], post=number == 0)
                yield _outcome(case, role, answer)


def _ask(client: Client, case: Case, view: str, *, post: bool) -> Answer:
    parameters: list[tuple[str, str]] = []
    if " FROM " not in " ".join(case.query.upper().split()):
        parameters.append(("default-graph-uri", view))
        parameters += [("named-graph-uri", name) for name in case.graphs]
    form = "" if case.result is None else form_of(case.result)
    headers = {"Accept": MEDIA_TYPES.get(form, "*/*")}
    query = case.query if case.result is None else f"BASE <{case.base}>\n{case.query}"
    if post:
        return client.send("POST", f"/sparql?{urlencode(parameters)}", {**headers, **_QUERY}, query.encode())
    return client.send("GET", f"/sparql?{urlencode([('query', query), *parameters])}", headers)


def _outcome(case: Case, role: str, answer: Answer) -> Outcome:
    problem = _problem(case, answer)
    return Outcome(test=case.id, role=role, problem=problem, engine=None if problem is None else _engine_problem(case))


def _problem(case: Case, answer: Answer) -> str | None:
    if case.kind.startswith("Negative"):
        return None if answer.status == 400 else f"should be refused with 400: {answer.summary()}"
    if answer.status != 200:
        return answer.summary()
    if case.result is None:
        return None
    form = form_of(case.result)
    if answer.media_type != MEDIA_TYPES[form]:
        return f"{answer.media_type} instead of {MEDIA_TYPES[form]}"
    return _difference(case, lambda: answer.body)


def _engine_problem(case: Case) -> str | None:
    if case.kind.startswith("Negative"):
        return _refusal(case, wanted=True)
    return _refusal(case, wanted=False) or (
        None if case.result is None else _difference(case, lambda: engine.evaluate(case))
    )


def _refusal(case: Case, *, wanted: bool) -> str | None:
    try:
        engine.evaluate(case)
    except engine.REFUSALS as error:
        return None if wanted else f"refused: {error}"
    return "not refused" if wanted else None


def _difference(case: Case, result: Callable[[], bytes]) -> str | None:
    assert case.result is not None
    ordered = "ORDER BY" in case.query.upper()
    try:
        return difference(case.result, result(), ordered=ordered)
    except Exception as error:  # noqa: BLE001  whatever a parser says of a result that is none
        return f"the result can't be read: {error}"
