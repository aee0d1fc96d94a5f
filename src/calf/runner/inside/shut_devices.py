"""Makes `/dev` of a container read-only, for a stage whose user number is root's; run on this machine.

Usage: `python -I -S shut_devices.py PID`, a process of the container. No file of the container is run or
loaded: what is needed is loaded before its mounts are entered. What is mounted below `/dev` stays as it is.
"""

from __future__ import annotations

import ctypes
import os
import sys

MS_RDONLY, MS_NOSUID, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 8, 32, 4096
CLONE_NEWNS = 0x20000


def main() -> None:
    """Enter its mounts, and change one."""
    libc = ctypes.CDLL(None, use_errno=True)
    mounts = os.open(f"/proc/{sys.argv[1]}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC
    if libc.setns(mounts, CLONE_NEWNS) or libc.mount(None, b"/dev", None, flags, None):
        sys.exit(f"/dev cannot be made read-only: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main()
