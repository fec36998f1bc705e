"""One registry for all tests of contracts, emptied before each; tests that spoil it make their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from stand import Stand, running_stand


@pytest.fixture(scope="session")
def shared_stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with running_stand(tmp_path_factory.mktemp("contracts")) as stand:
        yield stand


@pytest.fixture
def stand(shared_stand: Stand) -> Stand:
    shared_stand.clear()
    commitments = shared_stand.components.contracts.commitments
    commitments.__init__()  # type: ignore[misc]  # as after a start on an empty journal
    return shared_stand
