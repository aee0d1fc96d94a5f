"""Errors by the names that they have on the wire."""

from __future__ import annotations

from calf.model.errors import CalfError, Category


def make_error(category: Category, message: str, hint: str = "", field: str = "") -> CalfError:
    """An error of the class that stands for `category`."""
    kinds = {kind.category: kind for kind in CalfError.__subclasses__()}
    return kinds[category](message, hint, field)
