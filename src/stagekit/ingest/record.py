"""What `sample.json` says about a sample.

`id`; `breed` and `species` (`cat` or `dog`; the Oxford-IIIT Pet set writes cats with a capital letter),
`unknown` for an id that is not `<breed>_<number>`; `source`: format, width, height of the photo, and the
path and SHA-256 of both files; `size`: the sample's side; `class_shares`: of the resized mask's pixels;
`channels`: mean and standard deviation of red, green, blue in 0..255 of the resized picture;
`perceptual_hash`.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from stagekit.samples import CLASSES

_NAMED = re.compile(r"(?P<breed>[A-Za-z][A-Za-z_-]*?)_(?P<number>\d+)")


def breed_of(sample: str) -> str:
    """Give the breed that an id names, as it is spelled there, or `unknown`."""
    named = _NAMED.fullmatch(sample)
    return named["breed"] if named else "unknown"


def species_of(breed: str) -> str:
    """Give `cat` for a breed with a capital letter, else `dog`; `unknown` stays."""
    if breed == "unknown":
        return breed
    return "cat" if breed[0].isupper() else "dog"


def class_shares(mask: Any) -> dict[str, float]:
    """Give each class's share of a mask's pixels (uint8, values as in `CLASSES`)."""
    counts = np.bincount(mask.reshape(-1), minlength=len(CLASSES))
    return {name: int(count) / mask.size for name, count in zip(CLASSES, counts, strict=True)}


def channel_statistics(image: Any) -> dict[str, list[float]]:
    """Give mean and standard deviation of each channel of a uint8 picture (H, W, 3), from exact sums."""
    pixels = image.reshape(-1, image.shape[-1]).astype(np.int64)
    count = len(pixels)
    means, deviations = [], []
    for total, squares in zip(pixels.sum(axis=0).tolist(), (pixels**2).sum(axis=0).tolist(), strict=True):
        means.append(round(total / count, 6))
        deviations.append(round(math.sqrt(count * squares - total * total) / count, 6))
    return {"mean": means, "std": deviations}
