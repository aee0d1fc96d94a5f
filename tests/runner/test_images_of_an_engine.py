"""Which image a name means where stages run in containers: asked of a stand-in for an engine's client."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from calf.kit.errors import NotFound, Precondition
from calf.model.pps_infos import CONTAINER, HOST, Image
from calf.model.statement.facts import ImageFacts, Source
from calf.runner.containers.images import SOURCES, Patience
from calf.runner.images.catalog import Catalog, no_engine
from calf.runner.images.store import STAGE, ImageStore, Manifest, write_manifest

ENGINE = """#!/bin/sh
here=$(dirname "$0")
[ -e "$here/hangs" ] && exec sleep 60
[ -e "$here/broken" ] && { echo "Cannot connect"; exit 125; }
asked=$1
while [ "$1" != -- ]; do shift; done
name=$(echo "$2" | tr /:@ ___)
[ -e "$here/known/$name" ] || { echo "[]"; echo "Error: inspecting object: $2: image not known"; exit 125; }
echo "WARN[0000] something"
[ $asked = history ] && exec cat "$here/known/$name.history"
printf "the image is "; cat "$here/known/$name"; echo "more words"
"""
ID, OTHER, OWN = (f"sha256:{digit * 64}" for digit in "abc")


@dataclass
class Shelf:
    """An engine's store, of which the client is a script."""

    folder: Path
    catalog: Catalog

    def put(self, name: str, number: str = ID, digests: tuple[str, ...] = (), **config: Any) -> None:
        words = (number.removeprefix("sha256:"), *map(json.dumps, (config, digests, [name])))
        for known in (name, number):
            path = self.folder / "known" / _as_file(known)
            path.write_text(" ".join(words) + "\n")
            label = (config.get("Labels") or {}).get(SOURCES)
            self.set_steps(known, f"/bin/sh -c #(nop) LABEL {SOURCES}={label}", "/bin/sh -c #(nop) USER 1000")

    def set_steps(self, name: str, *newest_first: str) -> None:
        path = self.folder / "known" / f"{_as_file(name)}.history"
        path.write_text("".join(f"a step was {step}\n" for step in newest_first))

    def remove(self, name: str) -> None:
        (self.folder / "known" / _as_file(name)).unlink()


def _as_file(name: str) -> str:
    return name.translate(str.maketrans("/:@", "___"))


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    script = tmp_path / "podman"
    script.write_text(ENGINE)
    script.chmod(0o755)
    (tmp_path / "known").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    home = tmp_path / "home"
    home.mkdir()
    return Shelf(tmp_path, Catalog(ImageStore(home), home / "engine", lambda: "podman"))


def build_own(shelf: Shelf, name: str, digest: str = OWN) -> Image:
    own = shelf.catalog.own
    own.folder(digest).mkdir(parents=True)
    own.tag(name, digest)
    return Image(name, digest, STAGE)


def test_what_the_engine_has_is_pinned_by_its_id(shelf: Shelf) -> None:
    shelf.put("python:3.11-slim", Env=["PATH=/usr/local/bin:/bin", "LANG=C"], WorkingDir="/srv")
    image = shelf.catalog.resolve("python:3.11-slim")
    assert image == Image("python:3.11-slim", ID, CONTAINER)
    view = shelf.catalog.view(image)
    assert (view.env["LANG"], view.path, view.workdir) == ("C", "/usr/local/bin:/bin", "/srv")
    assert view.base
    assert view.base.id == ID


def test_what_it_lacks_is_ours_as_before(shelf: Shelf) -> None:
    own = build_own(shelf, "calf/train")
    assert shelf.catalog.resolve("calf/train") == own


def test_this_machine_stands_in_for_what_the_engine_lacks_only_where_its_owner_says_so(shelf: Shelf) -> None:
    with pytest.raises(NotFound, match=r"ubuntu:22\.04") as told:
        shelf.catalog.resolve("ubuntu:22.04")
    assert "`podman pull ubuntu:22.04`" in told.value.hint
    assert "`--host-image`" in told.value.hint
    assert replace(shelf.catalog, stands_in=True).resolve("ubuntu:22.04").kind == HOST
    assert replace(shelf.catalog, engine=no_engine).resolve("ubuntu:22.04").kind == HOST


def test_the_machine_itself_is_never_looked_for_in_an_engine(shelf: Shelf) -> None:
    shelf.put("host")
    assert shelf.catalog.resolve("host").kind == HOST


def test_an_image_that_nobody_knows_is_an_error_with_the_places_and_the_commands(shelf: Shelf) -> None:
    with pytest.raises(NotFound, match="known neither to podman on this machine nor to calf") as told:
        shelf.catalog.resolve("mine:1.0")
    assert "`podman pull mine:1.0`" in told.value.hint
    assert "nothing is pulled by itself" in told.value.hint


def test_two_images_of_one_name_are_one_when_made_of_the_same_files(shelf: Shelf) -> None:
    build_own(shelf, "calf/train")
    shelf.put("calf/train", Labels={SOURCES: OWN}, digests=(f"localhost/calf/train@{OTHER}",))
    image = shelf.catalog.resolve("calf/train")
    assert image == Image("calf/train", ID, CONTAINER)
    assert shelf.catalog.describe(image) == ImageFacts(manifest=OTHER, sources=OWN)


def test_what_is_known_of_the_same_files_is_known_of_the_engines_image(shelf: Shelf) -> None:
    """A release wants to know the commit that the code was taken from."""
    own = shelf.catalog.own
    build_own(shelf, "calf/train")
    (own.folder(OWN) / "tree").mkdir()
    write_manifest(own.folder(OWN), Manifest(OWN, "3.11.7", "", {}, "/", "", "", 0, {}, ("numpy==2.0",)))
    own.source_file(OWN).write_text('{"commit": "c0ffee", "dirty": false, "changed": []}')
    shelf.put("calf/train", Labels={SOURCES: OWN})
    assert shelf.catalog.describe(shelf.catalog.resolve("calf/train")) == ImageFacts(
        packages=("numpy==2.0",), python="3.11.7", source=Source("c0ffee", dirty=False), sources=OWN
    )
    shelf.put("other", Labels={SOURCES: "nonsense"})
    assert shelf.catalog.describe(shelf.catalog.resolve("other")) == ImageFacts(sources="nonsense")


@pytest.mark.parametrize(
    ("labels", "words"), [({SOURCES: OTHER}, "other files"), (None, "does not say"), ({}, "does not say")]
)
def test_two_that_differ_are_an_error_until_one_is_named(
    shelf: Shelf, labels: dict[str, str] | None, words: str
) -> None:
    own = build_own(shelf, "calf/train")
    shelf.put("calf/train", Labels=labels)
    shelf.put("localhost/calf/train", Labels=labels)
    with pytest.raises(Precondition, match=f"image calf/train is two: .*{words}") as told:
        shelf.catalog.resolve("calf/train")
    assert f"localhost/calf/train, or calf/train@{OWN}" in told.value.hint
    assert shelf.catalog.resolve("localhost/calf/train").kind == CONTAINER
    assert shelf.catalog.resolve(f"calf/train@{OWN}").digest == own.digest


def test_an_image_that_was_built_on_one_of_ours_is_not_made_of_the_same_files(shelf: Shelf) -> None:
    """It has its label all the same."""
    build_own(shelf, "calf/train")
    for name in ("calf/train", "localhost/calf/train"):
        shelf.put(name, Labels={SOURCES: OWN})
    label = f"LABEL {SOURCES}={OWN}"
    for steps in (["RUN pip install other", label], ["USER 0"], [f"{label}1"], []):
        shelf.set_steps(ID, *steps)
        with pytest.raises(Precondition, match="does not say what it is made of"):
            shelf.catalog.resolve("calf/train")
        assert shelf.catalog.describe(shelf.catalog.resolve("localhost/calf/train")) == ImageFacts()
    shelf.set_steps(ID, f'LABEL "{SOURCES}"="{OWN}"')
    assert shelf.catalog.resolve("calf/train").digest == ID


def test_names_of_what_was_built_here_are_listed_with_what_they_stand_for(shelf: Shelf) -> None:
    """By that a run knows whether a pipeline's image is another one now."""
    one, two = build_own(shelf, "calf/one", OWN), build_own(shelf, "calf/two", OTHER)
    assert shelf.catalog.named() == [one, two]
    shelf.put("calf/two", OTHER)
    shelf.put("calf/one", Labels={SOURCES: OWN})
    assert shelf.catalog.named() == [Image("calf/one", ID, CONTAINER), two]


def test_a_name_with_a_digest_is_found_by_it(shelf: Shelf) -> None:
    shelf.put(f"registry.example/x@{OTHER}")
    assert shelf.catalog.resolve(f"registry.example/x@{OTHER}").digest == ID
    assert shelf.catalog.resolve(f"x@{ID}").digest == ID


def test_an_image_of_another_name_is_never_taken(shelf: Shelf) -> None:
    shelf.put("other")
    for name in ("mine@other", "localhost/other"):
        with pytest.raises(NotFound, match=name):
            shelf.catalog.resolve(name)


def test_docker_knows_images_of_this_machine_by_the_plain_name(shelf: Shelf) -> None:
    (shelf.folder / "podman").rename(shelf.folder / "docker")
    shelf.put("mine:1")
    assert replace(shelf.catalog, engine=lambda: "docker").resolve("localhost/mine:1").digest == ID


def test_the_beginning_of_an_id_is_no_name(shelf: Shelf) -> None:
    shelf.put("cafe")
    assert shelf.catalog.resolve("cafe").digest == ID
    (shelf.folder / "known/cafe0").write_text((shelf.folder / "known/cafe").read_text())
    with pytest.raises(NotFound):
        shelf.catalog.resolve("cafe0")


def test_an_image_that_was_removed_is_told_with_what_its_name_means_now(shelf: Shelf) -> None:
    shelf.put("mine:1")
    image = shelf.catalog.resolve("mine:1")
    assert shelf.catalog.changed(image) == ""
    shelf.put("mine:1", OTHER)
    assert shelf.catalog.changed(image) == "", "the pinned one is there still, under no name"
    shelf.remove(ID)
    told = shelf.catalog.changed(image)
    assert told.startswith(
        f"image mine:1 ({ID}) is not in the store of podman any more, where that name is {OTHER}"
    )
    assert "`podman pull mine:1` brings it back, if that name is the same still" in told
    assert "pachctl update pipeline" in told
    with pytest.raises(NotFound):
        shelf.catalog.examine(image)
    assert shelf.catalog.describe(image) == ImageFacts()


def test_an_engine_that_cannot_be_asked_is_no_engine_without_images(shelf: Shelf) -> None:
    build_own(shelf, "calf/train")
    shelf.put("mine:1")
    image = shelf.catalog.resolve("mine:1")
    (shelf.folder / "broken").touch()
    with pytest.raises(Precondition, match="podman image: Cannot connect"):
        shelf.catalog.resolve("calf/train")
    assert "Cannot connect" in shelf.catalog.changed(image)


def test_an_engine_that_does_not_answer_is_left_alone_for_a_while(shelf: Shelf) -> None:
    """Some of who asks holds up all that is to be written meanwhile."""
    shelf.put("mine:1")
    (shelf.folder / "hangs").touch()
    patient, impatient = (replace(shelf.catalog, _patience=Patience(0.2, rests)) for rests in (0, 600))
    for catalog in (patient, impatient):
        with pytest.raises(Precondition, match=r"podman image: no answer within 0\.2 s"):
            catalog.resolve("mine:1")
    (shelf.folder / "hangs").unlink()
    assert replace(patient, _patience=Patience()).resolve("mine:1").digest == ID
    with pytest.raises(Precondition, match="no answer"):
        impatient.resolve("mine:1")


def test_words_that_nobody_understands_are_an_error(shelf: Shelf) -> None:
    (shelf.folder / "known/mine").write_text("no image at all")
    with pytest.raises(Precondition, match=r"not understood: .*no image at all"):
        shelf.catalog.resolve("mine")


def test_a_server_without_an_engine_says_what_the_pipeline_wants(shelf: Shelf) -> None:
    shelf.put("mine:1")
    image = shelf.catalog.resolve("mine:1")
    without = Catalog(shelf.catalog.own, shelf.catalog.place, no_engine)
    told = without.changed(image)
    assert "runs stages without one; `CALF_RUNNER=podman`" in told
    with pytest.raises(NotFound):
        without.resolve("mine:1")


def test_docker_is_not_given_images_with_volumes(shelf: Shelf) -> None:
    """It would make folders of them that a stage may write to, and that the next datum finds."""
    (shelf.folder / "podman").rename(shelf.folder / "docker")
    shelf.put("mine:1", Volumes={"/data": {}})
    docker = replace(shelf.catalog, engine=lambda: "docker")
    assert "declares volumes (/data)" in docker.changed(docker.resolve("mine:1"))
