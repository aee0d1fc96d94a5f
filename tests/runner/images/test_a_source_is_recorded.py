"""Which commit of git an image comes from is written down beside it, and whether it really does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from blake3 import blake3

from calf.model.pps_infos import HOST, Image
from calf.model.statement.facts import ImageFacts, Source
from calf.runner.images.build import Built
from calf.runner.images.facts import Inventory
from calf.runner.images.packages import locked_packages
from calf.runner.images.source import read_source, record_source
from tests.runner.images.conftest import Workshop


@pytest.fixture
def repository(workshop: Workshop) -> Workshop:
    """A workshop without packages, whose context is a repository with one commit."""
    dockerfile = "FROM python:3.11-slim\nCOPY stage/main.py lib /stage/\n"
    workshop.write("stage/Dockerfile", dockerfile)
    git(workshop, "init", "-q")
    commit(workshop)
    return workshop


def git(workshop: Workshop, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    return subprocess.run(
        ["git", *who, *arguments], cwd=workshop.root, capture_output=True, text=True, check=True
    ).stdout.strip()


def commit(workshop: Workshop) -> str:
    git(workshop, "add", "-A")
    git(workshop, "commit", "-q", "-m", "x", "--allow-empty")
    return git(workshop, "rev-parse", "HEAD")


def source(workshop: Workshop) -> Source:
    return read_source(workshop.images.source_file(workshop.build().image.digest))


def test_files_that_are_as_committed_are_clean(repository: Workshop) -> None:
    head = git(repository, "rev-parse", "HEAD")
    assert source(repository) == Source(head, False, ())
    repository.write("README", "of no image\n")
    repository.write("lib/__pycache__/code.pyc", "derived")
    repository.write("stage/main.py~", "copied by nobody")
    assert source(repository) == Source(head, False, ())


def test_what_differs_from_the_commit_is_named(repository: Workshop) -> None:
    head = git(repository, "rev-parse", "HEAD")
    repository.write("stage/main.py", "changed\n")
    repository.write("lib/new with a space.py", "untracked\n")
    repository.write(".gitignore", "ignored.py\n")
    repository.write("lib/ignored.py", "and yet in the image\n")
    assert source(repository) == Source(
        head, True, ("lib/ignored.py", "lib/new with a space.py", "stage/main.py")
    )


def test_deleted_files_and_rights_count_too(repository: Workshop) -> None:
    repository.write("lib/gone.py", "x\n")
    head = commit(repository)
    (repository.root / "lib/gone.py").unlink()
    (repository.root / "lib/inner/code.py").chmod(0o755)
    repository.write(
        "stage/Dockerfile", "FROM python:3.11-slim\nWORKDIR /stage\nCOPY stage/main.py lib /stage/\n"
    )
    assert source(repository) == Source(head, True, ("lib/gone.py", "lib/inner/code.py", "stage/Dockerfile"))


def test_what_is_committed_after_it_was_built_is_clean_from_then_on(repository: Workshop) -> None:
    repository.write("stage/main.py", "changed\n")
    first = repository.build()
    assert read_source(repository.images.source_file(first.image.digest)).dirty is True
    head = commit(repository)
    again = repository.build()
    assert (again.image.digest, again.fresh) == (first.image.digest, False)
    assert source(repository) == Source(head, False, ())
    repository.write("stage/main.py", "other\n")
    commit(repository)
    repository.write("stage/main.py", "changed\n")
    assert source(repository) == Source(head, False, ()), "the image is still the one of that commit"


def test_without_a_repository_nothing_is_known(workshop: Workshop) -> None:
    workshop.write("stage/Dockerfile", "FROM python:3.11-slim\nCOPY stage/main.py lib /stage/\n")
    assert source(workshop) == Source()
    git(workshop, "init", "-q")
    assert source(workshop) == Source(), "there is no commit yet"


def test_the_source_is_no_part_of_the_digest(repository: Workshop) -> None:
    before = repository.build().image.digest
    commit(repository)
    assert repository.build().image.digest == before


def test_a_record_is_replaced_by_what_is_known_better(tmp_path: Path) -> None:
    path = tmp_path / "x.source.json"
    for told, kept in (
        (Source("a", True, ("x",)), Source("a", True, ("x",))),
        (Source("b", False), Source("b", False)),
        (Source("c", True, ("x",)), Source("b", False)),
        (Source(), Source("b", False)),
        (Source("d", False), Source("d", False)),
    ):
        record_source(path, told)
        assert read_source(path) == kept


def test_an_image_is_described_as_it_lies_there(built_workshop: tuple[Workshop, Built]) -> None:
    workshop, built = built_workshop
    facts = workshop.images.describe(built.image)
    code = (workshop.root / "lib/inner/code.py").read_bytes()
    assert facts.files["/stage/inner/code.py"] == blake3(code).hexdigest()
    assert set(facts.files) == {"/stage/main.py", "/stage/inner/code.py", "/stage/requirements.lock"}
    assert facts.packages == ("tiny==1.0",)
    assert facts.python.startswith("3.")
    manifest = workshop.images.manifest(built.image.digest)
    assert manifest.digests == facts.files
    assert tuple(manifest.packages) == facts.packages


def test_of_what_is_gone_nothing_is_known(workshop: Workshop) -> None:
    assert workshop.images.describe(Image("x", "sha256:" + "0" * 64, "stage")) == ImageFacts()
    host = workshop.images.describe(Image("host", "sha256:1", HOST))
    assert host.python
    assert host.files == {}


def test_files_are_looked_at_again_once_they_were_touched(tmp_path: Path) -> None:
    inventory, file = Inventory(), tmp_path / "tree" / "a" / "b.py"
    file.parent.mkdir(parents=True)
    file.write_text("one")
    first = inventory.files(tmp_path / "tree").digests
    assert first == {"/a/b.py": blake3(b"one").hexdigest()}
    assert inventory.files(tmp_path / "tree").digests is first
    file.write_text("two")
    assert inventory.files(tmp_path / "tree").digests == {"/a/b.py": blake3(b"two").hexdigest()}


def test_packages_of_a_lock() -> None:
    lock = "b==2.0 \\\n    --hash=sha256:00\na[x,y]==1.0 ; python_version > '3'\n# c==3\n  d==4\n"
    assert locked_packages(lock) == ("b==2.0", "a==1.0")
