"""Those that we are compared with, each with its own repository in its own folder, and told to do the same.

A script of a peer runs in its folder with `$DATA`, the name of the folder (or file) there that it is about,
and `$N`, the number of the round.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from comparing import say
from measuring import Cost, measure, nothing
from serving import BIN, ROOT, run_tool, serving

ENVS = ROOT / ".cache/envs"
DVC, DEBIAN = ENVS / "dvc/bin/dvc", ENVS / "debian"
CALF, PACK = "calf", "pack limit"
ALONE = "BENCH_PROFILE" in os.environ
"""Our server is being profiled, and nobody else is asked."""


@dataclass(frozen=True, slots=True)
class Peer:
    """`put` stores `$DATA`, `status` looks for changes, `get` brings back `$DATA`, which is not there."""

    name: str
    folder: Path
    env: Mapping[str, str]
    put: str
    status: str = ""
    get: str = ""
    cpu: Callable[[], float] = field(default=nothing)

    def run(self, script: str, data: str, number: int = 0) -> Cost:
        """What one of the scripts costs."""
        env = {**self.env, "DATA": data, "N": str(number)}
        return measure(("sh", "-ec", script), self.folder, env, self.cpu)


@contextmanager
def peers(folder: Path, *names: str) -> Iterator[tuple[dict[str, Peer], tuple[str, ...]]]:
    """The peers with these names (`calf` has a server while it lasts), and notes on the missing."""
    found = {name: _MAKERS[name] for name in names if name != CALF}
    missing = [name for name in found if not _is_there(name)]
    notes = tuple(f"{name} was not there to compare with" for name in missing)
    for note in notes:
        say(f"  {note}")
    made = {
        name: make(folder / name.replace(" ", "-")) for name, make in found.items() if name not in missing
    }
    if CALF not in names:
        yield made, notes
        return
    with serving(folder / "home") as server:
        (folder / CALF).mkdir()
        server.pachctl("create", "repo", "bench")
        calf = Peer(
            CALF,
            folder / CALF,
            server.env,
            put='pachctl put file -r "bench@master:/$DATA" -f "$DATA"',
            status='pachctl put file -r "bench@master:/$DATA" -f "$DATA"',
            get='pachctl get file -r "bench@master:/$DATA" -o .',
            cpu=server.cpu,
        )
        yield {CALF: calf, **made}, notes


def _is_there(name: str) -> bool:
    return not ALONE and (name in ("cp", PACK) or shutil.which(name, path=_PATH) is not None)


_PATH = os.pathsep.join((str(DEBIAN / "usr/bin"), str(DVC.parent), os.environ["PATH"]))


def _environment(folder: Path, **more: str) -> dict[str, str]:
    """What all peers run in: nothing of the user's own settings, a name to commit with."""
    folder.mkdir(parents=True)
    who = {
        f"GIT_{role}_{part}": "bench@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for part in ("NAME", "EMAIL")
    }
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "DVC_NO_ANALYTICS": "1"}
    own = {"HOME": str(folder), "XDG_CONFIG_HOME": f"{folder}/.config", "XDG_CACHE_HOME": f"{folder}/.cache"}
    return {**os.environ, "PATH": _PATH, **who, **quiet, **own, **more}


def git(folder: Path) -> Peer:
    """Git, as it installs."""
    env = _environment(folder)
    run_tool("git", "init", "-q", folder, env=env)
    return Peer(
        "git",
        folder,
        env,
        put='git add "$DATA" && git commit -qm "$N"',
        status="git status --porcelain",
        get='git checkout -q -- "$DATA"',
    )


def dvc(folder: Path) -> Peer:
    """DVC, as it installs, in a Git repository."""
    peer = git(folder)
    run_tool(DVC, "init", "-q", env=peer.env, cwd=folder)
    run_tool(DVC, "config", "core.check_update", "false", env=peer.env, cwd=folder)
    return Peer("dvc", folder, peer.env, put='dvc add -q "$DATA"', status="dvc status", get="dvc checkout -q")


def borg(folder: Path) -> Peer:
    """Borg, without encryption. Debian's package, unpacked, on this Python: its modules fit any 3.11."""
    answers = {"BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes", "BORG_BASE_DIR": str(folder)}
    packages = {"PYTHONPATH": str(DEBIAN / "usr/lib/python3/dist-packages")}
    env = _environment(folder, **answers, **packages)
    call = f"{BIN}/python {DEBIAN}/usr/bin/borg"
    run_tool("sh", "-c", f"{call} init -e none repo", env=env, cwd=folder)
    create = f'{call} create "repo::$DATA-$N-$$" "$DATA"'
    last = f"$({call} list --last 1 --format '{{archive}}' repo)"
    return Peer("borg", folder, env, put=create, status=create, get=f'{call} extract "repo::{last}" "$DATA"')


def restic(folder: Path) -> Peer:
    """restic; it always encrypts."""
    env = _environment(folder, RESTIC_PASSWORD="bench")
    run_tool("restic", "-q", "-r", "repo", "init", env=env, cwd=folder)
    backup = 'restic -q -r repo backup "$DATA"'
    return Peer(
        "restic",
        folder,
        env,
        put=backup,
        status=backup,
        get='restic -q -r repo restore latest --include "$DATA" -t .',
    )


def cp(folder: Path) -> Peer:
    """`cp`, with what it wrote on the disk at the end."""
    get = 'cp -r "copy/$DATA" "$DATA"'
    return Peer(
        "cp",
        folder,
        _environment(folder),
        put='mkdir -p copy && cp -r "$DATA" copy && sync "copy/$DATA"',
        get=get,
    )


def pack(folder: Path) -> Peer:
    """The 50 lines that only write a pack."""
    call = f"{BIN}/python -I {Path(__file__).with_name('pack_limit.py')}"
    return Peer(
        PACK, folder, _environment(folder), put=f'{call} put "$DATA" store', get=f'{call} get store "$DATA"'
    )


_MAKERS: Mapping[str, Callable[[Path], Peer]] = {
    "git": git,
    "dvc": dvc,
    "borg": borg,
    "restic": restic,
    "cp": cp,
    PACK: pack,
}
