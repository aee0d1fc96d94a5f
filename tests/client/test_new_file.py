"""Files that have their name when they are whole, pipes that are written to as they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from calf.client.new_file import new_file


def _interrupted(path: Path) -> None:
    with new_file(path) as file:
        file.write(b"x" * 100_000)
        assert path.read_text() == "before"
        raise KeyboardInterrupt


def test_what_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("before")
    with pytest.raises(KeyboardInterrupt):
        _interrupted(tmp_path / "f")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"f": "before"}
    with new_file(tmp_path / "f") as file:
        file.write(b"after")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"f": "after"}


def test_a_pipe_stays_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with new_file(tmp_path / "pipe") as file:
        file.write(b"through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_links_and_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    for path in (tmp_path / "link", tmp_path):
        with pytest.raises(OSError, match=r"symbolic links|Is a directory"), new_file(path):
            pass
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


def test_errors_tell_the_name_that_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    for path in (tmp_path / "nowhere" / "g", tmp_path / "f" / "g", tmp_path / ("g" * 300)):
        with pytest.raises(OSError, match=r"No such file|Not a directory|too long") as failed, new_file(path):
            pass
        assert failed.value.filename == str(path)


def test_a_folder_that_came_meanwhile_stays(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as failed, new_file(tmp_path / "f"):
        (tmp_path / "f").mkdir()
    assert (failed.value.filename, failed.value.filename2) == (str(tmp_path / "f"), None)
    assert [path.name for path in tmp_path.iterdir()] == ["f"]
