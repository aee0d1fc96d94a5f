"""What engines leave open in a container, and is shut from outside once its first process runs.

No namespaces inside of a container's: they would give a stage rights in the kernel that it has no use for.

Engines' filters of system calls allow them to some degree, each to another. The kernel's own limit, which
bubblewrap uses too, belongs to the user namespace and is set from outside.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
from pathlib import Path

from calf.kit.errors import Precondition
from calf.runner.containers.tool import Tool
from calf.runner.plan import script

_SET = "echo 0 >/proc/sys/user/max_user_namespaces"


def shut_in(place: Path, control: socket.socket, *, on_image: bool = False) -> None:
    """Forbid namespaces to the container whose first process is at the other end of `control`.

    To one that has no user namespace of its own, or none of ours, that cannot be done: the limit would be the
    whole machine's, and the engine's filter is what holds. Where its stage has root's number, as with docker
    for a server of root, `/dev` is made read-only instead.

    With `on_image` its root is an image's, in which there may be files that are devices of this machine. For
    another user than root the kernel opens none of them; engines of root leave it to the control group of the
    container, which stages leave for one of ours. Raises `Precondition` when something cannot be done.
    """
    credentials = control.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid: int = struct.unpack("3i", credentials)[0]
    places = ["/"] if on_image else []
    if _has_users_of_its_own(pid):
        path = shutil.which("nsenter")
        if path is None:
            raise Precondition("util-linux is not installed here", "install the package util-linux")
        Tool("nsenter", path, place).ask("--target", str(pid), "--user", "--", "sh", "-c", _SET)
    else:
        places.append("/dev")
    if places and os.getuid() == 0:
        python, *words = script("shut_mounts.py")
        Tool("python", python, place).ask(*words, str(pid), *places)


def _has_users_of_its_own(pid: int) -> bool:
    """Whether it is in another user namespace than we, over which we have a say.

    What an engine of root runs for another user we may not look at, once it is out of its stage's reach.
    """
    try:
        theirs = Path(f"/proc/{pid}/ns/user").stat()
    except PermissionError:
        return False
    return not os.path.samestat(Path("/proc/self/ns/user").stat(), theirs)
