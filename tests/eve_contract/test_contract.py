"""What clients of the former registry rely on, at a glance: one file in `cases` for each sentence, named as it.

That counting is fast is a matter of `bench`; here only what is counted with.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from case import Case, Names, Step, address, read_case
from stand import AGGREGATOR, ENGINEER, PROSUMER, SERVICE, Stand, device
from werkzeug.test import TestResponse

from registry.devices.queries.members import members
from registry.devices.queries.normal_form import normal_form
from registry.devices.queries.variables import variables
from registry.devices.where import read_where

CASES = sorted((Path(__file__).parent / "cases").glob("*/*.http"))
CALLERS = {"service": SERVICE, "aggregator": AGGREGATOR, "prosumer": PROSUMER, "engineer": ENGINEER, "nobody": None}


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_contract(stand: Stand, path: Path) -> None:
    case = read_case(path)
    documents = [device(number, **json.loads(text)) for number, text in enumerate(case.devices, start=1)]
    if documents:
        stand.add(*documents)
    names = Names([device(number)["device_id"] for number in range(1, 10)])
    for step in case.steps:
        check(step, answer(stand, step, names), names)


def answer(stand: Stand, step: Step, names: Names) -> TestResponse:
    headers = {name: names.filled(value) for name, value in step.headers.items()}
    caller = CALLERS[step.role]
    if "Authorization" in headers:
        headers["Authorization"] = headers["Authorization"].replace("{token}", stand.token(caller or SERVICE))
        caller = None
    if step.body:
        headers.setdefault("Content-Type", "application/json")
    return stand.call(
        step.method, address(names.filled(step.target)), caller, headers=headers, data=names.filled(step.body).encode()
    )


def check(step: Step, found: TestResponse, names: Names) -> None:
    said = f"{step.method} {step.target}\n{found.status}\n{found.headers}\n{found.text}"
    assert found.status_code == step.status, said
    for name, value in step.answer_headers.items():
        assert names.matches(value, found.headers.get(name, "(none)")), f"{name}: {value}\n{said}"
    for name in step.absent:
        assert name not in found.headers, said
    if step.found is not None:
        assert found.json is not None
        assert [int(each["device_id"][-4:], 16) for each in found.json["_items"]] == step.found, said
        assert found.json["_meta"]["total"] == int(found.headers["X-Total-Count"]) >= len(step.found), said
    if step.answer:
        wanted: Any = step.answer if step.answer[:1] not in "{[" else json.loads(step.answer)
        assert names.matches(wanted, found.text if isinstance(wanted, str) else found.json), said


def test_each_case_says_a_sentence_and_expects_something() -> None:
    cases: list[Case] = [read_case(path) for path in CASES]
    assert len(cases) > 100
    for case, path in zip(cases, CASES, strict=True):
        assert case.sentence, path
        assert case.steps, path
        assert all(step.status for step in case.steps), path


def test_a_count_orders_nothing_and_reads_no_device(stand: Stand) -> None:
    profile = stand.components.profile
    fields = {field.name: field for field in profile.fields.values()}
    for where in ("{}", '{"max_capacity": {"$gt": 1}}', '{"$or": [{"vpp_id": "a"}, {"online": true}]}'):
        names = variables()
        assert "ORDER" not in members(normal_form(read_where(where, fields)), names).pattern(names)
