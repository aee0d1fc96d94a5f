"""Whether a connection of this machine's own comes from a process of this user; the kernel says so."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

_TABLES = {socket.AF_INET: Path("/proc/net/tcp"), socket.AF_INET6: Path("/proc/net/tcp6")}
_LOCAL, _REMOTE, _STATE, _USER = 1, 2, 3, 7
_ESTABLISHED = "01"


def is_mine(client: tuple[str, int], here: tuple[str, int]) -> bool:
    """Whether the socket at the other end, `client`, that is connected to `here`, belongs to this user.

    Where the system does not say, it does not.
    """
    try:
        family = socket.AF_INET6 if ":" in client[0] else socket.AF_INET
        ends = (_written(family, *client), _written(family, *here))
        lines = _TABLES[family].read_text().splitlines()[1:]
    except OSError:
        return False
    rows = (line.split() for line in lines)
    return any(
        (row[_LOCAL], row[_REMOTE]) == ends and row[_STATE] == _ESTABLISHED and int(row[_USER]) == os.getuid()
        for row in rows
    )


def _written(family: socket.AddressFamily, host: str, port: int) -> str:
    """As the kernel writes an address: each 32 bits in the order of this machine's bytes."""
    packed = socket.inet_pton(family, host)
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    digits = "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
    return f"{digits}:{port:04X}"
