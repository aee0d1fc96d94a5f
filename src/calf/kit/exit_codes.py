"""The exit codes of our command lines: one meaning each, never reused."""

from __future__ import annotations

from calf.kit.errors import Category

OK = 0
FAILURE = 1
USAGE = 2
NOT_RUNNING = 3
NOT_FOUND = 4
CONFLICT = 5
WRONG_STATE = 6
DENIED = 7
INVALID = 8
NO_STORE = 10
LOCKED = 11
UNREACHABLE = 12
NO_SPACE = 13
DISK = 14
JOB_FAILED = 20
JOB_KILLED = 21
TIMED_OUT = 22
INTEGRITY = 90
NOT_REPRODUCIBLE = 104
INTERRUPTED = 130
BROKEN_PIPE = 141

MEANING = {
    OK: "done",
    FAILURE: "unexpected failure",
    USAGE: "wrong usage or argument",
    NOT_RUNNING: "no server runs (only `calf status`)",
    NOT_FOUND: "not found",
    CONFLICT: "exists already, or something stands in the way",
    WRONG_STATE: "wrong state (a commit that is open, finished, or finished with an error)",
    DENIED: "not permitted",
    INVALID: "invalid spec or configuration",
    NO_STORE: "no data folder here",
    LOCKED: "in use by another process",
    UNREACHABLE: "no server answers",
    NO_SPACE: "no space left, or too many open files",
    DISK: "the disk fails or is read-only",
    JOB_FAILED: "job failed",
    JOB_KILLED: "job was stopped",
    TIMED_OUT: "timed out",
    INTEGRITY: "stored data is damaged",
    NOT_REPRODUCIBLE: "not reproducible",
    INTERRUPTED: "interrupted",
    BROKEN_PIPE: "the reader of our output went away",
}

LEGEND = "Exit codes: " + ", ".join(f"{code} {text}" for code, text in MEANING.items()) + "."
"""All of them in one paragraph, for the end of a help."""

BY_CATEGORY = {
    Category.NOT_FOUND: NOT_FOUND,
    Category.EXISTS: CONFLICT,
    Category.STATE: WRONG_STATE,
    Category.INVALID: USAGE,
    Category.SPEC: INVALID,
    Category.PRECONDITION: CONFLICT,
    Category.UNFINISHED: WRONG_STATE,
    Category.DENIED: DENIED,
    Category.UNAUTHENTICATED: DENIED,
    Category.UNIMPLEMENTED: FAILURE,
    Category.FULL: NO_SPACE,
    Category.DISK: DISK,
    Category.INTEGRITY: INTEGRITY,
    Category.LOCKED: LOCKED,
    Category.UNREACHABLE: UNREACHABLE,
    Category.CANCELLED: FAILURE,
    Category.TIMEOUT: TIMED_OUT,
    Category.INTERNAL: FAILURE,
}
"""What an error exits with."""


def of_os_error(error: OSError) -> int:
    """What an error of this machine's own files exits with: as one of the same kind on the server does."""
    if isinstance(error, FileNotFoundError):
        return NOT_FOUND
    if isinstance(error, PermissionError):
        return DENIED
    from calf.kit.atomic import disk_failure

    failure = disk_failure(error)
    return BY_CATEGORY[failure.category] if failure else FAILURE
