"""Our own CPU seconds beside those of an earlier commit's code: exit code 1 for a loss of more than 15 %.

    python benchmarks/against_base.py [--base REVISION] [--only NAME]...

Without a revision: `$BENCH_BASE`, else where this branch left `origin/main`, else (when that is here) the
code of a day before. It is laid out in `.cache`, has a server of its own, and does the same work in turns.

CPU seconds, since wall-clock time here is the neighbours'. What else the machine does makes a run dearer,
never cheaper: so the cheapest run says most, and the median of the pairs says whether that one was luck. Only
where both tell of a loss are more pairs taken, up to twenty; only where both still tell of it, it is one.
"""

from __future__ import annotations

import argparse
import compileall
import io
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from comparing import say
from files import make_big, make_small
from jobs import batched, build_image, last_job, put_one, spec, write_specs
from serving import ROOT, Server, serving
from table import figure

from calf.client.connection import Client, connect

LOSS = 1.15
PAIRS, MOST_PAIRS = 5, 20
LEAST = 0.02
"""Seconds of CPU that a loss must be worth at least."""
DAY = 86_400


@dataclass(slots=True)
class Side:
    """One version of the code at work, with what it used for each piece of work."""

    server: Server
    client: Client
    folder: Path
    used: dict[str, list[float]] = field(default_factory=dict)


def put_files(side: Side, number: int) -> float:
    """A folder of new files, with our command line."""
    data = make_small(side.folder / f"put{number}", 2_000, number)
    return side.server.measure("put", "file", "-r", f"in@master:/put{number}", "-f", data).cpu


def put_few(side: Side, number: int) -> float:
    """Ten files into a repo that has thousands."""
    data = make_small(side.folder / f"few{number}", 10, -number)
    return side.server.measure("put", "file", "-r", "in@master:/few", "-f", data).cpu


def put_again(side: Side, _number: int) -> float:
    """Nothing is new."""
    return side.server.measure("put", "file", "-r", "in@master:/put0", "-f", side.folder / "put0").cpu


def put_big(side: Side, number: int) -> float:
    """One large file."""
    data = make_big(side.folder / "big", 64 << 20, number)
    return side.server.measure("put", "file", "big@master:/big", "-f", data).cpu


def get_files(side: Side, number: int) -> float:
    """A folder of files into a new folder."""
    out = side.folder / f"out{number}"
    return side.server.measure("get", "file", "-r", "in@master:/put0", "-o", out).cpu


def map_batched(side: Side, number: int) -> float:
    """A pipeline over many datums in a batch, from its creation to its job's end."""
    one = batched(f"map{number}", "small", datumSetSpec={"perWorker": 1})
    specs = write_specs(side.folder / f"map{number}.json", one)
    return _pipeline(side, specs, f"map{number}")


def map_sandboxed(side: Side, number: int) -> float:
    """A pipeline over a few datums, a sandbox each."""
    more = {"transform": {"image": "host", "cmd": ["true"]}}
    specs = write_specs(
        side.folder / f"alone{number}.json", spec(f"alone{number}", "small", "/002[0-2]*", **more)
    )
    return _pipeline(side, specs, f"alone{number}")


def skip(side: Side, number: int) -> float:
    """A commit that changes one of many datums."""
    before = side.server.cpu()
    put_one(side.client, "small", "/00001.bin", b"%d" % number)
    last_job(side.client, "map0")
    return side.server.cpu() - before


WORK: tuple[Callable[[Side, int], float], ...] = (
    put_files,
    put_few,
    put_again,
    put_big,
    get_files,
    map_batched,
    map_sandboxed,
    skip,
)


def main(words: Sequence[str]) -> int:
    """Compare, and say what was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--base", default=os.environ.get("BENCH_BASE", ""))
    parser.add_argument("--only", action="append", choices=[work.__name__ for work in WORK])
    asked = parser.parse_args(words)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody is to compile what it imports, each time
    base = asked.base or find_base()
    if not base:
        print("this clone has no earlier commit to compare with")
        return 0
    with tempfile.TemporaryDirectory(prefix="base-", dir=ROOT / ".cache") as folder:
        lost = compare(Path(folder), base, asked.only or [work.__name__ for work in WORK])
    return 1 if lost else 0


def find_base() -> str:
    """The commit that this work began from; empty where there is none."""
    head = _git("rev-parse", "HEAD")
    fork = _git("merge-base", "HEAD", "origin/main")
    if fork and fork != head:
        return fork
    when = int(_git("show", "-s", "--format=%ct", "HEAD")) - DAY
    return _git("rev-list", "-1", "--first-parent", f"--before={when}", "HEAD") or _git(
        "rev-parse", "-q", "--verify", "HEAD^"
    )


def compare(folder: Path, base: str, names: Sequence[str]) -> list[str]:
    """Let both do all the work in turns; gives what was lost."""
    print(f"CPU seconds beside those of {_git('show', '-s', '--format=%h (%s)', base)}", flush=True)
    code = lay_out(base, folder / "code")
    with ExitStack() as stack:
        sides = [
            _side(stack, folder / name, source) for name, source in (("base", code), ("here", ROOT / "src"))
        ]
        lost = []
        for work in WORK:
            if work.__name__ not in names and work not in (put_files, map_batched):
                continue  # those two make what the others need
            ratio = judge(work, *sides)
            verdict = "" if ratio <= LOSS else f": a loss of more than {LOSS - 1:.0%}"
            print(f"{work.__name__:14} {figure(ratio)} times the base's{verdict}", flush=True)
            if verdict:
                lost.append(work.__name__)
    return lost


def judge(work: Callable[[Side, int], float], base: Side, here: Side) -> float:
    """The ratio of CPU seconds, after as many pairs as it takes to be sure of a loss."""
    old, new = (side.used.setdefault(work.__name__, []) for side in (base, here))
    for number in range(MOST_PAIRS + 1):
        for side, used in ((base, old), (here, new))[:: 1 if number % 2 else -1]:
            cost = work(side, number)
            if number:  # the first warms up
                used.append(cost)
        if number >= PAIRS and not is_loss(old, new):
            break
        say(f"  {work.__name__}, pair {number}" + (f": {old[-1]:.3f} and {new[-1]:.3f}" if number else ""))
    return ratio_of(old, new)


def ratio_of(old: Sequence[float], new: Sequence[float]) -> float:
    """The smaller of two: of the cheapest runs, and the median over the pairs."""
    pairs = statistics.median(b / a for a, b in zip(old, new, strict=True))
    return min(min(new) / min(old), pairs)


def is_loss(old: Sequence[float], new: Sequence[float]) -> bool:
    """Whether what was measured so far tells of a loss."""
    return ratio_of(old, new) > LOSS and min(new) - min(old) > LEAST


def lay_out(revision: str, folder: Path) -> Path:
    """Unpack the sources of a revision; gives the folder to import from."""
    packed = subprocess.run(
        ("git", "archive", revision, "src"), cwd=ROOT, check=True, stdout=subprocess.PIPE
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    compileall.compile_dir(folder, quiet=1)  # or else each of its processes would
    return folder / "src"


def _side(stack: ExitStack, folder: Path, code: Path) -> Side:
    folder.mkdir()
    server = stack.enter_context(serving(folder / "home", code))
    client = stack.enter_context(connect(server.address))
    build_image(server, folder / "image")
    for repo in ("in", "big", "small"):
        server.pachctl("create", "repo", repo)
    data = make_small(folder / "small", 300, 0, size=100)
    server.pachctl("put", "file", "-r", "small@master:/", "-f", data)
    return Side(server, client, folder)


def _pipeline(side: Side, specs: Path, name: str) -> float:
    before = side.server.cpu()
    side.server.pachctl("create", "pipeline", "-f", specs)
    last_job(side.client, name)
    used = side.server.cpu() - before
    if name != "map0":
        side.server.pachctl("delete", "pipeline", name)
    return used


def _git(*words: str) -> str:
    done = subprocess.run(("git", *words), cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
