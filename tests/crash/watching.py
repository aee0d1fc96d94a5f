"""Sees every call to the kernel that changes files, of a process and its children, before it is made.

Linux lets a process hand such calls to another one (seccomp's user notification): that one counts them over
all threads, and has each done, refused with an error of its choice, or never done, by killing the process in
the midst of it. The program is as it is; nothing of it is replaced.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import struct
from collections.abc import Callable
from pathlib import Path
from threading import Thread

CALLS = {
    "write": 1, "pwrite64": 18, "writev": 20, "fsync": 74, "fdatasync": 75, "truncate": 76, "ftruncate": 77,
    "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86, "unlink": 87, "symlink": 88,
    "openat": 257, "mkdirat": 258, "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266,
    "fallocate": 285, "renameat2": 316, "copy_file_range": 326,
}  # fmt: skip
"""Numbers on x86-64."""
NAMES = {number: name for name, number in CALLS.items()}
BY_DESCRIPTOR = {
    "write",
    "pwrite64",
    "writev",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fallocate",
    "copy_file_range",
}
_PLACE = {
    "rename": 1, "link": 1, "symlink": 1, "symlinkat": 2, "renameat": 3, "renameat2": 3, "linkat": 3,
    "openat": 1, "mkdirat": 1, "unlinkat": 1,
}  # fmt: skip
"""Which argument is the name, of those that have it not first."""
_NO_NEW_PRIVS, _SECCOMP, _SET_FILTER, _NEW_LISTENER = 38, 317, 1, 8
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_GO_ON = 1
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT
"""Of the opening of files only that for writing is asked about."""
_CALL = struct.Struct("<QII iIQ 6Q")
_ANSWER = struct.Struct("<QqiI")


def able() -> bool:
    """Whether this machine has it: x86-64 Linux of 5.5 or newer, where one may filter oneself."""
    child = os.fork()
    if not child:
        try:
            hand_over_calls(["fsync"])
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


class _Filter(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("jt", ctypes.c_ubyte),
        ("jf", ctypes.c_ubyte),
        ("k", ctypes.c_uint),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Filter)))


def hand_over_calls(names: list[str]) -> int:
    """From now on whoever has the descriptor that this gives decides on these calls of this process."""
    if os.uname().machine != "x86_64":
        raise OSError("the numbers of calls are known for x86-64 only")
    numbers = [CALLS[name] for name in names]
    steps = [_Filter(0x20, 0, 0, 0)]
    steps += [_Filter(0x15, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    steps += [_Filter(0x06, 0, 0, _ALLOW), _Filter(0x06, 0, 0, _NOTIFY)]
    program = _Program(len(steps), (_Filter * len(steps))(*steps))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    fd: int = libc.syscall(_SECCOMP, _SET_FILTER, _NEW_LISTENER, ctypes.byref(program))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "no user notification of seccomp here")
    return fd


Decide = Callable[[int, str, str], int | None]
"""Thread, name of the call, path (empty if it cannot be told) → an errno, 0 to have it done, None: never."""


class Watch(Thread):
    """Answers for the calls that came in at `listener`, until all that could make them are gone."""

    def __init__(self, listener: int, decide: Decide) -> None:
        super().__init__(name="watch", daemon=True)
        self._listener, self._decide = listener, decide

    def run(self) -> None:
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        while True:
            if any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll()):
                break
            buffer = bytearray(_CALL.size)
            try:
                fcntl.ioctl(self._listener, _RECEIVE, buffer)
                number, thread, _, call, _, _, *arguments = _CALL.unpack(buffer)
                reads = NAMES[call] == "openat" and not arguments[2] & _TO_WRITE
                error = (
                    0 if reads else self._decide(thread, NAMES[call], _path(thread, NAMES[call], arguments))
                )
                if error is not None:
                    fcntl.ioctl(
                        self._listener, _SEND, _ANSWER.pack(number, 0, -error, 0 if error else _GO_ON)
                    )
            except (FileNotFoundError, ProcessLookupError, InterruptedError):
                continue  # who asked is gone
        os.close(self._listener)


def _path(thread: int, call: str, arguments: list[int]) -> str:
    """What a call is about: the file of its descriptor, or the (last) name that it is given."""
    try:
        if call in BY_DESCRIPTOR:
            return str(
                Path(f"/proc/{thread}/fd/{arguments[2 if call == 'copy_file_range' else 0]}").readlink()
            )
        name = _text(thread, arguments[place := _PLACE.get(call, 0)])
        if name.startswith("/") or not call.rstrip("2").endswith("at"):
            return name
        folder = ctypes.c_int(arguments[place - 1] & 0xFFFFFFFF).value
        return str(Path(f"/proc/{thread}/{'cwd' if folder < 0 else f'fd/{folder}'}").readlink() / name)
    except OSError:
        return ""


def _text(thread: int, address: int) -> str:
    with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(4096).partition(b"\0")[0].decode(errors="replace")
