"""`der-registry import` by its results: what is taken, what is refused and where, and what is left when it is ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from stand import device, running_stand

from demo.households import devices
from registry.cli.check import check
from registry.cli.import_ import import_
from registry.devices.criteria import Listing
from registry.devices.documents import Document
from registry.devices.reading import DeviceReader
from registry.intake.loading import STEP
from registry.principal import Principal, Role
from registry.profile import Profile
from sparql.embedded import EmbeddedStore

DATA = Path(__file__).parent / "data" / "imports"
CASES = sorted(path for path in DATA.iterdir() if path.suffix != ".expected")
PROGRAM = str(Path(sys.executable).with_name("der-registry"))
SERVICE = Principal(role=Role.SERVICE, issuer="urn:tests", subject="tests")
MANY = 2 * STEP + 1000
"""Devices whose import takes several steps."""
DOCUMENT = {
    "device_id": "00000000-0000-4000-8000-000000000001",
    "account_id": "0b7c1f5e-3a51-4c8e-9d0f-2f6a1c9e4b7d",
    "ven_id": "7f1d0c6e-52a4-4b0e-8a3d-9e1f6b2c4d5a",
    "aggregator_id": "coop-a.example",
    "device_class": "dhwDevice",
    "availability": "",
}


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(import_, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def write(path: Path, documents: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    return path


@contextmanager
def reader(data: Path, profile: Profile) -> Iterator[DeviceReader]:
    store = EmbeddedStore(data / "store")
    try:
        yield DeviceReader(store, profile)
    finally:
        store.close()


def listing(data: Path, profile: Profile, size: int = 300) -> list[Document]:
    with reader(data, profile) as devices:
        return [dict(device.document) for device in devices.page(SERVICE, Listing(size=size)).devices]


def test_there_is_a_case_for_every_form() -> None:
    assert {path.suffix for path in CASES} == {".json", ".ndjson", ".csv", ".ttl"}


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_files_are_taken_and_refused(case: Path, tmp_path: Path) -> None:
    file = tmp_path / case.name
    file.write_bytes(case.read_bytes())
    summary, *expected = case.with_name(f"{case.name}.expected").read_text(encoding="utf-8").splitlines()
    result = run(file, "--data", tmp_path / "data")
    told = [line.removeprefix(f"{file}:") for line in result.stderr.splitlines() if line.startswith(f"{file}:")]
    assert result.stdout.startswith(f"{summary} in ")
    assert sorted(told) == sorted(expected)
    assert result.exit_code == (1 if expected else 0)
    rejects = file.with_name(f"{case.name}.rejects.ndjson")
    entries = [json.loads(line) for line in rejects.read_bytes().splitlines()] if rejects.exists() else []
    assert len(entries) == int(summary.split()[4])
    assert {entry["line"] for entry in entries} == {int(line.split(":")[0]) for line in expected}
    assert all(entry.keys() in ({"line", "issues", "document"}, {"line", "issues", "text"}) for entry in entries)


def test_rejects_hold_the_document_or_its_text(tmp_path: Path) -> None:
    file = tmp_path / "d.ndjson"
    file.write_bytes(b'{"device_id": "x", "foo": "\xc3\xa9"}\n{"a": \xff}\n')
    run(file, "--data", tmp_path / "data")
    document, text = map(json.loads, (tmp_path / "d.ndjson.rejects.ndjson").read_text(encoding="utf-8").splitlines())
    assert (document["line"], document["document"]) == (1, {"device_id": "x", "foo": "é"})
    assert document["issues"]["foo"] == "unknown field"
    assert (text["line"], text["text"]) == (2, '{"a": \\xff}')


def test_rejects_of_an_earlier_run_are_replaced_and_at_last_removed(tmp_path: Path) -> None:
    file, rejects = tmp_path / "d.ndjson", tmp_path / "d.ndjson.rejects.ndjson"
    for documents, lines in (([{}, {}], 2), ([{}], 1), ([DOCUMENT], 0)):
        run(write(file, documents), "--data", tmp_path / "data")
        assert (len(rejects.read_text().splitlines()) if rejects.exists() else 0) == lines
    assert not rejects.exists()


def test_what_is_imported_is_what_is_read(tmp_path: Path, profile: Profile) -> None:
    documents = [json.loads(line) for line in (DATA.parent / "every_field.ndjson").read_text().splitlines()]
    assert {name for document in documents for name in document} == {
        field.names[0] for field in profile.fields.values()
    }
    assert run(DATA.parent / "every_field.ndjson", "--data", tmp_path).exit_code == 0
    assert listing(tmp_path, profile) == documents


def test_defaults_are_filled_in_and_the_order_of_creation_is_that_of_the_file(tmp_path: Path, profile: Profile) -> None:
    documents = list(devices(300, 3, 5))[::-1]
    run(write(tmp_path / "d.ndjson", documents), "--data", tmp_path)
    found = listing(tmp_path, profile)
    assert [each["device_id"] for each in found] == [each["device_id"] for each in documents]
    assert len({each["_created"] for each in found}) == 300
    run(write(tmp_path / "e.ndjson", [DOCUMENT]), "--data", tmp_path / "other")
    assert listing(tmp_path / "other", profile)[0]["device_name"] == "NO NAME"


def test_a_device_that_is_there_already_is_unchanged_or_refused(tmp_path: Path, profile: Profile) -> None:
    file = write(tmp_path / "d.ndjson", [{**DOCUMENT, "status": {"setPoint": 1}}])
    run(file, "--data", tmp_path)
    before = listing(tmp_path, profile)
    again = run(write(file, [{**DOCUMENT, "status": {"setPoint": 1.0}, "device_name": "NO NAME"}]), "--data", tmp_path)
    assert again.stdout.startswith("0 accepted, 1 unchanged, 0 rejected")
    other = run(write(file, [DOCUMENT]), "--data", tmp_path)
    assert (other.exit_code, listing(tmp_path, profile)) == (1, before)
    assert f"{file}:1: device_id: value '{DOCUMENT['device_id']}' is not unique" in other.stderr


def test_several_files_are_one_import(tmp_path: Path, profile: Profile) -> None:
    good = write(tmp_path / "good.jsonl", [DOCUMENT])
    bad = tmp_path / "bad.ttl"
    bad.write_text("nonsense", encoding="utf-8")
    result = run(bad, good, good, "--data", tmp_path)
    assert result.stdout.startswith("1 accepted, 0 unchanged, 1 rejected")
    assert [each["device_id"] for each in listing(tmp_path, profile)] == [DOCUMENT["device_id"]]


@pytest.mark.parametrize("there", [True, False], ids=["beside_a_store", "without_a_store"])
def test_a_dry_run_writes_nothing(there: bool, tmp_path: Path, profile: Profile) -> None:
    data = tmp_path / "data"
    if there:
        run(write(tmp_path / "first.ndjson", [DOCUMENT]), "--data", data)
    file = write(tmp_path / "d.ndjson", [*devices(20, 2, 3), {}, DOCUMENT, DOCUMENT])
    result = run(file, "--dry-run", "--data", data)
    counts = (20, 2) if there else (21, 1)
    assert result.stdout.startswith("{} acceptable, {} unchanged, 1 rejected".format(*counts))
    assert result.exit_code == 1
    assert f"{file}:21: device_class: required field" in result.stderr
    assert not list(tmp_path.glob("*.rejects.ndjson"))
    assert len(listing(data, profile)) == 1 if there else not data.exists()


def test_a_store_in_use_is_an_error(tmp_path: Path, profile: Profile) -> None:
    file = write(tmp_path / "d.ndjson", [DOCUMENT])
    run(file, "--data", tmp_path)
    with reader(tmp_path, profile):
        result = run(file, "--data", tmp_path)
    assert result.exit_code == 2
    assert "is in use by another process; stop the registry that runs on it first" in result.stderr


@pytest.mark.parametrize("name", ["missing.ndjson", "d.xml"])
def test_a_file_that_can_not_be_one_is_an_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "d.xml").touch()
    result = run(tmp_path / name, "--data", tmp_path / "data")
    assert (result.exit_code, (tmp_path / "data").exists()) == (2, False)
    assert name in result.stderr


def start(file: Path, data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PROGRAM, "import", str(file), "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def until_told(process: subprocess.Popen[str], line: int) -> None:
    """Wait until the document on `line` is reported; the last step before its batch is being written by then."""
    assert process.stderr is not None
    while f":{line}: " not in (told := process.stderr.readline()):
        assert told, "the process ended"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda each: each.name)
def test_an_import_that_is_ended_leaves_whole_devices_and_goes_on_when_repeated(
    number: signal.Signals, tmp_path: Path, profile: Profile
) -> None:
    documents = list(devices(MANY, 5, 11))
    one, two = STEP + 200, 2 * STEP + 200  # a step is written for certain when the next but one is begun
    file = write(tmp_path / "d.ndjson", [*documents[:one], {}, *documents[one:two], {}, *documents[two:]])
    data = tmp_path / "data"
    process = start(file, data)
    until_told(process, one + 1)
    if number == signal.SIGKILL:
        until_told(process, two + 2)
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    _, told = process.communicate(timeout=60)
    if number == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 130
        assert "Traceback" not in told
    with reader(data, profile) as found:
        page = found.page(SERVICE, Listing(size=300))
    assert 0 < page.total < MANY
    if number != signal.SIGKILL:
        assert f"interrupted: {page.total:,} devices were written" in told
    for written, document in zip(page.devices, documents, strict=False):
        assert {key: value for key, value in written.document.items() if key not in ("_created", "_updated")} == {
            "device_name": "NO NAME",
            **document,
        }
    assert_checked(data)
    if number != signal.SIGKILL:
        return
    again = run(file, "--data", data)
    assert again.stdout.startswith(f"{MANY - page.total:,} accepted, {page.total:,} unchanged, 2 rejected")
    assert_checked(data)


def assert_checked(data: Path) -> None:
    result = CliRunner().invoke(check, ["--data", str(data)])
    assert (result.exit_code, result.stdout.splitlines()[-1].endswith("all copies agree")) == (0, True), result.output


@pytest.mark.parametrize("time", ["2035-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"])
def test_a_time_to_come_in_a_file_does_not_move_the_registrys_clock(tmp_path: Path, time: str) -> None:
    run(write(tmp_path / "d.ndjson", [{**DOCUMENT, "_created": time, "_updated": time}]), "--data", tmp_path / "data")
    with running_stand(tmp_path / "data") as stand:
        (added,) = stand.add(device(77))
        assert added.document["_updated"] < "2034"
        assert stand.patch(device(77)["device_id"], {"device_name": "renamed"}).status_code == 200
