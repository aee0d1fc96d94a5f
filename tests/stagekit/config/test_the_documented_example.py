"""docs/design/configuration.md shows another pipeline, which uses the library as the page says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "design" / "configuration.md"


def test_the_page_is_a_transcript_of_what_happens(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, body in re.findall(r"```(?:python|yaml)\n# (\S+)\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(body, encoding="utf-8")
    (session,) = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    assert "".join(f"$ {line}\n{said(line, tmp_path)}" for line in commands(session)) == session
    assert (tmp_path / "params" / "schema" / "smooth.json").is_file()


def commands(session: str) -> list[str]:
    return [line.removeprefix("$ ") for line in session.splitlines() if line.startswith("$ ")]


def said(line: str, folder: Path) -> str:
    words = shlex.split(line)
    words[0] = {"python": sys.executable}.get(words[0], words[0])
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    ended = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return ended.stdout + ended.stderr
