"""What can go wrong at a remote place; each text names the URL, without secrets in it, each
hint the way out.
"""

from __future__ import annotations

from calf.model.errors import Denied, InvalidArgument, NotFound, Unreachable
from calf.model.statement.redacting import redact_text

_SCHEMES = "s3://, gs://, az://, file:// and, to read only, http:// and https://"


def unknown_scheme(url: str) -> InvalidArgument:
    """A URL of a kind that we do not open."""
    return InvalidArgument(f"cannot open {redact_text(url)}: unknown kind of URL", f"known are {_SCHEMES}")


def malformed(url: str, why: str, hint: str = "") -> InvalidArgument:
    """A URL that makes no sense."""
    return InvalidArgument(f"cannot open {redact_text(url)}: {why}", hint)


def missing(url: str) -> NotFound:
    """Nothing is there."""
    return NotFound(
        f"{redact_text(url)} does not exist", "check the address; names differ in upper and lower case"
    )


def unreachable(url: str, why: object) -> Unreachable:
    """The other side does not answer, or not as it should."""
    return Unreachable(
        f"cannot reach {redact_text(url)}: {why}", "try again, or try it from this machine by other means"
    )


def refused(url: str, why: str, hint: str) -> Denied:
    """The other side, or the owner of this server, does not allow it."""
    return Denied(f"may not open {redact_text(url)}: {why}", hint)
