"""The sandbox as its users see it: real worker processes on copies of a store that changes under them."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.media_types import on_offer
from sparql.query_engine import (
    EngineUnavailable,
    Limits,
    NotAcceptableResult,
    OutOfMemory,
    Query,
    QueryCancelled,
    QueryError,
    QuerySyntaxError,
    QueryTimeout,
    Result,
    ResultKind,
    ResultTooLarge,
    TooManyQueries,
)
from sparql.sandbox import Sandbox, SandboxSettings
from sparql.terms import Iri, Literal, Quad

OPEN, SECRET = Iri("urn:graph:open"), Iri("urn:graph:secret")
HERE = Quad(Iri("urn:here"), Iri("urn:p"), Literal("1"), OPEN)
THERE = Quad(Iri("urn:there"), Iri("urn:p"), Literal("canary"), SECRET)
LIMITS = Limits(seconds=20.0, rows=10**7, size=2**30)
SHORT = Limits(seconds=0.5, rows=10**7, size=2**30)
FORMATS = {ResultKind.BINDINGS: "text/csv", ResultKind.BOOLEAN: "text/csv", ResultKind.GRAPH: "application/n-triples"}
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
VALUES = "VALUES ?a { " + " ".join(map(str, range(40))) + " }"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { " + " ".join(VALUES.replace("?a", f"?v{n}") for n in range(12)) + " }"
GREEDY = f"SELECT DISTINCT * WHERE {{ {' '.join(VALUES.replace('?a', f'?v{n}') for n in range(7))} }} ORDER BY ?v1"
_numbers = count()
T = TypeVar("T")


class Stand:
    """A sandbox of two workers on a store of its own."""

    def __init__(self, folder: Path, settings: SandboxSettings) -> None:
        self.folder = folder / "sandbox"
        self.store = EmbeddedStore(folder / "store")
        self.store.apply(ChangeSet(added=[HERE, THERE]))
        self.sandbox = Sandbox(self.store, self.folder, settings)
        self.size = settings.workers

    def workers(self) -> set[int]:
        """Return the ids of its worker processes that live."""
        lists = [file.read_text().split() for file in Path("/proc/self/task").glob("*/children")]
        return {int(each) for children in lists for each in children if str(self.folder).encode() in _command(each)}

    def all_workers(self) -> set[int]:
        """Return the ids of its worker processes once all of them are there."""
        return eventually(lambda: workers if len(workers := self.workers()) == self.size else set())

    def close(self) -> None:
        self.sandbox.close()
        self.store.close()


def _command(process: str) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


SETTINGS = SandboxSettings(workers=2, memory=512 * 2**20, most_running=4)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A sandbox whose store nobody changes."""
    made = Stand(tmp_path_factory.mktemp("shared"), SETTINGS)
    yield made
    made.close()


@pytest.fixture
def sandbox(stand: Stand) -> Sandbox:
    return stand.sandbox


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stand]:
    """A sandbox for one test."""
    made = Stand(tmp_path, SETTINGS)
    yield made
    made.close()


def run(sandbox: Sandbox, text: str, *, limits: Limits = LIMITS, owner: str = "me", most_running: int = 9) -> Result:
    query = Query(text=text, dataset=DatasetDescription((OPEN,), (OPEN,)), media_types=FORMATS)
    return sandbox.run(query, limits, id=f"query-{next(_numbers)}", owner=owner, most_running=most_running)


def text_of(result: Result) -> str:
    if result.file is None:
        return (result.content or b"").decode()
    with result.file as file:
        return file.read().decode()


def eventually(find: Callable[[], T]) -> T:
    deadline = time.monotonic() + 30
    while not (found := find()):
        assert time.monotonic() < deadline, "waited for too long"
        time.sleep(0.01)
    return found


@pytest.mark.parametrize(
    ("text", "kind", "content", "rows"),
    [
        ("SELECT ?s ?o WHERE { ?s ?p ?o }", ResultKind.BINDINGS, "s,o\r\nurn:here,1\r\n", 1),
        ("ASK { ?s ?p 1 }", ResultKind.BOOLEAN, "false", 1),
        ('ASK { ?s ?p "1" }', ResultKind.BOOLEAN, "true", 1),
        ("CONSTRUCT WHERE { ?s ?p ?o }", ResultKind.GRAPH, '<urn:here> <urn:p> "1" .\n', 1),
        ("DESCRIBE <urn:here>", ResultKind.GRAPH, '<urn:here> <urn:p> "1" .\n', 1),
    ],
)
def test_each_kind_of_result_comes_back(sandbox: Sandbox, text: str, kind: ResultKind, content: str, rows: int) -> None:
    result = run(sandbox, text)
    assert (result.kind, text_of(result), result.rows) == (kind, content, rows)
    assert (result.media_type, result.size) == (FORMATS[kind], len(content))


@pytest.mark.parametrize("media_type", on_offer())
def test_every_media_type_on_offer_can_be_had(sandbox: Sandbox, media_type: str) -> None:
    rows = media_type in on_offer(ResultKind.BINDINGS)
    for text in ("SELECT * WHERE { ?s ?p ?o }", "ASK {}") if rows else ("CONSTRUCT WHERE { ?s ?p ?o }",):
        query = Query(text=text, dataset=DatasetDescription((OPEN,)), media_types=dict.fromkeys(ResultKind, media_type))
        result = sandbox.run(query, LIMITS, id="it", owner="me", most_running=1)
        assert (result.media_type, result.size) == (media_type, len(result.content or b""))


def test_a_large_result_is_a_file_without_a_name(stand: Stand) -> None:
    names = " ".join(f"?v{n}" for n in range(3))
    result = run(
        stand.sandbox, f"SELECT {names} WHERE {{ {' '.join(VALUES.replace('?a', f'?v{n}') for n in range(3))} }}"
    )
    assert result.content is None
    assert not list(stand.folder.glob("*/result*"))
    content = text_of(result)
    assert (len(content), content.count("\r\n") - 1, result.rows) == (result.size, 40**3, 40**3)


def test_prefixes_and_base_are_declared_before_the_text(sandbox: Sandbox) -> None:
    query = Query(
        text="CONSTRUCT { <s> x:p 1 } WHERE {}",
        dataset=DatasetDescription(),
        media_types=FORMATS,
        prefixes={"x": "urn:x:"},
        base="http://here/",
    )
    result = sandbox.run(query, LIMITS, id="it", owner="me", most_running=1)
    assert text_of(result).startswith("<http://here/s> <urn:x:p> ")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?o WHERE { GRAPH ?g { ?s ?p ?o } }",
        "SELECT ?o FROM <urn:graph:secret> WHERE { ?s ?p ?o }",
        "SELECT ?o FROM NAMED <urn:graph:secret> WHERE { GRAPH <urn:graph:secret> { ?s ?p ?o } }",
    ],
)
def test_nothing_outside_of_the_dataset_is_seen(sandbox: Sandbox, text: str) -> None:
    assert "canary" not in text_of(run(sandbox, text))


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("SELECT", QuerySyntaxError, "expected"),
        ("INSERT DATA { <urn:a> <urn:b> 1 }", QuerySyntaxError, "expected"),
        ("SELECT ?x WHERE { ?x unknown:p 1 }", QuerySyntaxError, "[Pp]refix"),
    ],
)
def test_a_query_without_a_result_says_why(stand: Stand, text: str, error: type[QueryError], words: str) -> None:
    before = stand.all_workers()
    with pytest.raises(error, match=words):
        run(stand.sandbox, text)
    assert stand.workers() == before


def test_a_kind_of_result_that_was_not_asked_for_is_none(sandbox: Sandbox) -> None:
    query = Query(text="ASK {}", dataset=DatasetDescription(), media_types={ResultKind.GRAPH: "text/turtle"})
    with pytest.raises(NotAcceptableResult, match="boolean"):
        sandbox.run(query, LIMITS, id="it", owner="me", most_running=1)


def test_what_an_engine_can_not_take_does_not_kill_the_worker(stand: Stand) -> None:
    before = stand.all_workers()
    query = Query(text="ASK {}", dataset=DatasetDescription(), media_types=FORMATS, base="no base at all")
    with pytest.raises(QueryError, match="base"):
        stand.sandbox.run(query, LIMITS, id="it", owner="me", most_running=1)
    assert stand.workers() == before


@pytest.mark.parametrize("text", [f"SELECT * WHERE {{ SERVICE {where} {{ ?s ?p ?o }} }}" for where in ("<URL>", "?g")])
def test_a_service_is_never_reached(sandbox: Sandbox, text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(QueryError):
            run(
                sandbox,
                text.replace("<URL>", f"<{url}>").replace("{ SERVICE ?g", f"{{ VALUES ?g {{ <{url}> }} SERVICE ?g"),
            )
        with pytest.raises(TimeoutError):
            server.accept()
    assert sandbox.sockets_denied_by == "seccomp"


def test_each_query_sees_the_writes_that_were_acknowledged_before_it(own: Stand) -> None:
    for number in range(2, 60):
        own.store.apply(ChangeSet(added=[HERE._replace(object=Literal(str(number)))]))
        assert text_of(run(own.sandbox, COUNT)) == f"n\r\n{number}\r\n"
    own.store.apply(ChangeSet(removed=[HERE]))
    assert text_of(run(own.sandbox, 'ASK { ?s ?p "1" }')) == "false"


def test_bulk_loads_and_changes_too_large_for_a_message_are_seen_too(own: Stand) -> None:
    for number in range(2):
        own.store.load([HERE._replace(object=Literal(f"loaded {number} {n}")) for n in range(100)])
        assert text_of(run(own.sandbox, COUNT)) == f"n\r\n{101 + 100 * number}\r\n"
    own.store.apply(ChangeSet(added=[HERE._replace(object=Literal("\U0001f600" * 2_000_000))]))
    assert text_of(run(own.sandbox, COUNT)) == "n\r\n202\r\n"


def test_a_worker_that_followed_for_long_is_replaced_and_its_copy_removed(tmp_path: Path) -> None:
    stand = Stand(tmp_path, SandboxSettings(workers=1, most_followed=3))
    first = stand.all_workers()
    for number in range(5):
        stand.store.apply(ChangeSet(added=[HERE._replace(object=Literal(f"new {number}"))]))
    eventually(lambda: stand.workers() and not first.intersection(stand.workers()))
    assert text_of(run(stand.sandbox, COUNT)) == "n\r\n6\r\n"
    eventually(lambda: len(list(stand.folder.iterdir())) == 1)
    stand.close()


def test_idle_workers_keep_up(own: Stand) -> None:
    idle = eventually(lambda: list(own.sandbox._idle.queue) if own.sandbox._idle.qsize() == 2 else [])
    for number in range(20):
        own.store.apply(ChangeSet(added=[HERE._replace(object=Literal(f"new {number}"))]))
    eventually(lambda: all(worker.behind == 0 for worker in idle))


def test_a_query_past_its_deadline_is_ended_and_its_worker_replaced(stand: Stand) -> None:
    before = stand.all_workers()
    with pytest.raises(QueryTimeout):
        run(stand.sandbox, ENDLESS, limits=SHORT)
    eventually(lambda: len(stand.workers()) == 2 and stand.workers() != before)
    assert text_of(run(stand.sandbox, "ASK {}")) == "true"


def test_a_query_that_takes_too_much_memory_is_ended(sandbox: Sandbox) -> None:
    with pytest.raises(OutOfMemory, match="memory"):
        run(sandbox, GREEDY)
    assert text_of(run(sandbox, "ASK {}")) == "true"


def test_a_text_that_crashes_the_engine_takes_only_its_worker_down(sandbox: Sandbox) -> None:
    with pytest.raises(OutOfMemory, match="nested too deeply"):
        run(sandbox, "SELECT * WHERE " + "{" * 20_000 + "}" * 20_000)
    assert text_of(run(sandbox, "ASK {}")) == "true"


def test_a_crash_says_nothing_in_the_log(capfd: pytest.CaptureFixture[str], own: Stand) -> None:
    for text in ("SELECT * WHERE " + "{" * 20_000 + "}" * 20_000, GREEDY):
        with pytest.raises(OutOfMemory):
            run(own.sandbox, text)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "limits", [Limits(seconds=20, rows=100, size=2**30), Limits(seconds=20, rows=10**9, size=1000)]
)
def test_a_result_that_is_too_large_is_refused_and_leaves_nothing(stand: Stand, limits: Limits) -> None:
    text = f"SELECT * WHERE {{ {VALUES} {VALUES.replace('?a', '?b')} {VALUES.replace('?a', '?c')} }}"
    with pytest.raises(ResultTooLarge):
        run(stand.sandbox, text, limits=limits)
    assert not list(stand.folder.glob("*/result*"))


def start(pool: ThreadPoolExecutor, sandbox: Sandbox, owner: str = "me") -> tuple[str, Future[Result]]:
    """Start an endless query and return its id once it runs."""
    known = {each.id for each in sandbox.running(owner)}
    future = pool.submit(run, sandbox, ENDLESS, owner=owner)
    (identifier,) = eventually(lambda: {each.id for each in sandbox.running(owner)} - known)
    return identifier, future


def stop(sandbox: Sandbox, identifier: str, future: Future[Result], owner: str = "me") -> None:
    assert sandbox.cancel(owner, identifier)
    with pytest.raises(QueryCancelled):
        future.result()


def test_running_queries_are_their_owners_alone(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor() as pool:
        identifier, future = start(pool, sandbox)
        (running,) = sandbox.running("me")
        assert (running.id, running.owner, running.text) == (identifier, "me", ENDLESS)
        assert abs(running.started - time.time()) < 20
        assert list(sandbox.running("somebody else")) == []
        assert not sandbox.cancel("somebody else", identifier)
        assert not sandbox.cancel("me", "another")
        assert sandbox.cancel("me", identifier)
        with pytest.raises(QueryCancelled):
            future.result()
        assert list(sandbox.running("me")) == []
        assert not sandbox.cancel("me", identifier)
    assert text_of(run(sandbox, "ASK {}")) == "true"


def test_a_query_that_waits_for_a_worker_can_be_stopped(stand: Stand) -> None:
    with ThreadPoolExecutor() as pool:
        stand.all_workers()
        others = [start(pool, stand.sandbox) for _ in range(2)]
        waiting, future = start(pool, stand.sandbox)
        assert stand.sandbox.cancel("me", waiting)
        with pytest.raises(QueryCancelled):
            future.result(timeout=20)
        for identifier, other in others:
            assert not other.done()
            stop(stand.sandbox, identifier, other)


def test_an_owner_has_only_so_many_running(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor() as pool:
        identifier, future = start(pool, sandbox)
        with pytest.raises(TooManyQueries, match="you have 1 queries running, and may have 1"):
            run(sandbox, "ASK {}", most_running=1)
        assert text_of(run(sandbox, "ASK {}", owner="somebody else", most_running=1)) == "true"
        stop(sandbox, identifier, future)


def test_all_owners_together_have_only_so_many_running(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor() as pool:
        started = [(owner, *start(pool, sandbox, owner)) for owner in "abcd"]
        with pytest.raises(TooManyQueries, match="too many queries are running"):
            run(sandbox, "ASK {}", owner="e")
        for owner, identifier, future in started:
            stop(sandbox, identifier, future, owner)


def refusal(sandbox: Sandbox) -> str:
    """Return why a query is not run; empty while a worker is still free for it."""
    try:
        run(sandbox, "ASK {}", limits=SHORT)
    except TooManyQueries as error:
        return str(error)
    return ""


def test_a_query_that_gets_no_worker_in_its_time_is_one_too_many(stand: Stand) -> None:
    with ThreadPoolExecutor() as pool:
        stand.all_workers()
        started = [start(pool, stand.sandbox) for _ in range(2)]
        assert "busy" in eventually(lambda: refusal(stand.sandbox))
        for identifier, future in started:
            stop(stand.sandbox, identifier, future)


def test_a_worker_that_is_killed_is_replaced(stand: Stand) -> None:
    before = stand.all_workers()
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    assert text_of(run(stand.sandbox, "ASK {}")) == "true"
    eventually(lambda: len(stand.workers()) == 2 and not before.intersection(stand.workers()))


def test_many_short_queries_at_once_beside_writes(own: Stand) -> None:
    done = threading.Event()

    def write() -> None:
        for number in count():
            if done.wait(0.001):
                return
            own.store.apply(ChangeSet(added=[HERE._replace(object=Literal(f"new {number}"))]))

    with ThreadPoolExecutor(5) as pool:
        writing = pool.submit(write)
        answers = [pool.submit(run, own.sandbox, "ASK { <urn:here> ?p ?o }") for _ in range(100)]
        wait(answers)
        done.set()
        writing.result()
    assert [text_of(each.result()) for each in answers] == ["true"] * 100


def test_closing_stops_queries_and_leaves_nothing(tmp_path: Path) -> None:
    stand = Stand(tmp_path, SandboxSettings(workers=1))
    with ThreadPoolExecutor() as pool:
        _, running = start(pool, stand.sandbox)
        _, waiting = start(pool, stand.sandbox)
        stand.close()
        for future in (running, waiting):
            with pytest.raises(QueryCancelled):
                future.result()
    with pytest.raises(EngineUnavailable):
        run(stand.sandbox, "ASK {}")
    eventually(lambda: not stand.workers() and not stand.folder.exists())


def test_closing_waits_for_workers_that_are_being_started(tmp_path: Path) -> None:
    stand = Stand(tmp_path, SandboxSettings(workers=4))
    stand.close()
    assert not stand.workers()
    assert not stand.folder.exists()


def test_what_an_earlier_process_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "sandbox" / "1-0" / "result-1"
    left.parent.mkdir(parents=True)
    left.write_text("left")
    stand = Stand(tmp_path, SandboxSettings(workers=1))
    assert not left.exists()
    assert text_of(run(stand.sandbox, "ASK {}")) == "true"
    stand.close()
