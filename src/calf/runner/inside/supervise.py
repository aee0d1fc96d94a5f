"""The last resort's substitute for a namespace: runs a stage and, when it ends, ends whatever it left behind.

As a "subreaper" it inherits every orphan of the stage, also those that left the session. SIGTERM is the
order to end everything, and so is the end of the lifeline, which comes when the server dies. Nothing is
hidden from the stage and nothing is protected from it. Usage: `python -I -S supervise.py PLAN.json`. Exit
code: the stage's, 128 + N for signal N.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LIFELINE = 5
PR_SET_CHILD_SUBREAPER = 36
TERMINATED = 128 + signal.SIGTERM


class Terminated(BaseException):
    """SIGTERM came."""


def main() -> None:
    """Read the plan, run the stage, leave nothing behind."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs 20 ms of start
        plan = json.load(file)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, terminate)
    try:
        code = run(plan)
    except Terminated:
        code = TERMINATED
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_descendants()
    os._exit(code)


def terminate(_number: int, _frame: object) -> None:
    """Break off the wait for the stage."""
    raise Terminated


def run(plan: dict[str, Any]) -> int:
    """Run the stage; reap until it ends; its exit code."""
    changed, tell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    stage = os.fork()
    if stage == 0:
        execute(plan)
    poller = select.poll()
    poller.register(changed, select.POLLIN)
    poller.register(LIFELINE, select.POLLIN)
    while True:
        if any(ready == LIFELINE for ready, _ in poller.poll()):
            return TERMINATED
        os.read(changed, 4096)
        code = reap(stage)
        if code is not None:
            return code if code >= 0 else 128 - code


def execute(plan: dict[str, Any]) -> None:
    """Become the stage."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.setsid()
    os.close(LIFELINE)
    try:
        os.chdir(plan["cwd"])
        os.execvpe(plan["argv"][0], plan["argv"], plan["env"])  # noqa: S606 - no shell wanted
    except OSError as error:
        sys.stderr.write(f"cannot run {plan['argv'][0]} in {plan['cwd']}: {error.strerror}\n")
    os._exit(127)


def reap(stage: int) -> int | None:
    """Reap who ended; the stage's exit code if it was among them."""
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == stage:
            return os.waitstatus_to_exitcode(status)
        if pid == 0:
            return None


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
