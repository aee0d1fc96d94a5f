"""The real ingest, in its image and under its spec, on pairs and parameters of which most are bad."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from calf.runner.images import ImageStore, build_image, find_context
from tests.bad_input.pictures import JPEG, png
from tests.e2e.environments import share_environments

ROOT = Path(__file__).parents[2]
MASK = png(1, 2, 3)
PHOTOS = {"good": JPEG, "png_inside": png(9, 99), "truncated": JPEG[:-20], "seven": JPEG, "no_mask": JPEG}
MASKS = {"good": MASK, "png_inside": MASK, "truncated": MASK, "seven": png(1, 7, 2), "no_image": MASK}
PARAMS = "v: 2\nseed: 1\nimage_size: 32\n"


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """The pairs, in the layout of the real set."""
    folder = tmp_path / "pets"
    for below, suffix, pictures in (("images", "jpg", PHOTOS), ("annotations/trimaps", "png", MASKS)):
        (folder / below).mkdir(parents=True)
        for name, data in pictures.items():
            (folder / below / f"{name}.{suffix}").write_bytes(data)
    return folder


@pytest.fixture
def ingest(engine: Any, pets: Path, tmp_path: Path) -> Any:
    """`pachctl`, with the photos put, and the image of ingest built."""
    folder = ROOT / "stages" / "ingest"
    images = ImageStore(share_environments(tmp_path / "home"))
    build_image(images, folder, "calf/ingest", find_context(folder), os.environ, lambda _line: None)
    for repo in ("pets", "params"):
        engine("create", "repo", repo)
    engine("put", "file", "-r", "pets@master:/", "-f", str(pets))
    return engine


def put_params(pachctl: Any, folder: Path, text: str) -> None:
    (folder / "ingest.yaml").write_text(text)
    pachctl("put", "file", "params@master:/ingest.yaml", "-f", str(folder / "ingest.yaml"))


def newest(pachctl: Any) -> str:
    return f"ingest@{pachctl('list', 'job', '-p', 'ingest').rows[0][2]}"


@pytest.mark.e2e
def test_bad_pairs_are_rejected_by_name_and_bad_parameters_fail_the_job(ingest: Any, tmp_path: Path) -> None:
    put_params(ingest, tmp_path, PARAMS)
    ingest("create", "pipeline", "-f", str(ROOT / "pipelines" / "1-ingest.yaml"))
    shown = ingest("wait", "job", newest(ingest)).out
    assert "Processed: 6\nFailed: 0\n" in shown
    assert [row[1] for row in ingest("list", "file", "ingest@master:/samples").rows] == [
        "/samples/good/",
        "/samples/png_inside/",
    ]
    assert rejected(ingest) == {
        "no_image": ("image_missing", "no_image has no photo; commit one as no_image.jpg"),
        "no_mask": ("mask_missing", "no_mask has no trimap; commit one as no_mask.png"),
        "seven": ("mask_values", "seven.png holds the values [7]; a trimap holds 1, 2, 3"),
        "truncated": ("image_unreadable", "truncated.jpg cannot be decoded: "),
    }
    for bad, message in (
        (f"{PARAMS}image_sise: 64\n", "ingest.image_sise: unknown key; did you mean 'image_size'?"),
        (PARAMS.replace("32", "33"), "ingest.image_size: "),
    ):
        put_params(ingest, tmp_path, bad)
        ingest("wait", "job", newest(ingest), code=20)
        said = ingest("logs", "-j", newest(ingest)).out
        assert f"error: /pfs/params/ingest.yaml:\n  {message}" in said
    put_params(ingest, tmp_path, PARAMS)
    assert "Processed: 0\nFailed: 0\nSkipped: 6\n" in ingest("wait", "job", newest(ingest)).out


def rejected(pachctl: Any) -> dict[str, tuple[str, str]]:
    """Reason and message of each rejected pair, the latter without what a library says."""
    found = {}
    for row in pachctl("list", "file", "ingest@master:/rejected").rows:
        record = json.loads(pachctl("get", "file", f"ingest@master:{row[1]}").out)
        message = record["message"]
        if record["reason"].endswith("unreadable"):
            message = message[: message.index(": ") + 2]
        found[Path(row[1]).stem] = (record["reason"], message)
    return found
