"""How a child of the warm process becomes a command: with all that the client has, or not at all."""

from __future__ import annotations

import fcntl
import io
import locale
import marshal
import os
import select
import signal
import sys
import time
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from socket import CMSG_SPACE, MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_TRUNC, SCM_RIGHTS, SOL_SOCKET, socket
from typing import Any

from calf.cli.leaving import settle
from calf.cli.root import run
from calf.cli.warm import alike, door
from calf.kit import exit_codes

COLD = frozenset((b"auth", b"edit", b"replay", b"shell"))
"""Words of commands that need a process of the terminal's own (editors, prompts), or clean up when ended."""
_ALSO_COLD = b"--diff-command"
_TERMINAL = b"/dev/tty"
_NO_BYTECODE = b"PYTHONDONTWRITEBYTECODE"
_READ_ONCE = (b"PYTHON", b"LD_", b"GLIBC_", b"MALLOC_", b"OPENSSL_", b"PROTOCOL_BUFFERS_", b"COV")
"""How the names begin of variables that count when a process begins, and not any more later."""
_TOLD = frozenset((b"PYTHONIOENCODING", b"PYTHONPATH", b"PYTHONUNBUFFERED", b"PYTHONUTF8", _NO_BYTECODE))
"""Those of them that may differ: what they do is known by the streams and the interpreter, or done later."""
_SET_SIGNAL = 10  # F_SETSIG
_MOST_HANDED = 253
"""Descriptors that the kernel lets travel at once."""
_DESCRIPTOR = array("i").itemsize


class Declined(Exception):
    """What the client asks for would not be exactly what it would be in its own process."""


@dataclass(frozen=True, slots=True)
class Ours:
    """What the warm process is, and what it began with."""

    standing: alike.Standing
    habits: alike.Habits
    interpreter: tuple[Any, ...]
    environment: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sends; a stream is its encoding, errors, whether it is flushed by line, and always.

    `numbers` are those of its descriptors, the standard ones first.
    """

    argv: Sequence[bytes]
    environment: Mapping[bytes, bytes]
    streams: Sequence[tuple[str, str, bool, bool]]
    interpreter: tuple[Any, ...]
    numbers: Sequence[int]


def ours() -> Ours:
    """What this process is. Raises OSError and ValueError where the kernel does not say."""
    standing, habits = alike.look(os.getpid())
    return Ours(standing, habits, door.interpreter(), dict(os.environb))


def become(connection: socket, pid: int, us: Ours) -> int:
    """Be the command that the process `pid` asks for at the other end, to the end of this process.

    Returns an exit code only for the interpreter to end with.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        blocked, connection = _prepare(connection, pid, us)
        _get_ready(connection)
    except (OSError, ValueError, TypeError, EOFError, Declined):
        with suppress(OSError):
            connection.send(door.DECLINED)
        os._exit(exit_codes.OK)
    if not _is_told_to_go(connection):
        os._exit(exit_codes.OK)
    _end_with(connection)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = exit_codes.INTERRUPTED
    return _leave(connection, code)


def _prepare(connection: socket, pid: int, us: Ours) -> tuple[set[int], socket]:
    """Take over what the client's process has.

    Gives the signals that it blocks, and the connection under a number that the client does not use.
    """
    request, (folder, *handed) = _receive(connection)
    theirs, habits = alike.look(pid)
    alike_in = (
        (theirs, us.standing),
        (request.interpreter, us.interpreter),
        (_read_once(request.environment), _read_once(us.environment)),
    )
    if any(one != other for one, other in alike_in) or _is_cold(request.argv[1:]):
        raise Declined
    alike.take_over(habits, us.habits)
    os.fchdir(folder)
    _enter(request.environment, us.environment)
    sys.argv = [os.fsdecode(word) for word in request.argv]
    os.close(folder)
    connection = _number(connection, handed, request.numbers)
    _open_streams(request.streams)
    _answer_signals(habits.ignored, us.habits.ignored)
    return _numbers(habits.blocked), connection


def _is_cold(words: Sequence[bytes]) -> bool:
    return any(word in COLD or word.startswith(_ALSO_COLD) or _TERMINAL in word for word in words)


def _number(connection: socket, handed: Sequence[int], numbers: Sequence[int]) -> socket:
    """Give descriptors the numbers that they have at the client; the connection one above all of them."""
    above = max(*numbers, *handed, connection.fileno()) + 1
    moved = socket(fileno=fcntl.fcntl(connection, fcntl.F_DUPFD_CLOEXEC, above))
    connection.close()
    kept = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, above) for each in handed]
    for each in handed:
        os.close(each)
    for each, number in zip(kept, numbers, strict=True):
        os.dup2(each, number)
        os.close(each)
    return moved


def _receive(connection: socket) -> tuple[Request, list[int]]:
    room = CMSG_SPACE(_MOST_HANDED * _DESCRIPTOR)
    data, along, flags, _ = connection.recvmsg(door.LONGEST_REQUEST, room, MSG_CMSG_CLOEXEC)
    if flags & (MSG_TRUNC | MSG_CTRUNC) or not along:
        raise Declined
    request = Request(*marshal.loads(data))  # noqa: S302 - of a process that might do all this by itself
    handed = list(array("i", along[0][2]))
    if len(handed) != 1 + len(request.numbers) or list(request.numbers[:3]) != [0, 1, 2]:
        raise Declined
    return request, handed


def _read_once(environment: Mapping[bytes, bytes]) -> Mapping[bytes, bytes]:
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(_READ_ONCE) and name not in _TOLD
    }


def _enter(environment: Mapping[bytes, bytes], before: Mapping[bytes, bytes]) -> None:
    for name in before.keys() - environment.keys():
        del os.environb[name]
    for name, value in environment.items() - before.items():
        os.environb[name] = value
    sys.dont_write_bytecode = bool(environment.get(_NO_BYTECODE))
    time.tzset()
    with suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, "")


def _open_streams(streams: Sequence[tuple[str, str, bool, bool]]) -> None:
    """Standard input, output and error, as Python opens them when it begins."""
    opened = [_open_stream(number, *form) for number, form in enumerate(streams)]
    sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__ = opened  # type: ignore[misc]  # they may be set


def _open_stream(number: int, encoding: str, errors: str, by_line: bool, at_once: bool) -> io.TextIOWrapper:
    name, mode = (("<stdin>", "r"), ("<stdout>", "w"), ("<stderr>", "w"))[number]
    binary: Any = open(number, f"{mode}b", -1 if mode == "r" or not at_once else 0, closefd=False)  # noqa: SIM115 - open for the life of this process
    raw = getattr(binary, "raw", binary)
    raw.name = name
    stream = io.TextIOWrapper(binary, encoding, errors, "\n", line_buffering=by_line, write_through=at_once)
    stream.mode = mode  # type: ignore[misc]  # as the interpreter does it
    return stream


def _answer_signals(theirs: int, ours: int) -> None:
    """Ignore what the client ignores, and nothing else; both as sets of bits."""
    for number in _numbers(theirs ^ ours):
        signal.signal(number, signal.SIG_IGN if theirs >> (number - 1) & 1 else signal.SIG_DFL)
    if not theirs >> (signal.SIGINT - 1) & 1:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _numbers(bits: int) -> set[int]:
    return {number for number in range(1, signal.NSIG) if bits >> (number - 1) & 1}


def _get_ready(connection: socket) -> None:
    """Say so, and hand over a handle of this process, by which the client passes signals on."""
    fcntl.fcntl(connection, _SET_SIGNAL, signal.SIGKILL)
    fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
    handle = os.pidfd_open(os.getpid())
    connection.sendmsg([door.READY], [(SOL_SOCKET, SCM_RIGHTS, array("i", [handle]))])
    os.close(handle)


def _is_told_to_go(connection: socket) -> bool:
    try:
        return connection.recv(1) == door.GO
    except ConnectionResetError:  # the client has gone, and had not read that this is ready
        return False


def _end_with(connection: socket) -> None:
    """From now on the kernel ends this process when the client's has ended, however that was."""
    fcntl.fcntl(connection, fcntl.F_SETFL, fcntl.fcntl(connection, fcntl.F_GETFL) | os.O_ASYNC)
    poller = select.poll()
    poller.register(connection, select.POLLHUP | select.POLLRDHUP)
    if poller.poll(0):
        os._exit(exit_codes.OK)


def _leave(connection: socket, code: int) -> int:
    if not settle():
        return code
    os.closerange(0, 3)  # who reads them to their end may know that it is the end
    with suppress(OSError):
        connection.send(door.ENDED + bytes([code & 0xFF]))
    os._exit(code & 0xFF)
