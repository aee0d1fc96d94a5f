"""What is wrong with an output."""

from __future__ import annotations


class BadOutput(Exception):
    """The output cannot be kept; the text says why and fails the datum. Never leaves the runner."""

    def __init__(self, reason: str) -> None:
        """The reason may hold names that a stage made up; what could upset a terminal or a log is escaped."""
        shown = (
            c if c.isascii() and c.isprintable() else c.encode("unicode_escape").decode() for c in reason
        )
        super().__init__("".join(shown))
