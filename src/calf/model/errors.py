"""The errors of the model's vocabulary.

They are defined in `calf.kit.errors`, below the model, because a full disk, a path with `..` and a locked
folder are found there; everybody above imports them from here.
"""

from __future__ import annotations

from calf.kit.errors import (
    AlreadyExists,
    CalfError,
    Cancelled,
    Category,
    Denied,
    DiskFailed,
    IntegrityError,
    Internal,
    InvalidArgument,
    InvalidSpec,
    Locked,
    NoSpace,
    NotFound,
    Precondition,
    TimedOut,
    TooManyFiles,
    Unauthenticated,
    Unfinished,
    Unimplemented,
    Unreachable,
    WrongState,
)

__all__ = [
    "AlreadyExists",
    "CalfError",
    "Cancelled",
    "Category",
    "Denied",
    "DiskFailed",
    "IntegrityError",
    "Internal",
    "InvalidArgument",
    "InvalidSpec",
    "Locked",
    "NoSpace",
    "NotFound",
    "Precondition",
    "TimedOut",
    "TooManyFiles",
    "Unauthenticated",
    "Unfinished",
    "Unimplemented",
    "Unreachable",
    "WrongState",
]
