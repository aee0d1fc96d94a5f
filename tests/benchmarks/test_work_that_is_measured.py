"""The work that everybody is given, and the clocks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from files import bytes_below, change_some, make_big, make_small, next_version
from measuring import cpu_of, measure
from pack_limit import get, put


def test_a_next_version_has_a_hundredth_of_new_bytes_and_the_rest_moved(tmp_path: Path) -> None:
    path = make_big(tmp_path / "file", 1_000_000, seed=1)
    before = path.read_bytes()
    next_version(path, 0.01, 10, seed=2)
    after = path.read_bytes()
    kept = sum(after[at : at + 50] in before for at in range(0, len(after), 50))
    assert after != before
    assert list(tmp_path.iterdir()) == [path]
    assert 0.97 < kept * 50 / len(after) < 0.995


def test_changed_files_are_few_and_lie_beside(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "data", 20, seed=1)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    change_some(folder, tmp_path / "changed", 3, seed=2)
    changed = {path.name: path.read_bytes() for path in (tmp_path / "changed").iterdir()}
    assert len(changed) == 3
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before | changed


def test_the_pack_that_sets_the_limit_gives_back_what_it_took(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "data", 5, seed=1)
    put(str(folder), str(tmp_path / "store"))
    get(str(tmp_path / "store"), str(tmp_path / "out"))
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }


def test_bytes_of_a_file_with_two_names_count_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    assert bytes_below(tmp_path) == 5


def test_a_command_s_cost_is_its_cpu_and_a_server_s(tmp_path: Path) -> None:
    spent = iter((1.0, 3.0))
    cost = measure((sys.executable, "-S", "-c", "pass"), tmp_path, os.environ, lambda: next(spent))
    assert cost.server == 2.0
    assert 2.0 < cost.cpu < 4.0
    with pytest.raises(SystemExit, match="failed with exit code 1"):
        measure(("false",), tmp_path, os.environ)


def test_cpu_of_a_process_is_read_from_outside_and_of_one_that_is_gone_is_none() -> None:
    before = cpu_of(os.getpid())
    sum(range(200_000))
    assert cpu_of(os.getpid()) > before > 0
    assert cpu_of(2**22 + 1) == 0.0
