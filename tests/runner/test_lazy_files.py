"""Lazy files are served at once, whole and to everybody, in whatever way a stage opens them."""

from __future__ import annotations

import os
import resource
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calf.model.ports import InputFile
from calf.runner.feeding import feeding
from calf.runner.layout import Layout
from calf.storage.store import Store

BIG = bytes(range(256)) * 8192


@contextmanager
def lazy(folder: Path, store: Store, files: dict[str, bytes]) -> Iterator[tuple[Path, Callable[[], int]]]:
    pfs, spare = folder / "pfs", folder / "spare"
    (pfs / "out").mkdir(parents=True)
    spare.mkdir()
    with store.writer() as writer:
        inputs = [InputFile(f"/in/{name}", writer.content(data), "lazy") for name, data in files.items()]
        writer.seal()
    Layout(pfs, store, True).show(inputs, "")
    with feeding(pfs, spare, store, inputs) as fetched:
        yield pfs / "in", fetched


def in_use() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@contextmanager
def descriptors(number: int) -> Iterator[None]:
    """Only `number` more files may be opened, half of them as lazy inputs."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = in_use()
    resource.setrlimit(resource.RLIMIT_NOFILE, (2 * used + number, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_many_files_read_in_turn_cost_little_each(tmp_path: Path, store: Store) -> None:
    files = {f"{number:03}": b"%d" % number for number in range(400)}
    with lazy(tmp_path, store, files) as (folder, _):
        began = time.monotonic()
        assert {name: (folder / name).read_bytes() for name in sorted(files)} == files
        assert time.monotonic() - began < 400 * 0.01


def test_a_file_that_was_opened_and_closed_unread_is_still_whole(tmp_path: Path, store: Store) -> None:
    with lazy(tmp_path, store, {"a": b"whole"}) as (folder, _):
        for _ in range(50):
            (folder / "a").open("rb").close()
            assert (folder / "a").read_bytes() == b"whole"


def test_whoever_opens_after_a_first_byte_was_read_gets_the_whole(tmp_path: Path, store: Store) -> None:
    with lazy(tmp_path, store, {"a": b"whole"}) as (folder, _):
        for _ in range(50):
            with (folder / "a").open("rb", buffering=0) as part:
                assert part.read(2) == b"wh"
                assert (folder / "a").read_bytes() == b"whole"


def test_a_file_may_be_open_twice_at_different_places(tmp_path: Path, store: Store) -> None:
    with lazy(tmp_path, store, {"a": BIG}) as (folder, _), (folder / "a").open("rb") as first:
        assert first.read(1000) == BIG[:1000]
        with (folder / "a").open("rb") as second:
            assert second.read() == BIG
        assert first.read() == BIG[1000:]


def test_hundreds_may_be_open_at_once_and_be_read_last_one_first(tmp_path: Path, store: Store) -> None:
    files = {f"{number:03}": b"%d" % number * 100_000 for number in range(250)}
    with lazy(tmp_path, store, files) as (folder, _):
        readers = {name: (folder / name).open("rb", buffering=0) for name in files}
        for name in reversed(files):
            with readers[name] as reader:
                assert reader.readall() == files[name]


def test_a_removed_file_stays_removed(tmp_path: Path, store: Store) -> None:
    with lazy(tmp_path, store, {"a": BIG, "b": b"b"}) as (folder, _):
        with (folder / "a").open("rb") as reader:
            (folder / "a").unlink()
            assert reader.read() == BIG
        (folder / "b").unlink()
        (folder / "b").write_bytes(b"mine")
        assert (folder / "b").read_bytes() == b"mine"
        assert [path.name for path in folder.iterdir()] == ["b"]


@pytest.mark.parametrize("mine", [{}, {"a": b"mine"}])
def test_what_is_taken_away_or_replaced_while_it_is_taken_up_stays_so(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, mine: dict[str, bytes]
) -> None:
    make = os.mkfifo
    with lazy(tmp_path, store, {"a": BIG}) as (folder, _):

        def make_meanwhile(path: Path, mode: int) -> None:
            (folder / "a").unlink()
            for name, content in mine.items():
                (folder / name).write_bytes(content)
            make(path, mode)

        monkeypatch.setattr(os, "mkfifo", make_meanwhile)
        with (folder / "a").open("rb") as reader:
            assert reader.read() == BIG
        assert [path.name for path in folder.iterdir() if not path.is_file()] == []
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == mine
    assert list((tmp_path / "spare").iterdir()) == []


@pytest.mark.parametrize("spare", [6, 40])
def test_more_files_than_descriptors_are_served_too(tmp_path: Path, store: Store, spare: int) -> None:
    files = {f"{number:02}": b"%d" % number for number in range(30)}
    with descriptors(spare), lazy(tmp_path, store, files) as (folder, _):
        assert {name: (folder / name).read_bytes() for name in files} == files


def test_nothing_is_fetched_before_somebody_opens(tmp_path: Path, store: Store) -> None:
    with lazy(tmp_path, store, {"a": BIG}) as (folder, fetched):
        assert [path.name for path in folder.iterdir()] == ["a"]
        assert fetched() == 0
        fd = os.open(folder / "a", os.O_RDONLY | os.O_NONBLOCK)
        assert select.select([fd], [], [], 5)[0]
        os.close(fd)
    assert 0 < fetched() < len(BIG)


def test_no_descriptor_stays_open(tmp_path: Path, store: Store) -> None:
    before = in_use()
    with lazy(tmp_path, store, {"a": BIG, "b": b"b"}) as (folder, _), (folder / "a").open("rb") as reader:
        reader.read(1)
    assert in_use() <= before + 2  # the store's index and pack
