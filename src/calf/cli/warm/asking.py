"""What every command does first: hand what makes it this command to a warm process, and end as that ends.

Where anything is in the way (nobody waits, another user, other code, closed streams) nothing has happened,
and the command runs in this process. What is loaded here is a part of what every command costs: `_socket`
and `_signal` are the C halves of modules that cost more than all the rest.
"""

import _signal  # type: ignore[import-not-found]  # typeshed has only what is built on it
import marshal
import os
import posix
import sys

from calf.cli.warm import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from types import FrameType
    from typing import Any

SECONDS = 1.0
"""How long a warm process may take until it is ready; then it is not waited for."""
_HANDLE = 4
"""The bytes of a descriptor."""


def ask(argv: "list[str]") -> None:
    """Be this command by way of a warm process, and end; or return, with nothing done."""
    if os.environ.get(door.SWITCH) == door.OFF or sys.platform != "linux":
        return
    import _socket

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    try:
        begun = _begin(connection, argv)
    except (OSError, ValueError):
        begun = False
    if begun:
        _end(connection)
    connection.close()


def _begin(connection: "socket", argv: "list[str]") -> bool:
    """Whether the command runs there. Raises OSError and ValueError where it does not."""
    connection.settimeout(SECONDS)
    connection.connect(door.name(os.environ.get(door.SWITCH, "")))
    streams = _streams()
    if not streams or not door.peer(connection):
        return False
    _send_request(connection, argv, streams)
    handle = _receive_handle(connection)
    if handle < 0:
        return False
    before = _pass_signals_on(handle)
    try:
        connection.settimeout(None)
        connection.send(door.GO)
    except OSError:
        _restore_signals(before)
        os.close(handle)
        raise
    return True


def _streams() -> "list[tuple[Any, ...]]":
    """How the standard streams translate and buffer; empty where one is closed, or none of Python's own."""
    streams: list[Any] = [sys.stdin, sys.stdout, sys.stderr]
    if None in streams or streams != [sys.__stdin__, sys.__stdout__, sys.__stderr__]:
        return []
    return [(each.encoding, each.errors, each.line_buffering, each.write_through) for each in streams]


def _send_request(connection: "socket", argv: "list[str]", streams: "list[tuple[Any, ...]]") -> None:
    import _socket

    words = [os.fsencode(word) for word in argv]
    numbers = [0, 1, 2, *_inherited()]
    request = marshal.dumps((words, posix.environ, streams, door.interpreter(), numbers))
    folder = os.open(".", os.O_PATH | os.O_DIRECTORY)  # by descriptor: it may have no name any more
    try:
        handed = b"".join(each.to_bytes(_HANDLE, sys.byteorder) for each in (folder, *numbers))
        connection.sendmsg([request], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, handed)])
    finally:
        os.close(folder)


def _inherited() -> "list[int]":
    """The descriptors that this process was given besides the standard ones: `-f <(command)` is one."""
    found = []
    for number in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - pathlib is not loaded
        try:
            if number > 2 and os.get_inheritable(number):
                found.append(number)
        except OSError:  # that of the listing itself
            continue
    return found


def _receive_handle(connection: "socket") -> int:
    """The handle of the process that is ready to be the command; -1 when it would rather not."""
    import _socket

    word, along, _, _ = connection.recvmsg(2, _socket.CMSG_SPACE(_HANDLE), _socket.MSG_CMSG_CLOEXEC)
    if word != door.READY or not along:
        return -1
    return int.from_bytes(along[0][2][:_HANDLE], sys.byteorder)


def _pass_signals_on(handle: int) -> "dict[int, Any]":
    """What a terminal says to this process is meant for the other; gives what was before.

    Any signal that ends this process ends the other too, since the connection ends.
    """

    def interrupt(number: int, _frame: "FrameType | None") -> None:
        _tell(handle, number)

    def stop(number: int, _frame: "FrameType | None") -> None:
        _tell(handle, _signal.SIGSTOP)
        _signal.signal(number, _signal.SIG_DFL)
        os.kill(os.getpid(), number)  # here this process stands, until it is continued
        _signal.signal(number, stop)
        _tell(handle, _signal.SIGCONT)

    before = {each: _signal.getsignal(each) for each in (_signal.SIGINT, _signal.SIGTSTP)}
    for number, answer in ((_signal.SIGINT, interrupt), (_signal.SIGTSTP, stop)):
        if before[number] != _signal.SIG_IGN:
            _signal.signal(number, answer)
    return before


def _restore_signals(before: "dict[int, Any]") -> None:
    for number, answer in before.items():
        _signal.signal(number, answer)


def _tell(handle: int, number: int) -> None:
    try:
        _signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return


def _end(connection: "socket") -> None:
    """Wait until the command has ended, and end the same way."""
    try:
        word = connection.recv(2)
    except OSError:
        word = b""
    kind, number = word[:1], word[-1:]
    if kind == door.ENDED:
        os._exit(number[0])
    if kind == door.KILLED:
        if number[0] != _signal.SIGKILL:  # what that does cannot be set
            _signal.signal(number[0], _signal.SIG_DFL)
        os.kill(os.getpid(), number[0])
    os.write(2, b"error: the process of this command was ended from outside\n")
    os._exit(1)
