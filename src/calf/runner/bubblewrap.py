"""The sandbox by bubblewrap: new mount, user, process, network, IPC and UTS namespaces."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from fcntl import F_DUPFD_CLOEXEC, fcntl

from calf.kit.errors import Precondition
from calf.runner.plan import HOSTNAME, Bind, Inside, Launch, Launcher, Plan, protected_proc
from calf.runner.process import LIFELINE, end_namespace

_MOST_INFO = 4096
_WRITTEN_IN = ("/etc", "/etc/ssl")
_MOST_WRITTEN = 256 << 10
_READ = os.O_RDONLY | os.O_CLOEXEC
_FIRST = re.compile(rb'"child-pid": (\d+)\b')


def launcher(plan: Plan) -> Launcher:
    """What starts processes as planned. Raises `Precondition` when bubblewrap is not installed."""
    tool = shutil.which("bwrap")
    if tool is None:
        raise Precondition("bubblewrap is not installed here", "install the package bubblewrap")
    written = tuple(filter(_can_be_written, plan.binds))
    mounted = tuple(bind for bind in plan.binds if bind not in written)
    fixed = _encode(_fixed_options(replace(plan, binds=mounted)))
    return lambda inside: _launch(tool, fixed, written, inside)


def _can_be_written(bind: Bind) -> bool:
    """Whether its content may as well be written where it is to appear, in what is read-only afterwards.

    A mount is no single call: bubblewrap then reads the whole table of mounts, and each lengthens the table.
    """
    return (
        not bind.writable
        and os.path.dirname(bind.target) in _WRITTEN_IN  # noqa: PTH120 - a place inside
        and bind.source.is_file()
        and bind.source.stat().st_size <= _MOST_WRITTEN
    )


def _launch(tool: str, fixed: bytes, written: Iterable[Bind], inside: Inside) -> Launch:
    """Its options go by a file without a name, so that no other user sees the environment.

    What it says comes by such a file too. Not by a pipe: when we are gone, it would be killed for writing to
    that, half way through, and leave its other half waiting for ever.
    """
    with ExitStack() as undo:
        options, info = _nameless("options", undo), _nameless("info", undo)
        files = [(_higher(os.open(bind.source, _READ), undo), bind.target) for bind in written]
        given = [option for fd, place in files for option in ("--perms", "0444", "--file", str(fd), place)]
        os.write(options, _encode(given) + fixed + _encode(_options(inside)))
        os.lseek(options, 0, os.SEEK_SET)
        said = os.dup(info)
        undo.pop_all()
    words = (tool, "--args", str(options), "--info-fd", str(info), "--", *inside.argv)
    return Launch(words, (options, info, *(fd for fd, _ in files)), lambda: _finish(said))


def _nameless(called: str, undo: ExitStack) -> int:
    return _higher(os.memfd_create(called), undo)


def _higher(fd: int, undo: ExitStack) -> int:
    """The same by a number that what is started finds free: it has its lifeline on a low one."""
    try:
        higher = fcntl(fd, F_DUPFD_CLOEXEC, LIFELINE + 1)
    finally:
        os.close(fd)
    undo.callback(os.close, higher)
    return higher


def _finish(said: int) -> None:
    """End what outlives the command for a moment: it tells the exit code before its namespace is gone."""
    found = _FIRST.search(os.pread(said, _MOST_INFO, 0))
    os.close(said)
    if found:
        end_namespace(int(found[1]))


def _encode(options: Iterable[str]) -> bytes:
    return "\0".join((*options, "")).encode("utf-8", "surrogateescape")


def _options(inside: Inside) -> Iterator[str]:
    for name, value in inside.env.items():
        yield from ("--setenv", name, value)
    yield from ("--chdir", inside.cwd)


def _fixed_options(plan: Plan) -> Iterator[str]:
    yield from ("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
    yield from ("--unshare-cgroup-try", "--disable-userns", "--new-session")
    yield from ("--uid", str(plan.user), "--gid", str(plan.user), "--hostname", HOSTNAME)
    for folder in plan.folders:
        yield from ("--dir", folder)
    for target, at in plan.links:
        yield from ("--symlink", target, at)
    for bind in plan.binds:
        yield from ("--bind" if bind.writable else "--ro-bind", str(bind.source), bind.target)
    read_only, hidden = protected_proc()
    yield from ("--proc", "/proc")
    for path in read_only:
        yield from ("--ro-bind", path, path)
    for path in hidden:
        yield from ("--ro-bind", "/dev/null", path)
    yield from ("--dev", "/dev", "--tmpfs", "/dev/shm")  # noqa: S108 - inside
    yield from ("--remount-ro", "/dev", "--remount-ro", "/")
    yield "--clearenv"
