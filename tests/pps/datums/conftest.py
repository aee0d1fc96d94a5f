from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from calf.model.pps_infos import DatumInput
from calf.model.refs import Pipeline
from calf.model.spec import complete_input, parse_input, sources, validate_input
from calf.pfs import branches
from calf.pps.datums import enumerate_datums
from tests.pfs.world import World

Datums = list[tuple[DatumInput, ...]]
Enumerate = Callable[[dict[str, Any]], Datums]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A fresh data folder; at the end its checks must find nothing."""
    made = World.open(tmp_path / "home")
    yield made
    assert made.fsck() == []
    made.pfs.close()


@pytest.fixture
def enumerate_(world: World) -> Enumerate:
    """The datums of an input over the heads of its branches."""

    def run(document: dict[str, Any]) -> Datums:
        node = parse_input(document)
        validate_input(node)
        node = complete_input(node, Pipeline("default", "p"))
        with world.pfs.read() as tx:
            heads = {leaf.source: branches.inspect(tx, leaf.source).head for leaf in sources(node)}
            return list(enumerate_datums(world.pfs, tx, node, heads))

    return run
