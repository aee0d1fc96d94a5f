"""The one kind of error that a stage shows to its user as a message."""

from __future__ import annotations


class StageError(Exception):
    """Bad input or parameters: the text names the file or key, what is wrong, and what to do."""
