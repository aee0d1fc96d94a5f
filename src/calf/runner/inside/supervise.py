"""The last resort's substitute for a namespace: runs a stage and, when it ends, ends whatever it left behind.

As a "subreaper" it inherits every orphan of the stage, also those that left the session. SIGTERM is the
order to end everything; it is also what arrives when the server dies. Nothing is hidden from the stage and
nothing is protected from it. Usage: `python -I -S supervise.py PLAN.json`. Exit code: the stage's, 128 + N
for signal N.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
TERMINATED = 128 + signal.SIGTERM


class Terminated(BaseException):
    """SIGTERM came."""


def main() -> None:
    """Read the plan, run the stage, leave nothing behind."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs 20 ms of start
        plan = json.load(file)
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, terminate)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    code = TERMINATED
    try:
        if os.getppid() == plan["parent"]:
            code = run(plan)
    except Terminated:
        pass
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_descendants()
    os._exit(code)


def terminate(_number: int, _frame: object) -> None:
    """Break off the wait for the stage."""
    raise Terminated


def run(plan: dict[str, Any]) -> int:
    """Run the stage; reap until it ends; its exit code."""
    stage = os.fork()
    if stage == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        try:
            os.chdir(plan["cwd"])
            os.execvpe(plan["argv"][0], plan["argv"], plan["env"])  # noqa: S606 - no shell wanted
        except OSError as error:
            sys.stderr.write(f"cannot run {plan['argv'][0]} in {plan['cwd']}: {error.strerror}\n")
        os._exit(127)
    while True:
        pid, status = os.wait()
        if pid == stage:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def end_descendants() -> None:
    """Kill children until there are none; the children of each become ours in turn."""
    me = os.getpid()
    while True:
        with open(f"/proc/{me}/task/{me}/children", encoding="ascii") as file:  # noqa: PTH123
            for pid in file.read().split():
                os.kill(int(pid), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
