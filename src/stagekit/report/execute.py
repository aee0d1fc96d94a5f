"""Running a notebook with parameters, without a network, and with nothing left over.

The kernel talks over IPC sockets in a private folder, not over TCP; Jupyter's and IPython's own folders are
private too, so that neither a user's settings nor a read-only home matter. A parameter that the notebook
does not know is an error (papermill only warns).
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config  # type: ignore[import-not-found]  # mypy's environment lacks it

from stagekit.config.errors import nearest
from stagekit.errors import StageError

KERNEL = "python3"
_PRIVATE = {
    "IPYTHONDIR": "ipython",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "run",
    "MPLCONFIGDIR": "matplotlib",
}


def run_notebook(source: Path, parameters: Mapping[str, Any], library: Path) -> Any:
    """Run a notebook and give it back with its outputs (a `nbformat` node), not yet canonical.

    `library` is the folder from which the kernel imports `stagekit`. Raises `StageError` for an unknown or
    missing parameter, and for a `StageError` within the notebook; any other failure comes as papermill's
    error with the cell's traceback.
    """
    _check_parameters(source, parameters)
    with tempfile.TemporaryDirectory(prefix="nb-", dir=os.environ.get("TMPDIR", "/tmp")) as folder:  # noqa: S108
        private = Path(folder)
        with _environment(private, library):
            try:
                papermill.execute_notebook(
                    str(source),
                    str(private / "out.ipynb"),
                    parameters=dict(parameters),
                    kernel_name=KERNEL,
                    progress_bar=False,
                    cwd=str(private),
                    config=Config({"KernelManager": {"transport": "ipc"}}),
                )
            except PapermillExecutionError as error:
                if error.ename.endswith(("StageError", "BadWeightsError", "ConfigError")):
                    raise StageError(str(error.evalue)) from error
                raise
        return nbformat.read(str(private / "out.ipynb"), as_version=4)


def _check_parameters(source: Path, parameters: Mapping[str, Any]) -> None:
    known = set(papermill.inspect_notebook(str(source)))
    for name in sorted(parameters.keys() - known):
        raise StageError(f"{source.name} has no parameter {name!r}; {nearest(name, known)}")
    missing = sorted(known - parameters.keys())
    if missing:
        raise StageError(f"{source.name} needs a value for {', '.join(missing)}")


@contextmanager
def _environment(private: Path, library: Path) -> Iterator[None]:
    """Give this process, whose environment the kernel inherits, private folders; undone afterwards."""
    changed = {name: str(private / folder) for name, folder in _PRIVATE.items()}
    changed["PYTHONPATH"] = str(library)
    changed["JUPYTER_PATH"] = str(Path(sys.prefix) / "share" / "jupyter")
    changed["JUPYTER_PLATFORM_DIRS"] = "1"
    kept = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
