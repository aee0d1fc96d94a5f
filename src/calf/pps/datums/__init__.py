"""Datums: which units of work an input makes, in which order, and by which rule they are told apart."""

from __future__ import annotations

from calf.pps.datums.changes import Sides, changed_datums
from calf.pps.datums.combining import bounded, check_number
from calf.pps.datums.enumerating import enumerate_datums
from calf.pps.datums.preview import preview, upcoming
from calf.pps.datums.recipes import code_of, recipe_of

__all__ = [
    "Sides",
    "bounded",
    "changed_datums",
    "check_number",
    "code_of",
    "enumerate_datums",
    "preview",
    "recipe_of",
    "upcoming",
]
