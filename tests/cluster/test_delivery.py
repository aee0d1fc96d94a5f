"""The Job of cluster-conf/delivery, against a server of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

import deliver
from calf.client.connection import connect
from calf.wire.messages import pfs
from driver.apply import find_pipeline
from driver.checkout import STAGES, StepFailedError
from driver.rendering import read_digests, render_all
from tests.cluster.conftest import REGISTRY, REVISION, ROOT

SPECS = ROOT / "pipelines"
GPU = ROOT / "cluster-conf/delivery/gpu"


def arguments(address: str, digests: Path, overlays: Path, revision: str = REVISION) -> list[str]:
    given = {
        "address": address, "specs": SPECS, "overlays": overlays, "digests": digests, "registry": REGISTRY,
        "revision": revision,
    }  # fmt: skip
    return [f"--{name}={value}" for name, value in given.items()]


def overlays_of(tmp_path: Path) -> Path:
    for path in GPU.glob("t*.yaml"):
        (tmp_path / path.name).write_text(path.read_text())
    return tmp_path


def test_delivering_makes_the_pipelines_and_writes_the_commit_down(
    server_address: str, digests: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = arguments(server_address, digests, tmp_path / "none")
    assert deliver.main(words) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        *([name, "created"] for name in STAGES),
        ["in", "force:", REVISION],
    ]
    with connect(server_address) as client:
        split = find_pipeline(client, "split")
        project = client.pfs.InspectProject(pfs.InspectProjectRequest(project=pfs.Project(name="default")))
    assert split is not None
    assert split.details.transform.image == f"{REGISTRY}/calf/split@{read_digests(digests)['calf/split']}"
    assert dict(project.metadata) == {deliver.REVISION: REVISION}


def test_delivering_again_changes_nothing_but_what_was_changed(
    server_address: str, digests: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = arguments(server_address, digests, tmp_path / "none")
    assert deliver.main(words) == 0
    assert deliver.main(words) == 0
    assert capsys.readouterr().out.count("unchanged") == len(STAGES)
    text = digests.read_text()
    digests.write_text(text.replace(read_digests(digests)["calf/tune"], "sha256:" + "e" * 64))
    assert deliver.main(arguments(server_address, digests, tmp_path / "none", "b" * 40)) == 0
    said = capsys.readouterr().out
    assert ["tune", "updated"] in [line.split() for line in said.splitlines()]
    assert said.count("updated") == 1


def test_with_the_gpu_overlay_train_and_tune_ask_for_one_and_no_other_does(
    server_address: str, digests: Path, tmp_path: Path
) -> None:
    assert deliver.main(arguments(server_address, digests, overlays_of(tmp_path))) == 0
    with connect(server_address) as client:
        found = {name: find_pipeline(client, name) for name in STAGES}
    asked = {
        name: info.details.resource_limits.gpu.number for name, info in found.items() if info is not None
    }
    assert {name for name, number in asked.items() if number == 1} == {"train", "tune"}
    train = found["train"]
    assert train is not None
    assert train.details.resource_limits.memory == "12Gi"
    assert [toleration.key for toleration in train.details.tolerations] == ["nvidia.com/gpu"]


@pytest.mark.parametrize(
    ("lock", "complaint"),
    [
        (None, "is not there: no image has a digest yet"),
        ("calf/ingest sha256:12\n", ":1: expected NAME sha256:<64 hex digits>"),
        ("calf/ingest latest\n", ":1: expected NAME sha256:<64 hex digits>"),
        (f"calf/ingest sha256:{'a' * 64}\n" * 2, ":2: calf/ingest stands there twice"),
        (f"calf/ingest sha256:{'a' * 64}\n", "split: calf/split has no digest"),
    ],
)
def test_an_image_without_a_digest_is_refused_before_anything_is_asked(
    lock: str | None, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "digests.lock"
    if lock is not None:
        path.write_text(lock)
    assert deliver.main(arguments("127.0.0.1:1", path, tmp_path / "none")) == deliver.FAILED
    assert complaint in capsys.readouterr().err


def test_a_revision_is_a_whole_commit(
    digests: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for revision in ("main", "HEAD", "", "abc1234"):
        assert deliver.main(arguments("127.0.0.1:1", digests, tmp_path / "none", revision)) == deliver.FAILED
        assert "expected the whole id of a commit" in capsys.readouterr().err


def test_a_registry_is_a_host_and_a_path_without_scheme_or_slash_at_the_end(
    digests: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = arguments("127.0.0.1:1", digests, tmp_path / "none")
    for registry in ("https://registry.example.org", "registry.example.org/", "a b", ""):
        assert deliver.main([*words, "--dry-run", f"--registry={registry}"]) == deliver.FAILED
        assert "expected host, or host/path" in capsys.readouterr().err
    for registry in ("localhost:5000", "registry.example.org:443/a/b-c_d"):
        assert deliver.main([*words, "--dry-run", f"--registry={registry}"]) == 0


def test_a_spec_that_the_server_refuses_is_named_and_nothing_is_changed(
    server_address: str, digests: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    specs = tmp_path / "specs"
    specs.mkdir()
    for path in SPECS.glob("[0-9]-*.yaml"):
        (specs / path.name).write_text(path.read_text().replace("memory: 12Gi", "memory: 12Gigs"))
    words = [*arguments(server_address, digests, tmp_path / "none"), f"--specs={specs}"]
    assert deliver.main(words) == deliver.FAILED
    assert "deliver: pipeline train: " in capsys.readouterr().err
    with connect(server_address) as client:
        assert find_pipeline(client, "ingest") is None


def test_an_overlay_for_no_pipeline_is_an_error(digests: Path, tmp_path: Path) -> None:
    (tmp_path / "trane.yaml").write_text("datum_tries: 2\n")
    with pytest.raises(StepFailedError, match="no pipeline trane"):
        render_all(SPECS, REGISTRY, read_digests(digests), tmp_path)
