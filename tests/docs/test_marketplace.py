"""docs/marketplace.md: each request is made in turn, and the answer is what stands below it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "contracts"))

from agreements import asset
from stand import AGGREGATOR, PROSUMER, SERVICE, Stand

from registry.contracts.rules import contract_rules
from registry.contracts.types import contract_types
from registry.profile import load_profile

DOCUMENT = (Path(__file__).parents[2] / "docs" / "marketplace.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```http\n(.*?)```\n\n```json\n(\d+)\n(.*?)```", DOCUMENT, re.DOTALL)
CALLERS = {"aggregator": AGGREGATOR, "prosumer": PROSUMER, "service": SERVICE}


def part(expected: Any, found: Any) -> Any:
    """Return what of an answer the document shows."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return {name: part(value, found.get(name)) for name, value in expected.items()}
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [part(one, other) for one, other in zip(expected, found, strict=True)]
    return found


def ask(stand: Stand, text: str) -> Any:
    head, _, body = text.partition("\n\n")
    first, *lines = head.strip().splitlines()
    method, path, caller = re.fullmatch(r"(\w+) (\S+) \((\w+)\)", first).groups()  # type: ignore[union-attr]
    headers = dict(line.split(": ", 1) for line in lines)
    sent = {"json": json.loads(body)} if body else {}
    return stand.call(method, path, CALLERS[caller], headers=headers, **sent)


def test_every_request_is_answered_as_the_document_says(stand: Stand) -> None:
    stand.add(*(asset(number, max_capacity=float(number + 1)) for number in (1, 2, 3)))
    assert len(EXAMPLES) == DOCUMENT.count("```http") == 5
    for text, status, shown in EXAMPLES:
        answer = ask(stand, text)
        assert answer.status_code == int(status), answer.text
        expected = json.loads(shown)
        assert part(expected, answer.json) == expected


def test_it_lists_every_reason_and_every_type() -> None:
    profile = load_profile()
    table = re.findall(r"^\| (`[a-z`, -]+) \|", DOCUMENT, re.MULTILINE)
    listed = {code for row in table for code in re.findall(r"`([a-z-]+)`", row)}
    assert listed == {rule.code for rule in contract_rules(profile).rules}
    assert all(f"`{code}`" in DOCUMENT for code in contract_types(profile).codes)
