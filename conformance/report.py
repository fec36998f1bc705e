"""Shows what came of a run: a table by folder, then each failure, then one line with the sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from conformance.deviations import Deviation, Judgement


def lines(judgement: Judgement) -> Iterator[str]:
    """Yield the lines of the report; the last one is `N passed, N failed`."""
    passed = Counter(outcome.folder for outcome in judgement.passed)
    deviating = Counter(outcome.folder for outcome in judgement.deviating)
    failed = Counter(test.partition("/")[0] for test, _ in judgement.failed)
    yield f"{'folder':24} {'passed':>7} {'listed':>7} {'failed':>7}"
    for folder in judgement.folders():
        yield f"{folder:24} {passed[folder]:7} {deviating[folder]:7} {failed[folder]:7}"
    yield f"{'':24} {passed.total():7} {deviating.total():7} {failed.total():7}"
    for (test, role), problem in sorted(judgement.failed.items()):
        yield f"FAILED {test} as {role}: {problem}"
    yield f"{deviating.total()} deviate as listed in docs/conformance.md; a test counts once for each role that asks."
    yield f"{passed.total()} passed, {failed.total()} failed"


def table(deviations: Iterable[Deviation]) -> str:
    """Return the deviations as the table of docs/conformance.md."""
    rows = (f"| `{each.test}` | {each.reason} | {each.why} |" for each in deviations)
    return "\n".join(["| test | reason | why |", "|---|---|---|", *rows])
