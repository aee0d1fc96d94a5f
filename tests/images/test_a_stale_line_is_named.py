"""What `make specs-check` and `make conf-check` say of `images/digests.lock` once the files have changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from building import digests
from building.digests import Built, Lock, kept, read, stale, write
from building.plans import BuildError, all_plans
from building.sources import read_base, read_sources

from driver.rendering import read_digests
from tests.images.conftest import ROOT

ID = "sha256:" + "a" * 64


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what images are built of."""
    for part in ("images/base", "images/building"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(ROOT / "images/check.py", tmp_path / "images")
    for plan in all_plans():
        places = {file.place for file in read_sources(plan).files}
        for place in {*places, str(plan.dockerfile.relative_to(ROOT))}:
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / place, tmp_path / place)
    return tmp_path


def made_of(tree: Path) -> Lock:
    images = {plan.name: Built(ID, read_sources(plan, tree).digest()) for plan in all_plans(tree)}
    return Lock(Built(ID, read_base(tree / "images/base").digest()), digests.LOCAL, images)


def said(tree: Path, lock: Lock) -> tuple[list[str], str]:
    return stale(lock, all_plans(tree), tree)


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_what_was_built_of_the_files_that_are_there_is_fresh(tree: Path) -> None:
    lock = made_of(tree)
    add(tree / "stages/train/Dockerfile", "# a comment makes no other image\n")
    for other in ("src/calf/pfs/new.py", "src/stagekit/config/__pycache__/x.pyc", "images/new.py"):
        (tree / other).parent.mkdir(parents=True, exist_ok=True)
        (tree / other).write_text("# is in no image\n")
    assert said(tree, lock) == ([], "")


@pytest.mark.parametrize(
    ("file", "images"),
    [
        ("stages/train/main.py", ["train"]),
        ("stages/train/requirements.lock", ["train"]),
        ("src/stagekit/calibrate/__init__.py", ["calibrate", "evaluate", "serve"]),
        ("src/calf/wire/methods.py", ["deliver"]),
        ("pipelines/deliver.py", ["deliver"]),
    ],
)
def test_an_edit_is_named_with_the_images_that_have_it(file: str, images: list[str], tree: Path) -> None:
    lock = made_of(tree)
    add(tree / file, "# edited\n")
    wrong = [f"calf/{name} was built of other files" for name in images]
    assert said(tree, lock) == (wrong, f'make images IMAGES="{" ".join(images)}"')


def test_a_new_file_an_instruction_and_a_right_are_edits_too(tree: Path) -> None:
    lock = made_of(tree)
    (tree / "src/stagekit/tune/new.py").write_text("")
    add(tree / "stages/split/Dockerfile", "ENV MORE=1\n")
    os.chmod(tree / "stages/ingest/main.py", 0o755)  # noqa: PTH101
    assert said(tree, lock)[1] == 'make images IMAGES="ingest split tune"'


@pytest.mark.parametrize(
    "file", ["images/base/Dockerfile", "images/base/pip.conf", "images/base/upstream.txt"]
)
def test_below_an_edit_of_the_base_all_are_to_be_built(file: str, tree: Path) -> None:
    lock = made_of(tree)
    add(tree / file, f"python@{ID}\n")
    assert said(tree, lock) == (["the base was built of other files (images/base)"], "make images")


def test_the_check_names_what_is_stale_and_the_command_that_mends_it(tree: Path) -> None:
    command = [sys.executable, str(tree / "images/check.py")]

    def heard() -> tuple[int, str]:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    assert heard() == (1, f"error: images/digests.lock: there is none yet\n{hint('make images')}")
    write(made_of(tree), tree / "images/digests.lock")
    assert heard() == (0, "")
    add(tree / "stages/train/main.py", "# edited\n")
    stale_line = "error: images/digests.lock: calf/train was built of other files\n"
    assert heard() == (1, stale_line + hint('make images IMAGES="train"'))
    lines = len((tree / "images/digests.lock").read_text().splitlines())
    add(tree / "images/digests.lock", "calf/train latest\n")
    said = f"images/digests.lock:{lines + 1}: it does not say what the image was built of"
    assert heard() == (1, f"error: {said}\n{hint('make images')}")


def test_a_dockerfile_that_nobody_understands_is_an_error(tree: Path) -> None:
    lock = made_of(tree)
    add(tree / "stages/train/Dockerfile", "COPY nowhere /stage/nowhere\n")
    with pytest.raises(BuildError, match=r"stages/train/Dockerfile:.*there is no file or folder nowhere"):
        said(tree, lock)


@pytest.mark.parametrize(
    ("words", "asked"), [("conf-check", True), ("specs-check", True), ("specs-check TAG=1.0", False)]
)
def test_both_checks_ask_unless_a_tag_stands_in(words: str, asked: bool) -> None:
    told = subprocess.run(
        ["make", "-n", *words.split()], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ("images/check.py" in told.stdout) == asked


def hint(command: str) -> str:
    return f"  hint: {command} (with podman: docs/design/images.md), and commit the lock with it\n"


def test_an_image_without_a_line_and_a_line_without_an_image_are_named(tree: Path) -> None:
    lock = made_of(tree)
    (tree / "stages/split").rename(tree / "stages/parted")
    dockerfile = tree / "stages/parted/Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("stages/split", "stages/parted"))
    wrong = ["calf/parted has no digest", "calf/split is no image of ours"]
    assert said(tree, lock) == (wrong, 'make images IMAGES="parted"')


def test_the_lock_is_written_as_it_is_read_and_only_when_it_changes(tmp_path: Path) -> None:
    path, lock = tmp_path / "digests.lock", made_of(ROOT)
    assert write(lock, path)
    assert read(path) == lock
    assert read_digests(path) == dict.fromkeys(lock.images, ID)
    assert not write(lock, path)
    add(path, f"calf/by-hand {ID}\n")
    with pytest.raises(BuildError, match="it does not say what the image was built of"):
        read(path)
    path.write_text(f"calf/by-hand {ID} # of {ID}\n")
    with pytest.raises(BuildError, match="no line tells of the base"):
        read(path)
    assert read(tmp_path / "none") is None


def test_some_images_are_renewed_beside_the_others_if_the_base_is_theirs(tmp_path: Path) -> None:
    path, lock = tmp_path / "digests.lock", made_of(ROOT)
    some = [plan for plan in all_plans() if plan.short == "train"]
    with pytest.raises(BuildError, match="make images"):
        kept(some, lock.base, path)
    write(lock, path)
    assert kept(some, lock.base, path) == {
        name: lock.images[name] for name in lock.images if name != "calf/train"
    }
    assert kept(all_plans(), Built("sha256:other", "sha256:other"), path) == {}
    for other in (Built("sha256:other", lock.base.of), Built(lock.base.digest, "sha256:other")):
        with pytest.raises(BuildError, match="on another base, so build all"):
            kept(some, other, path)
