"""`pachctl why` and `pachctl debug datum`: what made a file, and how to make it again by hand."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

SPEC = """\
pipeline:
  name: {name}
transform:
  image: host
  cmd: [sh]
  stdin:
    - echo level $LEVEL of {name}
    - cat /pfs/{repo}/* > /pfs/out/all
    - if [ -e /pfs/{repo}/bad ]; then exit 1; fi
  env:
    LEVEL: "7"
datum_tries: 1
input:
  pfs:
    repo: {repo}
    glob: /
"""


@pytest.fixture
def chain(run_chain: Any) -> None:
    run_chain(SPEC, {"a": "A", "params.yaml": "threshold: 0.5\n"})


@pytest.mark.usefixtures("chain")
def test_why_tells_of_the_run_that_made_a_file(pachctl: Any) -> None:
    said = pachctl("why", "one@master:/all").out
    job = pachctl("list", "job", "-p", "one").rows[0][2]
    ((datum, *_),) = pachctl("list", "datum", f"one@{job}").rows
    for line in (
        f"one@{job}:/all",
        f"Job:       one@{job}, success, ",
        f"Datum:     {datum}",
        "Spec:      version 1, one.spec@",
        "Image:     host (",
        "Statement: sha256:",
        "Command:   sh",
        "Stdin:     echo level $LEVEL of one",
        "Variable:  LEVEL=7",
        "Reads:     /pfs/in/  from in@",
        "Log:       level 7 of one",
    ):
        assert line in said
    assert "two" not in said
    assert "Log:" not in pachctl("why", "one@master:/all", "--lines", "0").out
    assert '"effective_spec_json"' in pachctl("why", "one@master:/all", "--raw").out


@pytest.mark.usefixtures("chain")
def test_why_tells_of_the_files_of_a_folder(pachctl: Any, answer: Any) -> None:
    for text, path in (("A", "/deep/er/a"), ("B", "/deep/b"), ("C", "/deeper")):
        answer(text)
        pachctl("put", "file", f"in@master:{path}")
    for folder in ("/deep", "/deep/"):
        titles = [
            line for line in pachctl("why", f"in@master:{folder}").out.splitlines() if line[:3] == "in@"
        ]
        assert [title.rpartition(":")[2] for title in titles] == ["/deep/b", "/deep/er/a"]


@pytest.mark.usefixtures("chain")
def test_why_goes_on_to_where_all_of_it_came_from(pachctl: Any, answer: Any) -> None:
    answer("description")
    said = pachctl("why", "two@master:/all", "--all").out
    titles = [line.partition("@")[0] for line in said.splitlines() if line[:1].strip()]
    assert titles == ["two", "one", "in", "in"]
    assert said.count("Put in by: commit in@") == 2
    assert pachctl("why", "two@master:/all", "--depth", "1").out.count("Job:") == 2
    assert pachctl("why", "two@master:/all").out.count("Job:") == 1


def test_small_files_of_parameters_are_shown(pachctl: Any, answer: Any, tmp_path: Path) -> None:
    pachctl("create", "repo", "params")
    answer("threshold: 0.5\n")
    pachctl("put", "file", "params@master:/train.yaml")
    path = tmp_path / "train.yaml"
    path.write_text(SPEC.format(name="train", repo="params").replace("glob: /", "glob: /*"))
    pachctl("create", "pipeline", "-f", str(path))
    pachctl("wait", "commit", "train@master")
    assert "            threshold: 0.5\n" in pachctl("why", "train@master:/all").out


def test_a_failed_datum_is_run_again_by_hand(pachctl: Any, answer: Any, tmp_path: Path) -> None:
    pachctl("create", "repo", "in")
    for name in ("a", "bad"):
        answer(name)
        pachctl("put", "file", f"in@master:/dir/{name}")
    spec = tmp_path / "one.yaml"
    spec.write_text(SPEC.format(name="one", repo="in").replace("/pfs/in/", "/pfs/in/dir/"))
    pachctl("create", "pipeline", "-f", str(spec))
    pachctl("wait", "commit", "one@master", code=6)
    job = pachctl("list", "job", "-p", "one").rows[0][2]
    ((datum, *_),) = pachctl("list", "datum", f"one@{job}").rows
    folder = tmp_path / "try"
    said = pachctl("debug", "datum", f"one@{job}", datum[:7], str(folder)).out
    assert f"{folder}/run.sh" in said
    assert (folder / "pfs/in/dir/bad").read_text() == "bad"
    assert (folder / "job-output/all").read_text() == "abad"
    assert "LEVEL=7\n" in (folder / "datum.env").read_text()
    again = by_hand(folder)
    assert (again.returncode, again.stdout) == (1, "level 7 of one\n")
    assert (folder / "pfs/out/all").read_text() == "abad"
    (folder / "pfs/in/dir/bad").unlink()
    assert by_hand(folder).returncode == 0
    shell = by_hand(folder, "sh", "-c", "echo $PACH_DATUM_ID; touch /pfs/in/x || ls /pfs")
    assert shell.stdout.split() == [datum, "in", "out"]
    assert "is not empty" in pachctl("debug", "datum", f"one@{job}", datum, str(folder), code=5).err
    assert "not found" in pachctl("debug", "datum", f"one@{job}", "0" * 64, str(tmp_path / "no"), code=4).err


def by_hand(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [folder / "run.sh", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
