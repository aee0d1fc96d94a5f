"""Draw the default data: `python -m data.generate [--count 240] [--seed 1] [--out data/generated]`.

The layout is the Oxford-IIIT Pet set's: `images/<Breed>_<number>.jpg` and
`annotations/trimaps/<Breed>_<number>.png`. The same seed draws the same bytes; a larger count adds samples
and changes none. A folder that is complete is left alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from data.drawing.breeds import BREEDS
from data.drawing.sample import draw_sample
from stagekit.canonical import json_bytes, sha256_file, sorted_files, write_png


def main() -> None:
    """Draw what is missing, and print the folder."""
    parser = argparse.ArgumentParser(prog="python -m data.generate", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=240, help="pairs to draw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("data/generated"))
    given = parser.parse_args()
    generate(given.out, given.count, given.seed)
    print(given.out)


def generate(folder: Path, count: int, seed: int) -> None:
    """Draw `count` pairs into a folder, the breeds in turn; `seed` decides everything.

    What another count or seed left there is removed, so that the folder holds these pairs and no others.
    """
    stamp, images, trimaps = folder / ".drawn", folder / "images", folder / "annotations" / "trimaps"
    wanted = json_bytes({"count": count, "seed": seed, "code": _code()})
    drawn = [*images.glob("*.jpg"), *trimaps.glob("*.png")]
    if len(drawn) == 2 * count and stamp.is_file() and stamp.read_bytes() == wanted:
        return
    stamp.unlink(missing_ok=True)
    for old in drawn:
        old.unlink()
    images.mkdir(parents=True, exist_ok=True)
    for at in range(count):
        breed = BREEDS[at % len(BREEDS)]
        name = f"{breed.name}_{at // len(BREEDS) + 1}"
        photo, trimap = draw_sample(breed, np.random.Generator(np.random.PCG64([seed, at])))
        Image.fromarray(photo).save(images / f"{name}.jpg", quality=90, subsampling="4:2:0")
        write_png(trimaps / f"{name}.png", trimap)
    stamp.write_bytes(wanted)


def _code() -> dict[str, str]:
    """Give the digests of the code that draws: when it changes, the pictures are drawn anew."""
    folder = Path(__file__).with_name("drawing")
    return {path.name: sha256_file(path) for path in sorted_files(folder, "*.py")}


if __name__ == "__main__":
    main()
