"""Where the warm process of a user and an installation is found, who may come, and what is said there.

Every command loads this, so it loads nothing that the interpreter has not loaded. A connection is a
SOCK_SEQPACKET one: a message is whole or not there.

1. client: the request (`marshal`), with descriptors: its folder, then its own by number
2. the child forked for it: DECLINED; or READY, with a handle (pidfd) of itself
3. client: GO. Only now the child begins the command, and it does so at once
4. ENDED with the exit code, or KILLED with a signal, from the child or, if it could not, from its parent

So a client that gives up before it says GO may run the command itself: it has not begun and never will.
"""

import os
import sys

import calf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from typing import Any

DECLINED, READY, GO, ENDED, KILLED = b"d", b"r", b"g", b"e", b"k"
SWITCH = "CALF_WARM"
"""The environment variable that turns all of this off, for a client or a server, when it is 0. Clients and
servers in which it is the same, anything or nothing, belong together.
"""
OFF = "0"
LONGEST_REQUEST = 1 << 18

_SPACES = ("mnt", "pid", "user")
_FLAGS = (
    "debug",
    "inspect",
    "interactive",
    "optimize",
    "no_user_site",
    "no_site",
    "ignore_environment",
    "verbose",
    "bytes_warning",
    "hash_randomization",
    "isolated",
    "dev_mode",
    "warn_default_encoding",
    "int_max_str_digits",
)


def name(tag: str) -> bytes:
    """The abstract name of the socket of this user's warm process that has loaded this very code.

    The code is meant by the inodes of calf's package and of the Python environment: clones, environments and
    new installations have names of their own. `tag` is what `SWITCH` says, usually nothing.
    """
    source, prefix = os.stat(calf.__path__[0]), os.stat(sys.prefix)  # noqa: PTH116 - pathlib is not loaded
    inodes = (source.st_dev, source.st_ino, prefix.st_dev, prefix.st_ino)
    return b"\0calf/warm/1/%d/%d.%d/%d.%d/%b" % (os.getuid(), *inodes, os.fsencode(tag))


def peer(connection: "socket") -> int:
    """The process at the other end; 0 unless it is this user's, in this process's own namespaces.

    Both ends ask, and the kernel answers. A container that shares nothing but the network has other files and
    processes, whatever its user is called: it must neither be handed a folder nor act outside.
    """
    import _socket

    raw = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    pid, uid = (int.from_bytes(raw[at : at + 4], sys.byteorder, signed=True) for at in (0, 4))
    if uid != os.getuid() or pid <= 0:
        return 0
    theirs, ours = (
        [os.stat(f"/proc/{process}/ns/{space}").st_ino for space in _SPACES]  # noqa: PTH116 - the same
        for process in (pid, "self")
    )
    return pid if theirs == ours else 0


def interpreter() -> "tuple[Any, ...]":
    """What must be the same of two interpreters for a command to do in one what it does in the other.

    UTF-8 mode is not asked for: what counts of it is the encodings. Nor is whether bytecode is written.
    """
    first = 0 if sys.flags.safe_path else 1  # the script's own folder
    options = {key: value for key, value in getattr(sys, "_xoptions", {}).items() if key != "utf8"}
    return (
        sys.version,
        sys.prefix,
        sys.path[first:],
        [getattr(sys.flags, each) for each in _FLAGS],
        sys.warnoptions,
        options,
        sys.getfilesystemencoding(),
        sys.getfilesystemencodeerrors(),
    )
