"""What all tests share: hypothesis without deadlines, the shipped profile, and a running registry."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from operating import operate, prepare
from stand import Stand, running_stand

from registry.profile import Profile, load_profile

settings.register_profile(
    "registry", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("registry")


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile()


@pytest.fixture(scope="session")
def shared_stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A registry for a whole session; whoever uses it begins with `clear()`."""
    with running_stand(tmp_path_factory.mktemp("registry")) as stand:
        yield stand


@pytest.fixture
def stand(shared_stand: Stand) -> Stand:
    """A registry without devices."""
    shared_stand.clear()
    return shared_stand


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a stopped registry. Not to be changed."""
    data = tmp_path_factory.mktemp("original") / "data"
    prepare(data)
    return data


@pytest.fixture(scope="session")
def original_backup(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of them. Not to be changed."""
    folder = tmp_path_factory.mktemp("backups") / "backup"
    operate("backup", original, folder)
    return folder


@pytest.fixture
def data(original: Path, tmp_path: Path) -> Path:
    """The data of a stopped registry."""
    return Path(shutil.copytree(original, tmp_path / "data", ignore=shutil.ignore_patterns("*.sock")))


@pytest.fixture
def backup(original_backup: Path, tmp_path: Path) -> Path:
    """A backup of the data of a stopped registry."""
    return Path(shutil.copytree(original_backup, tmp_path / "backup"))
