"""A registry that is stopped, made once; each test works on a copy of its data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from operating import operate, prepare


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("original") / "data"
    prepare(data)
    return data


@pytest.fixture(scope="session")
def original_backup(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backups") / "backup"
    operate("backup", original, folder)
    return folder


@pytest.fixture
def data(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "data", ignore=shutil.ignore_patterns("*.sock")))


@pytest.fixture
def backup(original_backup: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original_backup, tmp_path / "backup"))
