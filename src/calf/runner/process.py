"""The only door to other processes: how they are started, read, waited for and ended.

Each holds the reading end of a pipe, its lifeline, whose writing end only this process has: when this
process dies, however it dies, the pipe ends, and what reads it ends the stage. (The kernel's own "die with
your parent" leaves a gap while a sandbox is being built.) Nothing here polls: exits are awaited on a pidfd,
and wake-ups arrive on an eventfd.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from calf.runner.host_system import PATH
from calf.runner.output import Lines, Output, Watched

KILL_GRACE = 2.0
LIFELINE = 5
"""The descriptor on which what we start finds its lifeline."""
_FILES, _MOST = resource.getrlimit(resource.RLIMIT_NOFILE)
FILE_LIMITS = (_FILES, _MOST)
"""How many files this process could open when it began, and may: so can what it starts."""
_LIMIT = "" if _FILES == resource.RLIM_INFINITY else f"ulimit -Sn {_FILES} && "
JOIN_FAILED = 125
_WIRE_UP = (
    f'{_LIMIT}exec {LIFELINE}<&0 <"$0" || exit {JOIN_FAILED}; '
    f'while [ "$1" != -- ]; do echo 0 >"$1" || exit {JOIN_FAILED}; shift; done; shift; exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Command:
    """What to start: `env` is the whole environment; `stdin` a file, or None for no input.

    It first enters the control groups whose files are `doors`, or exits with `JOIN_FAILED`. `handed` are
    descriptors for it, which `start` closes here, whatever comes of it.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    stdin: Path | None = None
    doors: tuple[str, ...] = ()
    handed: tuple[int, ...] = ()


class Child:
    """A process with a session of its own. What it prints is read by who waits for it."""

    def __init__(self, popen: subprocess.Popen[bytes], lines: Lines, lifeline: int) -> None:
        assert popen.stdout is not None
        self._popen = popen
        self._lifeline = lifeline
        self._pidfd = os.pidfd_open(popen.pid)
        self.output = Output(popen.stdout, lines)  # type: ignore[arg-type]  # a pipe: typeshed says IO
        """What it prints."""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    def wait(self, timeout: float | None, watched: Sequence[Watched] = ()) -> int | None:
        """The exit code (negative for a signal); None when `timeout` passed or what is `watched` came first.

        Takes in what it prints meanwhile.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        poller = self._poller(watched)
        while True:
            left = None if deadline is None else max(0, round((deadline - time.monotonic()) * 1000))
            ready = {fd for fd, _ in poller.poll(left)}
            if self._pidfd in ready:
                return self._exit_code()
            for fd, _ in self.output.watched:
                if fd in ready:
                    self.output.read()
                    ready.discard(fd)
            if ready or left == 0:
                return None
            if not self.output.watched:
                poller = self._poller(watched)

    def tell(self, line: bytes) -> None:
        """Write what fits into a pipe, to who reads it on its lifeline; nobody need be there any more."""
        with suppress(BrokenPipeError):
            os.write(self._lifeline, line)

    def kill(self) -> None:
        """End it and whatever it started, and wait for that.

        A sandbox's process is the parent of the first process of a namespace: killing that one first means
        that, when its parent ends, the kernel has ended the whole namespace. A supervisor
        (`inside/supervise.py`) takes SIGTERM as the order to end all its descendants.
        """
        try:
            if self.wait(0) is None:
                self.output.forget()  # what tools say about being killed is not the stage's
        finally:
            self._kill()

    def _kill(self) -> None:
        if self.wait(0) is None:
            inner = _children(self.pid)
            for pid in inner:
                _signal(pid, signal.SIGKILL)
            if not inner:
                _signal(self.pid, signal.SIGTERM)
            if self.wait(KILL_GRACE) is None:
                _signal(self.pid, signal.SIGKILL)
                self.wait(KILL_GRACE)
        _signal_group(self.pid)

    def close(self) -> None:
        """Take in the rest of its output, not waiting for who escaped and holds it; `kill` first."""
        try:
            self.output.finish()
        finally:
            self._popen.wait()
            os.close(self._pidfd)
            os.close(self._lifeline)

    def _poller(self, watched: Sequence[Watched]) -> select.poll:
        poller = select.poll()
        for fd, events in (*watched, *self.output.watched, (self._pidfd, select.POLLIN)):
            poller.register(fd, events)
        return poller

    def _exit_code(self) -> int:
        """Leaves the zombie, so that its process id names nobody else while we may still signal it."""
        ended = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


def allow_many_files() -> None:
    """Let this process open as many files as it may: each lazy input that waits to be opened takes one.

    What it starts through `start` keeps the limit that this process began with.
    """
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST, _MOST))


def start(command: Command, lines: Lines) -> Child:
    """Start `command`, its output going to `lines`. Raises `OSError` when it cannot be started."""
    try:
        return _start(command, lines)
    finally:
        _close(command.handed)


def _start(command: Command, lines: Lines) -> Child:
    theirs, ours = os.pipe2(os.O_CLOEXEC)
    stdin = str(command.stdin or os.devnull)
    try:
        popen = subprocess.Popen(
            ("/bin/sh", "-c", _WIRE_UP, stdin, *command.doors, "--", *command.argv),
            env=command.env,
            cwd=command.cwd,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=command.handed,
        )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    try:
        return Child(popen, lines, ours)
    except BaseException:  # no descriptor is left: its lifeline ends with what we close here
        os.close(ours)
        assert popen.stdout is not None
        popen.stdout.close()
        popen.kill()
        popen.wait()
        raise


def run_tool(argv: Sequence[str], env: Mapping[str, str], cwd: Path, on_line: Callable[[str], None]) -> int:
    """Run a tool of ours (not a stage) to its end, giving its output line by line; the exit code.

    Raises `OSError` when it cannot be started.
    """
    child = start(Command(tuple(argv), env, cwd), Lines(on_line))
    try:
        code = child.wait(None)
        assert code is not None
        return code
    finally:
        child.kill()
        child.close()


def run_within(command: Command, lines: Lines, timeout: float) -> int | None:
    """Run a command, ending it after so many seconds; its exit code, None for one that was ended.

    Raises `OSError` when it cannot be started.
    """
    child = start(command, lines)
    try:
        return child.wait(timeout)
    finally:
        child.kill()
        child.close()


def run_attached(argv: Sequence[str], handed: Sequence[int] = ()) -> int:
    """Run a command at the terminal of the caller, with his input and output; the exit code.

    The descriptors `handed` to it are closed here.
    """
    try:
        return subprocess.run(argv, env={"PATH": PATH}, check=False, pass_fds=handed).returncode
    finally:
        _close(handed)


@contextmanager
def start_answering(argv: Sequence[str]) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Start a program of ours that answers on its output what it reads from its input, for a block.

    It has no environment, and what it complains of is not heard. Gives its input and its output.
    """
    popen = subprocess.Popen(
        argv, env={}, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert popen.stdin is not None
    assert popen.stdout is not None
    try:
        yield popen.stdin, popen.stdout
    finally:
        popen.kill()
        with suppress(BrokenPipeError):
            popen.stdin.close()
        popen.stdout.close()
        popen.wait()


def start_detached(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path
) -> subprocess.Popen[bytes]:
    """Start a process that outlives us, its output appended to `log`."""
    with log.open("ab") as output:
        return subprocess.Popen(
            argv,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def start_beside(argv: Sequence[str], handed: int) -> tuple[subprocess.Popen[bytes], int]:
    """Start a process of ours that serves somebody else; gives it, and the writing end of its lifeline.

    Its standard input is that lifeline, which it must end with. `handed` is a descriptor for it. What it
    complains of goes where this process's complaints go.
    """
    theirs, ours = os.pipe2(os.O_CLOEXEC)
    try:
        popen = subprocess.Popen(
            ("/bin/sh", "-c", f'{_LIMIT}exec "$@"', "sh", *argv),
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(handed,),
        )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    return popen, ours


def end_namespace(pid: int) -> None:
    """End the process namespace whose first process is `pid`, and wait for that; harmless when it is gone."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if _is_first(pid):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            poller = select.poll()
            poller.register(handle, select.POLLIN)
            poller.poll(round(KILL_GRACE * 1000))
    except ProcessLookupError:
        return
    finally:
        os.close(handle)


def _is_first(pid: int) -> bool:
    """Whether it is the first of a namespace below ours: a process id alone may name somebody else by now."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return False
    ids = next((line.split()[1:] for line in lines if line.startswith("NSpid:")), [])
    return len(ids) > 1 and ids[-1] == "1"


def _close(handed: Iterable[int]) -> None:
    for fd in handed:
        os.close(fd)


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _signal_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
