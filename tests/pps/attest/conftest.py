from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pps.stages import Visit, copy
from tests.pps.workshop import Workshop


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Workshop]:
    """`in` and `params` by users, `one` reads both, `two` reads `one`; each ran. Tests may damage it."""
    workshop = Workshop.open(tmp_path / "home", {"pick": pick, "sum": total}).start()
    workshop.repo("in", "params")
    workshop.put("in", {"/a": "A" * 100, "/b": "BBBB"})
    workshop.put("params", {"/x.yaml": "x: 1\n"})
    workshop.pipeline("one", "in:/* params:/", "pick")
    assert workshop.wait_set(workshop.pipeline("two", "one:/", "sum")) == ["SUCCESS"]
    yield workshop
    workshop.close()


def pick(visit: Visit) -> dict[str, bytes]:
    return {path: data for path, data in copy(visit).items() if path != "/x.yaml"}


def total(visit: Visit) -> dict[str, bytes]:
    return {"/total": b"".join(data for _, data in sorted(visit.files.items()))}
