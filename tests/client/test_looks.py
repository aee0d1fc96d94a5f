"""Files that look as they did are not read again; all others are."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from calf.client.looks import MOST, RESTLESS, STALE, Looks, keep, load, look_at

LATER = time.time_ns() + 3600 * 1_000_000_000
KEY = ["localhost:1", "r", "/d", "/home/\udcff"]


@pytest.fixture
def names(tmp_path: Path) -> list[str]:
    made = [tmp_path / name for name in ("a", "b", "c")]
    for path in made:
        path.write_text(path.name)
    return [str(path) for path in made]


def kept(folder: Path, names: list[str], now: int = LATER) -> Looks:
    looks = look_at(names, names, now)
    keep(folder, KEY, Looks("X", looks.paths, looks.looks), now)
    found = load(folder, KEY)
    assert found is not None
    assert found.commit == "X"
    return found


def rewrite(name: str) -> None:
    """With the size and the time of writing as they were."""
    before = Path(name).stat()
    Path(name).write_text("x")
    os.utime(name, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(name: str) -> None:
    Path(f"{name}.new").write_text("x")
    Path(f"{name}.new").replace(name)


@pytest.mark.parametrize("change", [rewrite, replace, lambda name: Path(name).write_text("longer")])
def test_each_change_is_seen(tmp_path: Path, names: list[str], change: Callable[[str], None]) -> None:
    before = kept(tmp_path / "looks", names)
    assert before.changed(look_at(names, names, LATER)) == []
    time.sleep(0.02)  # so that the kernel's clock has ticked
    change(names[1])
    assert before.changed(look_at(names, names, LATER)) == [1]


def test_files_come_and_go(tmp_path: Path, names: list[str]) -> None:
    before = kept(tmp_path / "looks", names[:2])
    assert before.changed(look_at(names[1:], names[1:], LATER)) == [1]
    assert before.changed(look_at([], [], LATER)) in ([], [0])


def test_a_file_is_not_trusted_until_it_has_been_at_rest(tmp_path: Path, names: list[str]) -> None:
    fresh = Path(names[0]).stat().st_ctime_ns + RESTLESS // 2
    before = kept(tmp_path / "looks", names, fresh)
    assert before.changed(look_at(names, names, fresh)) == [0, 1, 2]
    assert before.changed(look_at(names, names, LATER)) == [0, 1, 2]
    assert kept(tmp_path / "looks", names).changed(look_at(names, names, LATER)) == []


def test_what_is_torn_or_of_something_else_counts_as_nothing(tmp_path: Path, names: list[str]) -> None:
    folder = tmp_path / "looks"
    assert load(folder, KEY) is None
    kept(folder, names)
    assert load(folder, [*KEY, "more"]) is None
    [file] = folder.iterdir()
    whole = file.read_bytes()
    for number in range(len(whole)):
        file.write_bytes(whole[:number] + bytes([whole[number] ^ 1]) + whole[number + 1 :])
        assert load(folder, KEY) is None
        file.write_bytes(whole[:number])
        assert load(folder, KEY) is None


def test_looks_that_no_put_has_renewed_for_long_go_when_new_ones_come(
    tmp_path: Path, names: list[str]
) -> None:
    folder = tmp_path / "looks"
    looks = kept(folder, names)
    now = time.time_ns()
    for name, age in (("stale", STALE + 1), ("draft.1", STALE + 1), ("fresh", STALE // 2)):
        (folder / name).touch()
        os.utime(folder / name, ns=(now - age, now - age))
    keep(folder, KEY, looks, now)
    assert (folder / "stale").exists()
    keep(folder, [*KEY, "new"], looks, now)
    assert {path.name for path in folder.iterdir()} & {"stale", "draft.1", "fresh"} == {"fresh"}
    assert load(folder, KEY)
    assert load(folder, [*KEY, "new"])


def test_only_so_many_looks_stay_and_these_are_the_newest(tmp_path: Path, names: list[str]) -> None:
    folder = tmp_path / "looks"
    looks = kept(folder, names)
    now = time.time_ns()
    for number in range(MOST):
        (folder / f"older{number}").touch()
        then = now - (number + 1) * 1_000_000_000
        os.utime(folder / f"older{number}", ns=(then, then))
    keep(folder, [*KEY, "new"], looks, now)
    assert {path.name for path in folder.glob("older*")} == {f"older{number}" for number in range(MOST - 2)}
    assert load(folder, [*KEY, "new"])
