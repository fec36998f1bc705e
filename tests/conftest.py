"""What all tests share: hypothesis without deadlines, the shipped profile, and a running registry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from stand import Stand, running_stand

from registry.profile import Profile, load_profile

pytest_plugins = ["stopped_registry"]

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
