"""What pages say to run by `pipelines/python` runs after a plain `make run`, with nothing set."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CARD = ROOT / "src/stagekit/release/card/origin.py"
MODULE = re.compile(r"pipelines/python -m ([\w.]+)")


def pages() -> list[Path]:
    shown = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in shown.splitlines()]


def modules() -> list[str]:
    return sorted({name for page in [*pages(), CARD] for name in MODULE.findall(page.read_text())})


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = ["bash", "-euc", script]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", modules())
def test_a_module_that_a_page_names_can_be_run_from_anywhere(module: str, tmp_path: Path) -> None:
    done = run(f"{ROOT}/pipelines/python -m {module} --help", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: ")


def test_the_parameters_page_does_what_it_says() -> None:
    page = (ROOT / "pipelines/params/README.md").read_text()
    (script,) = re.findall(r"<!-- tested -->\n```\n(.*?)```", page, re.DOTALL)
    done = run(script, ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": good, ") == 2


def test_no_page_names_a_python_that_lacks_our_packages() -> None:
    bare = [
        f"{page.relative_to(ROOT)}: {line.strip()}"
        for page in [*pages(), CARD]
        for line in page.read_text().splitlines()
        if re.search(r"(?<!pipelines/)\bpython3? -m (stagekit|data)\b", line)
    ]
    assert bare == []
