"""Takes rights from what a container has mounted, which its engine leaves; run on this machine, as root.

Usage: `python -I -S shut_mounts.py PID PLACE…`; PID is a process of the container. As a PLACE, `/dev` becomes
read-only, and `/` one where files are no devices. No file of the container is run or loaded: what is needed
is loaded before its mounts are entered. What is mounted below a place stays as it is.
"""

from __future__ import annotations

import ctypes
import os
import sys

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
CLONE_NEWNS = 0x20000
RIGHTS = {"/dev": MS_NOEXEC, "/": MS_NODEV}


def main() -> None:
    """Enter its mounts, and change them."""
    libc = ctypes.CDLL(None, use_errno=True)
    mounts = os.open(f"/proc/{sys.argv[1]}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    if libc.setns(mounts, CLONE_NEWNS):
        sys.exit(f"its mounts cannot be entered: {os.strerror(ctypes.get_errno())}")
    for place in sys.argv[2:]:
        flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | RIGHTS[place]
        if libc.mount(None, place.encode(), None, flags, None):
            sys.exit(f"{place} cannot be shut: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main()
