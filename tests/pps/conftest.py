from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pps.stages import Stage, copy, fail, nothing
from tests.pps.workshop import Open, Workshop

STAGES: dict[str, Stage] = {"copy": copy, "fail": fail, "nothing": nothing}


@pytest.fixture
def open_workshop(tmp_path: Path) -> Iterator[Open]:
    """Opens the test's data folder, with stages of its own; at the end its checks must find nothing."""
    opened: list[Workshop] = []

    def open_(stages: dict[str, Stage] | None = None, **settings: Any) -> Workshop:
        opened.append(Workshop.open(tmp_path / "home", STAGES | (stages or {}), **settings))
        return opened[-1].start()

    yield open_
    last = opened[-1]
    try:
        assert last.fsck() == []
        assert last.reports == []
    finally:
        last.close()


@pytest.fixture
def workshop(open_workshop: Open) -> Workshop:
    """A running engine with a repo `in`."""
    made = open_workshop()
    made.repo("in")
    return made
