"""`pachctl replay` of jobs whose image was changed since: told which file, which line, and not run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from calf.runner.images import ImageStore
from calf.runner.images.build import Built
from tests.runner.images.conftest import lay

SPEC = """\
pipeline:
  name: train
transform:
  image: calf/train
  cmd: [python, /stage/main.py]
datum_tries: 1
input:
  pfs:
    repo: in
    glob: /
"""
MAIN = """\
import pathlib
import tiny

total = sum(float(path.read_text()) for path in sorted(pathlib.Path("/pfs/in").iterdir()))
pathlib.Path("/pfs/out/model.csv").write_text(f"layer,weight\\nfirst,{total}\\n")
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Built]:
    """A folder with an image that has a small package; built once for all these tests."""
    workshop = lay(tmp_path_factory.mktemp("made"))
    workshop.write("stage/main.py", MAIN)
    return workshop.images.root, workshop.build("calf/train")


@pytest.fixture
def built(made: tuple[Path, Built], tmp_path: Path) -> Built:
    """The image, in the server's folder."""
    shutil.copytree(made[0], tmp_path / "home", symlinks=True)
    return made[1]


@pytest.fixture
def job(built: Built, pachctl: Any, answer: Any, tmp_path: Path) -> str:
    """The job of pipeline `train`, which ended well."""
    pachctl("create", "repo", "in")
    answer("1.5")
    pachctl("put", "file", "in@master:/a")
    (tmp_path / "train.yaml").write_text(SPEC)
    pachctl("create", "pipeline", "-f", str(tmp_path / "train.yaml"))
    pachctl("wait", "commit", "train@master")
    return str(pachctl("list", "job", "-p", "train").rows[0][2])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.chmod(0o644)
    path.write_text(text.replace(old, new))
    path.chmod(0o444)


@pytest.fixture
def code(built: Built, tmp_path: Path) -> Path:
    """The image's own files, as they lie on the disk."""
    return ImageStore(tmp_path / "home").folder(built.image.digest) / "tree" / "stage"


def test_a_changed_byte_of_the_code_is_told_without_running(job: str, code: Path, pachctl: Any) -> None:
    assert "reproduced, bit for bit (1 file, 23B, " in pachctl("replay", f"train@{job}").out
    edit(code / "main.py", "sorted(", "list(")
    said = pachctl("replay", f"train@{job}", code=104).out.splitlines()
    assert said == [
        f"train@{job[:8]}…: not run, since it is no longer what it was",
        "  changed: /stage/main.py of image calf/train differs from its digest",
        "  `calf image build FOLDER` from the code of that time mends the image; --anyway runs it as it is",
    ]


def test_it_can_be_run_all_the_same(job: str, code: Path, pachctl: Any) -> None:
    edit(code / "main.py", "float(", "2 * float(")
    said = pachctl("replay", f"train@{job}", "--anyway", code=104).out.splitlines()
    assert said[0].startswith(f"train@{job[:8]}…: differs in /model.csv (")
    assert said[1:] == [
        "  changed: /stage/main.py of image calf/train differs from its digest",
        "  /model.csv (table)",
        "    row 1 (first), weight: 1.5 → 3.0",
        "    numbers are at most 1.5 apart, in weight",
        "  around the stage: /stage/main.py of image calf/train is not the one that made the recorded output",
    ]


def test_a_run_that_fails_now_is_told_of(job: str, code: Path, pachctl: Any) -> None:
    edit(code / "main.py", "import tiny", "import huge")
    (first, *_) = pachctl("replay", f"train@{job}", "--anyway", code=104).out.splitlines()
    assert first.startswith(f"train@{job[:8]}…: the new run failed (")
    assert "exit code 1" in first or "ended with 1" in first, first
    assert [row[0] for row in pachctl("list", "job").rows] == [job]


def test_a_run_that_is_given_up_leaves_nothing_behind(job: str, code: Path, pachctl: Any) -> None:
    edit(code / "main.py", "import tiny", "import time; time.sleep(600)")
    ended = pachctl("replay", f"train@{job}", "--anyway", "--rpc-timeout", "3s", code=22)
    assert ended.out == ""
    assert [row[0] for row in pachctl("list", "job").rows] == [job]
    assert pachctl("list", "commit", "train").out.count("train") == 1


def test_a_line_of_the_lock_is_told(job: str, code: Path, pachctl: Any) -> None:
    edit(code / "requirements.lock", "tiny==1.0", "tiny==1.1")
    said = pachctl("replay", f"train@{job}", code=104).out.splitlines()
    assert said[1:-1] == [
        "  changed: /stage/requirements.lock of image calf/train differs from its digest",
        "  changed: tiny==1.0 → 1.1 in /stage/requirements.lock of image calf/train",
    ]


def test_a_changed_package_is_told_of_when_the_output_differs(
    job: str, built: Built, pachctl: Any, tmp_path: Path
) -> None:
    images = ImageStore(tmp_path / "home")
    place = images.envs / images.manifest(built.image.digest).environment
    (info,) = place.glob("lib/python3*/site-packages/tiny-1.0.dist-info")
    info.rename(info.with_name("tiny-1.2.dist-info"))
    said = pachctl("replay", f"train@{job}", code=104).out.splitlines()
    assert said[1] == "  changed: tiny==1.0 → 1.2 in the packages of image calf/train"


def test_an_image_that_is_gone_is_told_with_what_to_do(job: str, code: Path, pachctl: Any) -> None:
    place = code.parents[1]
    place.rename(place.with_name("moved"))
    for more in ([], ["--anyway"]):
        said = pachctl("replay", f"train@{job}", *more, code=104).out.splitlines()
        assert said[0] == f"train@{job[:8]}…: not run, since it is no longer what it was"
        assert "is not on this machine any more; `calf image build FOLDER -t calf/train`" in said[1]


def test_a_new_build_of_the_image_leaves_the_recorded_one_alone(
    job: str, pachctl: Any, tmp_path: Path
) -> None:
    workshop = lay(tmp_path / "other")
    workshop.images = ImageStore(tmp_path / "home")
    workshop.write("stage/main.py", MAIN.replace("total =", "total = 7 +"))
    workshop.build("calf/train")
    pachctl("update", "pipeline", "-f", str(tmp_path / "train.yaml"))
    pachctl("wait", "commit", "train@master")
    said = pachctl("replay", f"train@{job}").out.splitlines()
    assert said[0].startswith(f"train@{job[:8]}…: reproduced, bit for bit (")
    assert said[1:] == ["  with version 1 of the pipeline, as the job did; it is at version 2 now"]
    assert pachctl("get", "file", "train@master:/model.csv").out == "layer,weight\nfirst,8.5\n"
