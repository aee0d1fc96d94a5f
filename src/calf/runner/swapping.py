"""Exchanges two files: the kernel's renameat2, for which Python has no name."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_RENAME = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
_UNKNOWN = (errno.ENOSYS, errno.EINVAL)
"""What kernels and file systems say that cannot exchange."""


def swap(one: Path, other: Path) -> None:
    """Exchange what two names stand for, at once, so that neither name is ever without a file.

    Raises `FileNotFoundError` when one of them is gone. Where kernel or file system cannot do it, `one` takes
    the place of `other`, whatever is there.
    """
    if _RENAME is None:
        one.rename(other)
    elif _RENAME(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE):
        code = ctypes.get_errno()
        if code not in _UNKNOWN:
            raise OSError(code, os.strerror(code), str(one), None, str(other))
        one.rename(other)
