"""Building: what is made, when it is made again, and what is left when it goes wrong."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calf.model.errors import CalfError, InvalidArgument, Precondition

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runner.images.conftest import Workshop


def test_image_holds_the_copied_files_and_nothing_derived(workshop: Workshop) -> None:
    workshop.write("lib/inner/__pycache__/code.cpython-311.pyc", "derived")
    built = workshop.build()
    tree = workshop.images.folder(built.image.digest) / "tree"
    files = sorted(str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file())
    assert files == ["stage/inner/code.py", "stage/main.py", "stage/requirements.lock"]


def test_building_twice_does_nothing(workshop: Workshop) -> None:
    first = workshop.build()
    workshop.said.clear()
    second = workshop.build()
    assert (first.fresh, second.fresh) == (True, False)
    assert first.image == second.image
    assert workshop.said == []


def change_main(workshop: Workshop) -> None:
    workshop.write("stage/main.py", "pass\n")


def change_library(workshop: Workshop) -> None:
    workshop.write("lib/inner/code.py", "x = 2\n")


def add_file(workshop: Workshop) -> None:
    workshop.write("lib/new.py", "")


def move_file(workshop: Workshop) -> None:
    (workshop.root / "lib/inner/code.py").rename(workshop.root / "lib/inner/moved.py")


def make_executable(workshop: Workshop) -> None:
    (workshop.root / "lib/inner/code.py").chmod(0o755)


def change_env(workshop: Workshop) -> None:
    path = workshop.root / "stage/Dockerfile"
    path.write_text(path.read_text().replace("good day", "good night"))


def change_workdir(workshop: Workshop) -> None:
    path = workshop.root / "stage/Dockerfile"
    path.write_text(path.read_text().replace("WORKDIR /stage", "WORKDIR /elsewhere"))


def change_lock(workshop: Workshop) -> None:
    path = workshop.root / "stage/requirements.lock"
    path.write_text("# a comment is a change of bytes\n" + path.read_text())


@pytest.mark.parametrize(
    "change",
    [
        change_main,
        change_library,
        add_file,
        move_file,
        make_executable,
        change_env,
        change_workdir,
        change_lock,
    ],
)
def test_digest_changes_with_what_runs(workshop: Workshop, change: Callable[[Workshop], None]) -> None:
    before = workshop.digest()
    change(workshop)
    assert workshop.digest() != before


def test_name_moves_to_the_new_build_and_the_old_one_stays(workshop: Workshop) -> None:
    before = workshop.build().image
    change_main(workshop)
    after = workshop.build().image
    assert workshop.images.resolve("calf/stage") == after
    assert workshop.images.resolve(f"calf/stage@{before.digest}").digest == before.digest != after.digest


def test_digest_does_not_change_with_what_does_not_run(workshop: Workshop) -> None:
    before = workshop.digest()
    workshop.write("other/file.py", "not copied")
    path = workshop.root / "stage/Dockerfile"
    path.write_text("# another comment\n" + path.read_text())
    (workshop.root / "lib/inner/code.py").chmod(0o600)
    assert workshop.digest() == before == workshop.build().image.digest


def test_environment_is_shared_by_images_with_the_same_lock(workshop: Workshop) -> None:
    workshop.build()
    workshop.write("stage/main.py", "pass\n")
    workshop.said.clear()
    assert workshop.build().fresh
    assert workshop.said == []
    assert len([path for path in workshop.images.envs.iterdir() if not path.name.startswith(".")]) == 1


def test_bytecode_is_made_and_linked_from_a_sibling(workshop: Workshop) -> None:
    first = workshop.build()
    workshop.write(
        "stage/requirements.lock", "# again\n" + (workshop.root / "stage/requirements.lock").read_text()
    )
    second = workshop.build()
    inodes = set()
    for built in (first, second):
        env = workshop.images.envs / workshop.images.manifest(built.image.digest).environment
        (bytecode,) = env.rglob("tiny.*.pyc")
        inodes.add(bytecode.stat().st_ino)
    assert len(inodes) == 1


def test_lock_with_a_wrong_hash_is_refused_and_nothing_is_left(workshop: Workshop) -> None:
    workshop.write("stage/requirements.lock", f"tiny==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(Precondition, match="could not be installed"):
        workshop.build()
    assert [path.name for path in workshop.images.envs.iterdir() if not path.name.endswith(".lock")] == []
    assert workshop.images.names() == {}


def test_leftovers_of_an_interrupted_build_are_no_obstacle(workshop: Workshop) -> None:
    built = workshop.build()
    folder = workshop.images.folder(built.image.digest)
    folder.rename(folder.with_name(f".{folder.name}.draft"))
    (folder.with_name(f".{folder.name}.draft") / "image.json").write_text("half")
    again = workshop.build()
    assert again.fresh
    assert workshop.images.manifest(again.image.digest).files == 3
    assert not folder.with_name(f".{folder.name}.draft").exists()


def test_builds_of_the_same_image_at_once_make_it_once(workshop: Workshop) -> None:
    fresh: list[bool] = []
    threads = [threading.Thread(target=lambda: fresh.append(workshop.build().fresh)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fresh) == [False, False, True]


def test_copy_of_a_link_is_refused(workshop: Workshop) -> None:
    (workshop.root / "lib/link.py").symlink_to("/etc/passwd")
    with pytest.raises(InvalidArgument, match="is a link"):
        workshop.build()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("COPY stage/main.py", "COPY stage/missing.py", "no file or folder stage/missing.py"),
        ("COPY stage/main.py", "COPY ../secret", "leads outside of the context"),
        (
            "COPY stage/requirements.lock /stage/requirements.lock",
            "",
            "no COPY brings /stage/requirements.lock",
        ),
        ("python:3.11-slim", "python:3.9-slim", "is Python 3.9, and calf runs on Python 3.11"),
    ],
)
def test_what_cannot_be_built_is_said(workshop: Workshop, old: str, new: str, message: str) -> None:
    path = workshop.root / "stage/Dockerfile"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InvalidArgument, match=message) as caught:
        workshop.build()
    assert "Dockerfile" in caught.value.message
    assert caught.value.hint


def test_names_are_checked(workshop: Workshop) -> None:
    for name in ("", "../x", "Upper", "a b"):
        with pytest.raises(InvalidArgument, match="is not a name for an image"):
            workshop.build(name)


def test_folder_without_dockerfile_is_named(workshop: Workshop) -> None:
    (workshop.root / "stage/Dockerfile").unlink()
    with pytest.raises(CalfError, match=r"there is no .*/stage/Dockerfile"):
        workshop.build()


def test_every_stage_of_ours_is_understood() -> None:
    from calf.runner.images.dockerfile import read_dockerfile
    from calf.runner.images.files import collect

    root = Path(__file__).resolve().parents[3]
    dockerfiles = sorted(root.glob("stages/*/Dockerfile"))
    assert dockerfiles
    for path in dockerfiles:
        recipe = read_dockerfile(path)
        assert (recipe.venv, recipe.lock, recipe.workdir) == (
            "/opt/venv",
            "/stage/requirements.lock",
            "/stage",
        )
        targets = {file.target for file in collect(recipe, root, path)}
        assert {"/stage/main.py", "/stage/requirements.lock", "/stage/stagekit/stage.py"} <= targets
