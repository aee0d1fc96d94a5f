"""Files that have their name when they are whole, pipes that are written to as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

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


WRITE = """
import sys
from calf.client.new_file import new_file
with new_file(sys.argv[1]) as file:
    file.write(b"after")
"""
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user, or mount")


@needs_root
def test_a_file_in_a_folder_of_somebody_else_is_written_to() -> None:
    with TemporaryDirectory() as name:
        (folder := Path(name)).chmod(0o755)
        (folder / "f").write_text("before")
        (folder / "f").chmod(0o666)
        os.seteuid(65534)
        try:
            with new_file(folder / "f") as file:
                file.write(b"after")
            with pytest.raises(PermissionError), new_file(folder / "new"):
                pass
        finally:
            os.seteuid(0)
        assert {path.name: path.read_text() for path in folder.iterdir()} == {"f": "after"}


@needs_root
def test_a_file_that_is_mounted_by_itself_is_written_to(tmp_path: Path) -> None:
    for name in ("outside", "f"):
        (tmp_path / name).write_text("before")
    mounting = 'mount --bind outside f && exec "$0" -c "$1" f'
    ended = subprocess.run(
        ["unshare", "-m", "sh", "-c", mounting, sys.executable, WRITE],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    if b"mount:" in ended.stderr or b"unshare:" in ended.stderr:
        pytest.skip("this machine mounts nothing")
    assert (ended.returncode, ended.stderr) == (0, b"")
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert found == {"outside": "after", "f": "before"}
