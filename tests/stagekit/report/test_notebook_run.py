from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

import stagekit
from stagekit.errors import StageError
from stagekit.report.canonical import canonical_notebook, notebook_bytes
from stagekit.report.execute import run_notebook
from stagekit.report.html import html_page

LIBRARY = Path(stagekit.__file__).parents[1]
PARAMETERS = "number = 1\nword = 'a'"
SHOW = """
import os, sys
from IPython.display import HTML, display
print("logged with a time", file=sys.stderr)
display(HTML(f"<b>{number * 2} {word}</b>"))
assert "CALF_MARK" in os.environ
"""
FAIL = "from stagekit.errors import StageError\nraise StageError('no sample in the split')"


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return write(tmp_path / "report.ipynb", SHOW)


def write(path: Path, code: str) -> Path:
    cells = [
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_markdown_cell("# Findings"),
        nbformat.v4.new_code_cell(code),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), str(path))
    return path


def test_two_runs_from_two_places_give_the_same_report(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALF_MARK", "1")
    before = dict(os.environ)
    (tmp_path / "other").mkdir()
    pages, books = [], []
    for source in (notebook, write(tmp_path / "other" / "copy.ipynb", SHOW)):
        canonical = canonical_notebook(run_notebook(source, {"number": 21, "word": "b"}, LIBRARY))
        books.append(notebook_bytes(canonical))
        pages.append(html_page(canonical, "A <title>"))
    assert dict(os.environ) == before
    assert books[0] == books[1]
    assert pages[0] == pages[1]
    page = pages[0].decode()
    assert "<b>42 b</b>" in page
    assert "<title>A &lt;title&gt;</title>" in page
    assert "logged with a time" not in page
    assert "number * 2" not in page
    assert "://" not in page
    assert "<script" not in page


def test_an_unknown_parameter_is_an_error_with_the_nearest_name(notebook: Path) -> None:
    with pytest.raises(StageError, match=r"report\.ipynb has no parameter 'numbr'; did you mean 'number'"):
        run_notebook(notebook, {"numbr": 1, "word": "a"}, LIBRARY)


def test_a_parameter_without_a_value_is_an_error(notebook: Path) -> None:
    with pytest.raises(StageError, match=r"report\.ipynb needs a value for word"):
        run_notebook(notebook, {"number": 1}, LIBRARY)


def test_bad_input_found_by_the_notebook_is_told_as_bad_input(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no sample in the split"):
        run_notebook(write(tmp_path / "fails.ipynb", FAIL), {"number": 1, "word": "a"}, LIBRARY)
