"""Run on a small disk by test_broken_puts.py: a server there, and `pachctl` putting more than fits."""

from __future__ import annotations

import io
import logging
import os
import random
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

from calf.cli.main import main
from calf.daemon.build import start
from calf.daemon.config import Config
from calf.kit import exit_codes


def pachctl(*args: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(args)
    return code, out.getvalue(), err.getvalue()


def files(commit: str) -> list[str]:
    return [line.split("\t")[1] for line in pachctl("list", "file", commit)[1].splitlines()[1:]]


def put_too_much(disk: Path, folder: Path) -> None:
    """A put of which the first files would fit."""
    for name, size in (("a", 10), ("big", 32 << 20)):
        (folder / name).write_bytes(random.Random(name).randbytes(size))
    for branch in ("master", "open"):
        code, out, err = pachctl("put", "file", "-r", f"data@{branch}:/", "-f", str(folder))
        assert (code, out) == (exit_codes.NO_SPACE, ""), (code, out, err)
        assert err.startswith(f"error: no space left to write below {disk}/home/"), err
        assert err.endswith("\nhint: free some space and try again\n"), err


def work_without_any_space(disk: Path, small: str) -> None:
    """With not a byte left, whatever writes is refused and whatever reads works."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    for words in (("create", "repo", "more"), ("put", "file", "data@master:/no", "-f", small)):
        code, out, err = pachctl(*words)
        assert (code, out) == (exit_codes.NO_SPACE, ""), (words, code, out, err)
        assert err.startswith("error: no space left "), err
    assert files("data@master") == ["/kept"]
    ballast.unlink()


def check(disk: Path, folder: Path) -> None:
    (folder / "small").write_text("small")
    small = str(folder / "small")
    assert pachctl("create", "repo", "data")[0] == 0
    assert pachctl("put", "file", "data@master:/kept", "-f", small)[0] == 0
    assert pachctl("start", "commit", "data@open")[0] == 0
    before = pachctl("list", "commit", "data")[1].count("\n")
    (folder / "tree").mkdir()
    put_too_much(disk, folder / "tree")
    work_without_any_space(disk, small)
    assert pachctl("list", "commit", "data")[1].count("\n") == before
    assert pachctl("fsck", "--verify") == (0, "", "")
    assert pachctl("put", "file", "data@master:/after", "-f", small)[0] == 0
    assert pachctl("put", "file", "data@open:/after", "-f", small)[0] == 0
    assert pachctl("finish", "commit", "data@open")[0] == 0
    assert files("data@master") == ["/after", "/kept"]
    assert files("data@open") == ["/after"]
    assert pachctl("fsck", "--verify") == (0, "", "")


def run(disk: Path, folder: Path) -> None:
    logging.getLogger("calf").addHandler(logging.NullHandler())  # the server is in this process
    unexpected: list[BaseException] = []
    server = start(Config(disk / "home", "127.0.0.1:0"), lambda _where, error: unexpected.append(error))
    os.environ.update(PACHD_ADDRESS=server.address, PACH_CONFIG=str(folder / "pachyderm.json"))
    try:
        check(disk, folder)
    finally:
        server.stop()
    assert unexpected == []


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[1]).parent)
