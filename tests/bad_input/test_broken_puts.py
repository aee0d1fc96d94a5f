"""Puts that break off: a client killed in mid-stream, a disk that is full. Nothing of them is ever seen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.storage.small_disk import run_on_small_disk

PUT = "import sys; from calf.cli.main import main; sys.exit(main(['put', 'file', *sys.argv[1:]]))"
PIECES = 24


def test_a_client_killed_in_mid_stream_leaves_nothing(
    engine: Any, commits: Callable[[], list[str]], answer: Callable[[str], None]
) -> None:
    before = commits()
    words = ["data@master:/half"]
    client = subprocess.Popen([sys.executable, "-c", PUT, *words], stdin=subprocess.PIPE)
    assert client.stdin is not None
    for _ in range(PIECES):
        client.stdin.write(bytes(1 << 20))
    client.stdin.flush()
    client.kill()
    client.wait()
    client.stdin.close()
    answer("more\n")
    engine("put", "file", "data@master:/more")
    assert len(commits()) == len(before) + 1
    assert [row[1] for row in engine("list", "file", "data@master").rows] == ["/more", "/old"]


def test_a_full_disk_refuses_a_put_whole_and_takes_what_fits(tmp_path: Path) -> None:
    run_on_small_disk(tmp_path / "disk", 8, Path(__file__).with_name("fill_disk.py"))
