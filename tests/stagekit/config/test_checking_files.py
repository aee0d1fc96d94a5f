"""What is put into the params repo by hand can be checked before."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagekit.config.command import run
from stagekit.ingest.params import INGEST
from stagekit.parameters.shared import SHARED
from stagekit.release.params import RELEASE

BLOCKS = (SHARED, INGEST, RELEASE)
POLICY = """{v: 2, seed: 1, model_name: pets, optimise: mean_iou, serve_image: x, storage_uri: "s3://m",
limits: [{metric: mean_iu, at_least: 0.5}]}"""


def check(folder: Path, **files: str) -> int:
    paths = [folder / f"{name}.yaml" for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text)
    return run(BLOCKS, folder, "params", ["check", *map(str, paths)])


def test_a_good_file_is_called_good_with_its_version(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, ingest="{v: 1, seed: 1, size: 64, mask_filter: nearest}") == 0
    assert "good, ingest of version 1, which stages step up to version 2" in capsys.readouterr().out


def test_every_bad_file_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, ingest="{v: 2}", ingst="{}", shared="{}", release=POLICY) == 1
    told = capsys.readouterr().err
    assert "ingest.seed: required but missing" in told
    assert "ingst.yaml: a stage's file is called <block>.yaml; did you mean 'ingest'?" in told
    assert "shared.yaml: a stage's file is called" in told
    assert "release.limits.0.metric: evaluate writes no figure 'mean_iu'; did you mean 'mean_iou'?" in told
