"""A real server that holds something good, and `pachctl` on it; whatever a test does, that must survive."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.cli.conftest import Pachctl, answer, offline, pachctl

__all__ = ["answer", "offline", "pachctl"]


@pytest.fixture
def engine(pachctl: Pachctl, answer: Callable[[str], None]) -> Iterator[Pachctl]:
    """`pachctl` with a repo `data` whose first commit has `/old`.

    Afterwards every check of fsck is clean, every stored byte is right, what was there can be read, and the
    next commit works.
    """
    pachctl("create", "repo", "data")
    answer("old\n")
    pachctl("put", "file", "data@master:/old")
    first = pachctl("list", "commit", "data").rows[-1][2]
    yield pachctl
    answer("next\n")
    pachctl("put", "file", "data@master:/next")
    assert pachctl("get", "file", "data@master:/next").out == "next\n"
    assert pachctl("get", "file", f"data@{first}:/old").out == "old\n"
    assert pachctl("fsck", "--verify").out == ""


@pytest.fixture
def commits(pachctl: Pachctl) -> Callable[[], list[str]]:
    """Gives the ids of the commits of `data`, newest first."""
    return lambda: [row[2] for row in pachctl("list", "commit", "data").rows]
