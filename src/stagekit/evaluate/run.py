"""The stage evaluate: run the notebook, make it canonical, hand the model on.

TensorFlow is imported in the notebook's process only.
"""

from __future__ import annotations

import sys
from pathlib import Path

import stagekit
from stagekit.canonical import write_bytes
from stagekit.evaluate.params import EvaluateParams
from stagekit.model.bundle import carry
from stagekit.report.canonical import canonical_notebook, log_of, notebook_bytes
from stagekit.report.execute import run_notebook
from stagekit.report.html import html_page


def make_report(notebook: Path, calibrated: Path, out: Path, params: EvaluateParams) -> None:
    """Run `notebook`, which reads `/pfs` and writes figures and results, and write the report beside them.

    What the notebook wrote to its standard error, the latency among it, goes to this process's.
    """
    parameters = params.model_dump(mode="json", exclude={"v"})
    executed = run_notebook(notebook, parameters, Path(stagekit.__file__).parents[1])
    print(log_of(executed), end="", file=sys.stderr)  # noqa: T201 - the stage's log is its interface
    canonical = canonical_notebook(executed)
    write_bytes(out / "Report.ipynb", notebook_bytes(canonical))
    write_bytes(out / "Report.html", html_page(canonical, params.title))
    carry(calibrated / "model", out / "model")
