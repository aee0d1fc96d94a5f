"""Running a command in an image by hand, at a terminal, on a folder that stands for /pfs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from calf.runner.backends import Detector
from calf.runner.environment import CONSTANTS, HOME, merge
from calf.runner.host_system import FOLDERS, system_binds, system_links, write_etc
from calf.runner.plan import Bind, Inside, Plan
from calf.runner.process import run_attached
from calf.runner.view import View


def run_by_hand(
    view: View, pfs: Path, env: Mapping[str, str], argv: Sequence[str], working_dir: str = ""
) -> int:
    """Run `argv` in a sandbox as a stage is run, and give its exit code.

    The folder `pfs` is /pfs, read-only but for `out` in it; terminal, input and output are the caller's.
    There are no limits of time and memory. Raises `Precondition` where no sandbox can be had.
    """
    pfs = pfs.resolve()
    (pfs / "out").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="calf-by-hand-") as name:
        folder = Path(name)
        etc, home = folder / "etc", folder / "tmp"
        write_etc(etc)
        home.mkdir()
        backend = Detector(folder / "probe", etc).choose("sandbox")
        own = (
            Bind(pfs, "/pfs"),
            Bind(pfs / "out", "/pfs/out", writable=True),
            Bind(home, HOME, writable=True),
        )
        plan = Plan(folder, (*system_binds(etc), *view.binds, *own), FOLDERS, system_links())
        whole = merge({"PATH": view.path, **CONSTANTS}, view.env, env)
        launch = backend.launcher(plan)(Inside(tuple(argv), whole, working_dir or view.workdir))
        try:
            return run_attached(launch.argv, launch.handed)
        finally:
            launch.finish()
