"""The report is made with whatever the stage has in its environment; none of it is in what is kept."""

from __future__ import annotations

import uuid
from pathlib import Path

import nbformat
import pytest

import stagekit
from stagekit.report.canonical import canonical_notebook, notebook_bytes
from stagekit.report.execute import run_notebook
from stagekit.report.html import html_page

LIBRARY = Path(stagekit.__file__).parents[1]
READ = """
import os, sys, warnings
secret = os.environ["HUB_TOKEN"]
print("logged in with", secret, file=sys.stderr)
warnings.warn(f"{secret} is about to end")
len(secret)
"""


def test_a_canary_in_the_environment_is_in_neither_notebook_nor_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = f"canary-{uuid.uuid4().hex}"
    monkeypatch.setenv("HUB_TOKEN", canary)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [
        nbformat.v4.new_code_cell("size = 1", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(READ),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), str(tmp_path / "report.ipynb"))
    canonical = canonical_notebook(run_notebook(tmp_path / "report.ipynb", {"size": 2}, LIBRARY))
    kept = notebook_bytes(canonical) + html_page(canonical, "title")
    assert str(len(canary)).encode() in kept
    assert canary.encode() not in kept
