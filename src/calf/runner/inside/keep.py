"""The first process of a container that is kept: runs the stage's processes there, one tree after another.

Usage: `python -I -S keep.py SOCKET PLACE…`. What it says first on that socket is "ready", or why it is not: a
link of an image leads from one PLACE into another, where what is mounted may be a stage's to change. Each
message there brings a channel, a file with what to run (JSON: argv, env, cwd, limits), and the files by
which one enters its control groups. Who waits outside
(`hand.py`) then sends its own streams and its umask through the channel, and gets the exit code when nobody
of the tree is left: the stage's, 128 + N for signal N. The end of a channel is the order to end its tree; the
end of the socket, which comes however the server dies, that of everything here.

The stage runs as the same user. It can neither signal this process, the first of its namespace, nor trace
it; and when a tree has changed what the next would have from here, the container ends and is made anew.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import socket
import sys
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

JOIN_FAILED = 125
STREAMS = (0, 1, 2)
MOST_FILES = 16
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38
OURS = (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)
SHARED = ("/dev/shm", "/dev/mqueue", "/dev", "/sys/fs/cgroup")  # noqa: S108 - inside; root has the last two
LIMITS = tuple(getattr(resource, name) for name in sorted(dir(resource)) if name.startswith("RLIMIT_"))
OWN = ("coredump_filter", "oom_score_adj", "timerslack_ns")  # root's number may write them
LISTS = ("/proc/sysvipc/shm", "/proc/sysvipc/sem", "/proc/sysvipc/msg")


def main() -> None:
    """Serve until the server is gone."""
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control.connect(sys.argv[1])
    changed = prepare()
    control.send((misplaced(sys.argv[2:]) or "ready").encode("utf-8", "surrogateescape"))
    before = state()
    while True:
        message, files = receive(control, MOST_FILES)
        if not message:
            os._exit(0)
        channel = socket.socket(fileno=files[0])
        code = serve(control, channel, files[1:], changed)
        as_new = state() == before
        if not as_new:
            control.close()  # before the answer, so that the server knows it by then
        answer(channel, code)
        for file in files[1:]:
            os.close(file)
        if not as_new:
            os._exit(0)


def misplaced(places: list[str]) -> str:
    """Which of these lies in another, though its name does not say so; empty for none."""
    found = {place: os.path.realpath(place) for place in places}
    for place, lies in found.items():
        for other, at in found.items():
            if f"{lies}/".startswith(f"{at}/") and not f"{place}/".startswith(f"{other}/"):
                return f"the image has a link that leads from {place} into {other}"
    return ""


def prepare() -> int:
    """Be out of the stage's reach; what becomes readable when a child has ended."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC) <= max(STREAMS):
        pass  # so that nothing that comes has a number that the stage is to have
    changed, tell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return changed


def state() -> list[object]:
    """What a tree may leave here: shared memory, queues, and what this process hands on to the next."""
    found: list[object] = [os.sched_getaffinity(0), os.getpriority(os.PRIO_PROCESS, 0)]
    found += [os.sched_getscheduler(0), *(read(f"/proc/self/{name}") for name in OWN)]
    found += [resource.getrlimit(kind) for kind in LIMITS]
    found += [sorted(os.listdir(folder)) for folder in SHARED if os.path.isdir(folder)]  # noqa: PTH208, PTH112
    found += [read(path).count("\n") for path in LISTS]
    return found


def read(path: str) -> str:
    """A file of the kernel's, if this one has it."""
    if not os.path.exists(path):  # noqa: PTH110
        return ""
    with open(path, encoding="ascii") as file:  # noqa: PTH123
        return file.read()


def serve(control: socket.socket, channel: socket.socket, files: list[int], changed: int) -> int:
    """Run one tree to its end; the exit code of the stage."""
    await_word(control, channel)
    message, streams = receive(channel, len(STREAMS))
    if not message:
        return JOIN_FAILED
    stage = os.fork()
    if stage == 0:
        become(files, streams, int.from_bytes(message, "big"))
    for stream in streams:
        os.close(stream)
    code = None
    while code is None and not await_word(control, channel, changed):
        code = reap(stage, os.WNOHANG)
    left = end_all(stage)
    code = code if code is not None else left
    return code if code >= 0 else 128 - code


def receive(source: socket.socket, most: int) -> tuple[bytes, list[int]]:
    """A message with the files that came with it, which nobody inherits unless it is given to him."""
    message, files, _, _ = socket.recv_fds(source, 2, most)
    for file in files:
        os.set_inheritable(file, False)
    return message, list(files)


def await_word(control: socket.socket, channel: socket.socket, changed: int = -1) -> bool:
    """Wait until something comes by the channel, True; or a child ends. Ends all when the server is gone."""
    poller = select.poll()
    poller.register(control, 0)
    poller.register(channel, select.POLLIN)
    if changed >= 0:
        poller.register(changed, select.POLLIN)
    ready = {fd for fd, _ in poller.poll()}
    if control.fileno() in ready:
        os._exit(0)
    if changed in ready:
        os.read(changed, 4096)
    return channel.fileno() in ready


def become(files: list[int], streams: list[int], umask: int) -> NoReturn:
    """Become the stage."""
    for number in OURS:
        signal.signal(number, signal.SIG_DFL)
    for stream, place in zip(streams, STREAMS, strict=True):
        os.dup2(stream, place)
    what, code = "the sandbox could not be built: a control group cannot be entered", JOIN_FAILED
    try:
        for door in files[1:]:
            os.write(door, b"0")
        with open(files[0], encoding="utf-8", errors="surrogateescape", closefd=False) as file:
            run = json.load(file)
        os.umask(umask)
        os.setsid()
        what, code = f"cannot start in {run['cwd']}", 1
        os.chdir(run["cwd"])
        what, code = f"cannot run {run['argv'][0]} in {run['cwd']}", 127
        for name, value in run["limits"].items():
            limit(getattr(resource, f"RLIMIT_{name}"), value)
        os.execvpe(run["argv"][0], run["argv"], run["env"])  # noqa: S606 - no shell wanted
    except (OSError, MemoryError) as error:
        why = error.strerror if isinstance(error, OSError) else "no memory"
        os.write(2, f"{what}: {why}\n".encode("utf-8", "surrogateescape"))
    os._exit(code)


def limit(kind: int, wanted: int) -> None:
    """Set a limit, or leave the lower one that holds here anyway."""
    hard = resource.getrlimit(kind)[1]
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (value, value))


def reap(stage: int, how: int) -> int | None:
    """Reap who ended; the stage's exit code if it was among them. With `how` 0, wait for everybody."""
    code = None
    try:
        while True:
            pid, status = os.waitpid(-1, how)
            if pid == 0:
                return code
            if pid == stage:
                code = os.waitstatus_to_exitcode(status)
    except ChildProcessError:
        return code


def end_all(stage: int) -> int:
    """End everybody else in here, and wait for that; the stage's exit code if it was there still."""
    if os.getpid() != 1:
        os._exit(JOIN_FAILED)  # "everybody" would be more than a container's
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    code = reap(stage, 0)
    return JOIN_FAILED if code is None else code


def answer(channel: socket.socket, code: int) -> None:
    """Tell the exit code, to nobody if need be."""
    with suppress(OSError):
        channel.send(bytes((code,)))
    channel.close()


if __name__ == "__main__":
    main()
