"""A stage may take the rights to /pfs/out and /tmp away, which are its own; root would not even notice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MEASURE = "from calf.runner.disk_use import used_below; print(used_below(folder))"
EMPTY = "from calf.runner.workspace import empty; empty(folder); print(list(folder.iterdir()))"
TAKE_IN = (
    "from calf.runner.capture.places import open_places;"
    "import os; print(os.listdir(open_places({'tmp': folder}, {}).roots['tmp']))"
)
MORTAL = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@pytest.mark.parametrize(
    ("act", "says"),
    [(MEASURE, str(1 << 16)), (EMPTY, "[]"), (TAKE_IN, "['f']")],
    ids=["measured", "emptied", "taken in"],
)
def test_a_locked_folder_is_opened_all_the_same(tmp_path: Path, act: str, says: str) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed here, and root may open what is locked")
    folder = tmp_path / "tmp"
    folder.mkdir()
    (folder / "f").write_bytes(bytes(1 << 16))
    folder.chmod(0o300)
    script = f"import pathlib, sys; folder = pathlib.Path(sys.argv[1]); {act}"
    command = (*(MORTAL if os.geteuid() == 0 else ()), sys.executable, "-c", script, str(folder))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (f"{says}\n", "")
