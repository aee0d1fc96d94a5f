"""Stands outside for a process tree in a kept container (`keep.py`): hands its own streams in, and waits.

Usage: `python -I -S hand.py CHANNEL`, a descriptor. Its exit code is that of the stage, 125 when the
container has ended. SIGTERM is the order to end the tree; it exits when that is done. Imports as little as
can be: this starts with every datum.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import os
import sys

JOIN_FAILED = 125


def main() -> None:
    """Hand in, wait, tell."""
    channel = _socket.socket(fileno=int(sys.argv[1]))

    def stop(_number: int, _frame: object) -> None:
        try:
            channel.shutdown(_socket.SHUT_WR)
        except OSError:
            return

    _signal.signal(_signal.SIGTERM, stop)
    streams = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
    told = b""
    try:
        umask = os.umask(0o22).to_bytes(2, "big")
        channel.sendmsg([umask], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
        told = channel.recv(1)
    except OSError as error:
        sys.stderr.write(f"{error.strerror}: ")
    if not told:
        sys.stderr.write("the container of this stage has ended\n")
    sys.stderr.flush()
    os._exit(told[0] if told else JOIN_FAILED)


if __name__ == "__main__":
    main()
