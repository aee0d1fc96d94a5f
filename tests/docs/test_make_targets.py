"""`make help` shows what there is, and the README's commands are real."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_help_lists_every_documented_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"setup", "run", "test", "check", "reproduce", "bench", "images"} <= set(
        re.findall(r"make ([a-z-]+)", shown)
    )


def test_make_targets_named_in_the_docs_exist() -> None:
    for page in (ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "docs/reliability.md"):
        named = set(re.findall(r"`make ([a-z-]+)", page.read_text())) | set(
            re.findall(r"^make ([a-z-]+)", page.read_text(), re.MULTILINE)
        )
        assert named - targets() == set(), page


def test_what_is_wrong_with_the_manifests_is_said_before_the_tests_of_the_check_run() -> None:
    """A manifest that does not hold breaks those tests, too, and what they say is for who wrote the check."""
    makefile = (ROOT / "Makefile").read_text()
    recipe = makefile.partition("\nconf-check:")[2].partition("\n\n")[0]
    assert 0 < recipe.index("checks.run") < recipe.index("images/check.py") < recipe.index("pytest")
