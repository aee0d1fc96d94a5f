"""Names to images, and images in sandboxes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import NotFound
from calf.model.ports import DatumRun, WorkerSpec
from calf.model.refs import Pipeline
from calf.runner.engine import open_runner
from calf.runner.images import ImageStore

if TYPE_CHECKING:
    from pathlib import Path

    from calf.runner.images.build import Built
    from calf.storage.store import Store
    from tests.runner.benches import Bench
    from tests.runner.images.conftest import Workshop


@pytest.mark.parametrize(
    "name",
    ["ubuntu:20.04", "debian", "docker.io/library/alpine:3", "python:3.11", "pachyderm/opencv", "host"],
)
def test_names_of_plain_systems_mean_this_machine(tmp_path: Path, name: str) -> None:
    image = ImageStore(tmp_path).resolve(name)
    assert (image.name, image.kind) == (name, "host")
    assert image.digest == ImageStore(tmp_path).resolve("host").digest
    assert image.digest.startswith("sha256:")


def test_host_patterns_are_a_setting(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        ImageStore(tmp_path, ("host",)).resolve("ubuntu:20.04")


def test_unknown_name_is_told_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match='image "calf/stage" is not known') as caught:
        ImageStore(tmp_path).resolve("calf/stage")
    assert caught.value.hint == "build it with `calf image build FOLDER -t calf/stage`"


def test_misspelt_name_is_told_the_nearest(built_workshop: tuple[Workshop, Built]) -> None:
    workshop, _ = built_workshop
    with pytest.raises(NotFound) as caught:
        workshop.images.resolve("calf/stag")
    assert caught.value.hint == 'did you mean "calf/stage"?'


def test_latest_goes_without_saying(built_workshop: tuple[Workshop, Built]) -> None:
    workshop, built = built_workshop
    assert workshop.images.resolve("calf/stage:latest").digest == built.image.digest


@pytest.mark.parametrize("pinned", ["sha256:..", "sha256:../..", "..", "sha256:" + "0" * 64])
def test_pinned_digest_that_is_none_is_not_found(built_workshop: tuple[Workshop, Built], pinned: str) -> None:
    workshop, _ = built_workshop
    with pytest.raises(NotFound):
        workshop.images.resolve(f"calf/stage@{pinned}")


def test_a_built_name_wins_over_a_pattern(workshop: Workshop) -> None:
    built = workshop.build("python-stage")
    assert workshop.images.resolve("python-stage") == built.image


def test_removed_image_is_not_found(workshop: Workshop) -> None:
    built = workshop.build()
    folder = workshop.images.folder(built.image.digest)
    folder.rename(folder.with_name("gone"))
    with pytest.raises(NotFound):
        workshop.images.resolve("calf/stage")
    with pytest.raises(NotFound):
        workshop.images.view(built.image)


def test_an_image_runs_with_its_environment_and_code(
    workshop: Workshop, open_bench: Callable[[str], Bench], tmp_path: Path, store: Store
) -> None:
    bench = open_bench("unshare")
    built = workshop.build()
    runner = open_runner(tmp_path / "home", store, bench.runner.worker_api, workshop.images.view)
    worker = runner.worker(
        WorkerSpec(Pipeline("default", "p"), built.image, ("python", "main.py", "$GREETING"))
    )
    outcome = worker.run(
        DatumRun("d", {}, ()), lambda line, user: bench.lines.append((line, user)), CancelToken()
    )
    worker.close()
    assert bench.read(outcome) == {"/f": b"41 /opt/venv ['main.py', '$GREETING']"}


@pytest.mark.parametrize(
    ("env", "run", "found"),
    [
        ("", False, "{base}"),
        ("ENV PATH=/stage/bin:$PATH", False, "{base}"),
        ("ENV PATH=/stage/bin:/usr/bin", False, "{base}"),
        ("", True, "/opt/venv"),
    ],
)
def test_python_is_found_whatever_the_dockerfile_says_of_the_path(
    workshop: Workshop, env: str, run: bool, found: str
) -> None:
    lines = (workshop.root / "stage/Dockerfile").read_text().splitlines()
    kept = [line for line in lines if not line.startswith("ENV") and (run or "venv" not in line)]
    workshop.write("stage/Dockerfile", "\n".join([*kept, env]))
    path = workshop.images.view(workshop.build().image).path.split(":")
    programs = [folder for folder in path if folder in ("/opt/venv/bin", f"{sys.base_prefix}/bin")]
    assert programs[0] == found.format(base=sys.base_prefix) + "/bin"
    assert any("also needs ENV PATH=/opt/venv/bin:$PATH" in line for line in workshop.said) is run


def test_scripts_of_packages_run_and_nothing_can_be_changed(
    workshop: Workshop, open_bench: Callable[[str], Bench], tmp_path: Path, store: Store
) -> None:
    bench = open_bench("unshare")
    built = workshop.build()
    runner = open_runner(tmp_path / "home", store, bench.runner.worker_api, workshop.images.view)
    script = "head -c 9 $(command -v say-tiny); cat inner/code.py; touch /stage/x /opt/venv/x; echo $GREETING"
    worker = runner.worker(WorkerSpec(Pipeline("default", "p"), built.image, ("sh", "-c", script)))
    worker.run(DatumRun("d", {}, ()), lambda line, user: bench.lines.append((line, user)), CancelToken())
    worker.close()
    said = bench.said()
    assert said.startswith("#!/bin/sh")
    assert "x = 1" in said
    assert said.count("Read-only file system") == 2
    assert said.endswith("good day")
