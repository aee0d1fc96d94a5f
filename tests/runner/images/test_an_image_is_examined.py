"""An image that is no longer what its digest says: which file, line of the lock or package is another."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calf.kit.errors import IntegrityError, NotFound
from calf.model.pps_infos import HOST, Image
from calf.model.statement.identity import hash_of_identity
from calf.runner.images import ImageStore, examining, identity
from calf.runner.images.build import Built
from calf.runner.images.packages import wanted_packages


@pytest.fixture
def workshop(built_workshop: Any, tmp_path: Path) -> Any:
    """A copy of what was built once for all these tests, which they may change."""
    made, _ = built_workshop
    shutil.copytree(made.images.root, tmp_path / "home", symlinks=True)
    return replace(made, images=ImageStore(tmp_path / "home"))


@pytest.fixture
def built(built_workshop: tuple[Any, Built]) -> Built:
    return built_workshop[1]


def tree(workshop: Any, built: Built) -> Path:
    return Path(workshop.images.folder(built.image.digest), "tree")


def environment(workshop: Any, built: Built) -> Path:
    return Path(workshop.images.envs, workshop.images.manifest(built.image.digest).environment)


def write(path: Path, text: str) -> None:
    if path.exists():
        path.chmod(0o644)
    path.write_text(text)


def said(workshop: Any, built: Built, **how: bool) -> list[str]:
    return [fault.words for fault in workshop.images.examine(built.image, **how)]


def test_one_that_is_as_it_was(workshop: Any, built: Built) -> None:
    assert said(workshop, built, packages=True) == []


def test_a_byte_of_the_code(workshop: Any, built: Built) -> None:
    path = tree(workshop, built) / "stage" / "main.py"
    write(path, path.read_text().replace("tiny.VALUE", "tiny.VALUe"))
    assert said(workshop, built) == ["/stage/main.py of image calf/stage differs from its digest"]


def test_files_that_came_and_went(workshop: Any, built: Built) -> None:
    code = tree(workshop, built) / "stage"
    (code / "inner" / "code.py").unlink()
    write(code / "more.py", "")
    (code / "folder").symlink_to("/etc")
    assert said(workshop, built) == [
        "/stage/inner/code.py of image calf/stage is missing",
        "/stage/folder of image calf/stage was added",
        "/stage/more.py of image calf/stage was added",
    ]


def test_a_file_that_became_a_link_to_its_bytes(workshop: Any, built: Built, tmp_path: Path) -> None:
    path = tree(workshop, built) / "stage" / "main.py"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert said(workshop, built) == ["/stage/main.py of image calf/stage differs from its digest"]


def test_a_line_of_the_lock(workshop: Any, built: Built) -> None:
    path = tree(workshop, built) / "stage" / "requirements.lock"
    write(path, path.read_text().replace("tiny==1.0", "tiny==1.1") + "\nother==2.0 --hash=sha256:00\n")
    assert said(workshop, built) == [
        "/stage/requirements.lock of image calf/stage differs from its digest",
        "(no other) → 2.0 in /stage/requirements.lock of image calf/stage",
        "tiny==1.0 → 1.1 in /stage/requirements.lock of image calf/stage",
    ]


def test_the_lock_beside_the_packages(workshop: Any, built: Built) -> None:
    lock = environment(workshop, built) / "requirements.lock"
    write(lock, lock.read_text().replace("tiny==1.0", "tiny==1.1"))
    assert said(workshop, built) == []  # the image has the true one, and what is installed is what that says
    write(tree(workshop, built) / "stage" / "requirements.lock", "")
    assert said(workshop, built)[-1] == "the lock of image calf/stage is not the one that its digest names"


def test_a_package_of_another_version(workshop: Any, built: Built) -> None:
    (info,) = environment(workshop, built).glob("lib/python3*/site-packages/tiny-1.0.dist-info")
    info.rename(info.with_name("tiny-1.2.dist-info"))
    assert said(workshop, built) == ["tiny==1.0 → 1.2 in the packages of image calf/stage"]


def test_a_byte_of_a_package(workshop: Any, built: Built) -> None:
    (source,) = environment(workshop, built).glob("lib/python3*/site-packages/tiny.py")
    digest = base64.urlsafe_b64encode(hashlib.sha256(source.read_bytes()).digest()).decode().rstrip("=")
    record = source.parent / "tiny-1.0.dist-info" / "RECORD"
    record.unlink()
    record.write_text(f"tiny.py,sha256={digest},11\ntiny-1.0.dist-info/RECORD,,\n")
    assert said(workshop, built, packages=True) == []
    source.unlink()
    source.write_text("VALUE = 42\n")
    assert said(workshop, built) == [], "that takes a while, so it must be asked for"
    assert said(workshop, built, packages=True) == [
        "tiny.py in the packages of image calf/stage is not as it was installed"
    ]


def test_packages_that_are_gone(workshop: Any, built: Built) -> None:
    place = environment(workshop, built)
    place.rename(place.with_name("gone"))
    assert said(workshop, built) == ["the packages of image calf/stage are gone"]


def test_the_manifest_and_the_right_to_execute(workshop: Any, built: Built) -> None:
    code = tree(workshop, built) / "stage" / "main.py"
    code.chmod(0o555)
    (words,) = said(workshop, built)
    assert words.startswith("the right to execute /stage/main.py of image calf/stage differs from its digest")
    code.chmod(0o444)
    manifest = workshop.images.folder(built.image.digest) / "image.json"
    document = json.loads(manifest.read_text())
    write(manifest, json.dumps({**document, "env": {**document["env"], "GREETING": "bad day"}}))
    (words,) = said(workshop, built)
    assert words.startswith(
        "the manifest (variables, working folder) or the right to execute several files of"
    )
    write(manifest, "{")
    with pytest.raises(IntegrityError, match=r"manifest of image sha256:.* cannot be read"):
        said(workshop, built)


def test_an_image_of_an_earlier_calf(workshop: Any, built: Built) -> None:
    manifest = workshop.images.folder(built.image.digest) / "image.json"
    document = json.loads(manifest.read_text())
    write(manifest, json.dumps({**document, "digests": {}, "packages": []}))
    assert said(workshop, built) == []
    write(tree(workshop, built) / "stage" / "main.py", "")
    (words,) = said(workshop, built)
    assert words == f"a file of image calf/stage differs from its digest {built.image.digest}"


def test_another_python(workshop: Any, built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity.platform.python_version()
    monkeypatch.setattr(examining.platform, "python_version", lambda: "3.11.99")
    assert said(workshop, built) == [
        f"image calf/stage was built for Python {before}, and this machine has 3.11.99 now"
    ]


def test_this_machine_and_one_that_is_gone(workshop: Any, built: Built) -> None:
    host = workshop.images.resolve(HOST)
    assert workshop.images.examine(host) == ()
    (fault,) = workshop.images.examine(replace(host, digest="sha256:0"))
    assert fault.words.startswith("this machine's own system (its distribution or its Python) is another: ")
    with pytest.raises(NotFound, match="is not on this machine any more"):
        workshop.images.examine(Image("calf/stage", "sha256:" + "0" * 64, "stage"))


def test_what_was_looked_at_is_read_again_once_it_was_touched(workshop: Any, built: Built) -> None:
    images = workshop.images
    assert images.changed(built.image) == ""
    path = tree(workshop, built) / "stage" / "main.py"
    write(path, path.read_text() + "\n")
    told = images.changed(built.image)
    assert told.startswith(
        "image calf/stage is not what its digest says: /stage/main.py of image calf/stage differs from its"
        " digest; `calf image build FOLDER -t calf/stage` mends it"
    )
    assert images.changed(built.image) is told
    host = images.resolve("host")
    assert images.changed(host) == ""
    assert "pachctl update pipeline" in images.changed(Image("host", "sha256:1", HOST))


def test_what_a_digest_is_the_hash_of_is_told_as_it_lies_there(workshop: Any, built: Built) -> None:
    def told() -> bool:
        return hash_of_identity(workshop.images.describe(built.image).identity) == built.image.digest

    assert told()
    path = tree(workshop, built) / "stage" / "main.py"
    write(path, path.read_text() + "\n")
    assert not told()


def test_a_build_mends_what_was_changed(workshop: Any, built: Built) -> None:
    path = tree(workshop, built) / "stage" / "main.py"
    write(path, path.read_text() + "\n")
    (info,) = environment(workshop, built).glob("lib/python3*/site-packages/tiny-1.0.dist-info")
    info.rename(info.with_name("tiny-1.2.dist-info"))
    again = workshop.build()
    assert again.image == built.image
    assert "is not what its digest says" in again.changed
    assert said(workshop, built, packages=True) == []
    assert workshop.build().changed == ""


def test_packages_wanted_elsewhere_only_may_lack() -> None:
    lock = b"tiny==1.0\nelse==2.0 ; sys_platform == 'win32'\n"
    assert wanted_packages(lock, {"tiny": "1.0"}) == {"tiny": "1.0"}
    assert wanted_packages(lock, {"else": "1.0"}) == {"tiny": "1.0", "else": "2.0"}
