"""A run notebook as bytes that depend on its content alone: no times, no random ids, no paths, no logs."""

from __future__ import annotations

import json
from typing import Any

_KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
_SHOWN = ("alt", "width")
"""What of an output's metadata the page shows: a picture's words and its width."""


def canonical_notebook(notebook: Any) -> dict[str, Any]:
    """Give a notebook's canonical form as plain JSON values; the argument stays as it is.

    Cells are numbered, tags are kept. What went to the standard error is log, not report, and is left out.
    """
    return {
        "cells": [_cell(cell, number) for number, cell in enumerate(notebook["cells"], start=1)],
        "metadata": {"kernelspec": dict(_KERNELSPEC), "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def notebook_bytes(canonical: dict[str, Any]) -> bytes:
    """Encode a canonical notebook as an `.ipynb` file."""
    return (json.dumps(canonical, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def log_of(notebook: Any) -> str:
    """Give what a run notebook wrote to the standard error."""
    return "".join(
        output["text"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if output.get("name") == "stderr"
    )


def _cell(cell: Any, number: int) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "cell_type": cell["cell_type"],
        "id": f"cell-{number:02d}",
        "metadata": {"tags": list(cell["metadata"]["tags"])} if cell["metadata"].get("tags") else {},
        "source": cell["source"],
    }
    if cell["cell_type"] == "code":
        plain["execution_count"] = cell["execution_count"]
        plain["outputs"] = [_output(output) for output in cell["outputs"] if output.get("name") != "stderr"]
    return plain


def _output(output: Any) -> dict[str, Any]:
    """Copy an output with what the page shows of its metadata."""
    plain = json.loads(json.dumps(output))
    if "metadata" in plain:
        plain["metadata"] = {
            kind: shown
            for kind, told in plain["metadata"].items()
            if isinstance(told, dict) and (shown := {name: told[name] for name in _SHOWN if name in told})
        }
    return dict(plain)
