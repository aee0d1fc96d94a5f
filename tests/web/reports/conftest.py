from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.reports.world import World, evaluated_twice


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server with two evaluations and releases; tests may only look."""
    with evaluated_twice(tmp_path_factory.mktemp("evaluated") / "home") as made:
        yield made
