"""Pachyderm's glob language: matching paths in linear time, with captures and keys made of them."""

from __future__ import annotations

from calf.model.glob.compiled import Glob, clean_pattern, compile_glob
from calf.model.glob.templates import check_template, expand

__all__ = ["Glob", "check_template", "clean_pattern", "compile_glob", "expand"]
