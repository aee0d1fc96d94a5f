"""Every error that a user may see: a category with a stable code, a text that is a contract, and a hint.

Pachyderm's clients match the *text*, so specific errors build it in one place, from their data. Edge rooms
map the category to a gRPC status or an exit code in one table each; nobody parses messages.
"""

from __future__ import annotations

from enum import Enum


class Category(Enum):
    """What went wrong, in the few kinds that callers can act upon; the value is the stable code."""

    NOT_FOUND = "not-found"
    EXISTS = "exists"
    STATE = "wrong-state"
    INVALID = "invalid"
    SPEC = "invalid-spec"
    PRECONDITION = "precondition"
    UNFINISHED = "unfinished"
    DENIED = "denied"
    UNAUTHENTICATED = "unauthenticated"
    UNIMPLEMENTED = "unimplemented"
    FULL = "no-space"
    DISK = "disk"
    INTEGRITY = "integrity"
    LOCKED = "locked"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    TIMEOUT = "timed-out"
    INTERNAL = "internal"


class CalfError(Exception):
    """The base of all expected errors: `message` is for the user, `hint` says what to do about it.

    `field` is the field of a spec that is at fault, where one is (`input.cross[0].pfs.glob`, as in
    `kit.fieldpath`), so that whoever has the text of the spec can add file and line.
    """

    category = Category.INTERNAL

    def __init__(self, message: str, hint: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field


class NotFound(CalfError):
    """The thing named is not there."""

    category = Category.NOT_FOUND


class AlreadyExists(CalfError):
    """The thing to be made is there already."""

    category = Category.EXISTS


class WrongState(CalfError):
    """The thing is there, but in a state that forbids the operation."""

    category = Category.STATE


class InvalidArgument(CalfError):
    """The request makes no sense as it stands."""

    category = Category.INVALID


class InvalidSpec(CalfError):
    """A pipeline spec is wrong; the text names the field, and the file and line where they are known."""

    category = Category.SPEC


class Precondition(CalfError):
    """Something else must be removed or done first."""

    category = Category.PRECONDITION


class Unfinished(CalfError):
    """A commit that must be finished is not; trying again later may work."""

    category = Category.UNFINISHED


class Denied(CalfError):
    """The caller may not do this."""

    category = Category.DENIED


class Unauthenticated(CalfError):
    """The caller does not say, or cannot show, who he is."""

    category = Category.UNAUTHENTICATED


class Unimplemented(CalfError):
    """This server does not offer that."""

    category = Category.UNIMPLEMENTED


class NoSpace(CalfError):
    """The disk or a quota is full; nothing was committed.

    `room`: a stage was ended for that, and it is of no use to try it again before so many bytes are free.
    `figures`: in words, how much is free and how much is needed, as far as that is known.
    """

    category = Category.FULL

    def __init__(
        self, message: str, hint: str = "", field: str = "", room: int = 0, figures: str = ""
    ) -> None:
        super().__init__(message, hint, field)
        self.room = room
        self.figures = figures


class TooManyFiles(NoSpace):
    """No more files may be open at once; nothing was committed."""


class DiskFailed(CalfError):
    """The disk fails or may not be written; nothing was committed."""

    category = Category.DISK


class IntegrityError(CalfError):
    """Stored bytes or rows are not what they must be; nothing was changed."""

    category = Category.INTEGRITY


class Locked(CalfError):
    """Another process owns the folder."""

    category = Category.LOCKED


class Unreachable(CalfError):
    """No server answers at the address."""

    category = Category.UNREACHABLE


class Cancelled(CalfError):
    """The caller went away, or the server is stopping."""

    category = Category.CANCELLED


class TimedOut(CalfError):
    """The answer did not come in the time that was given for it."""

    category = Category.TIMEOUT


class Internal(CalfError):
    """A mistake of ours."""

    category = Category.INTERNAL
