"""Smooth random fields, the stuff of textures."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

Field = Any
"""A float32 array (height, width)."""


def smooth(rng: np.random.Generator, size: tuple[int, int], cells: tuple[float, float]) -> Field:
    """Give a field of about 0 to 1 with `cells` features across and down; `size` is (width, height)."""
    across, down = max(2, round(cells[0])), max(2, round(cells[1]))
    coarse = Image.fromarray(rng.random((down, across), dtype=np.float32))
    return np.asarray(coarse.resize(size, Image.Resampling.BICUBIC))


def clouds(rng: np.random.Generator, size: tuple[int, int], cells: float, octaves: int = 4) -> Field:
    """Sum smooth fields, each twice as fine and half as strong as the one before; scaled to 0..1."""
    total = np.zeros((size[1], size[0]), np.float32)
    for octave in range(octaves):
        count = cells * 2**octave
        total += smooth(rng, size, (count, count * size[1] / size[0])) / 2**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def strands(rng: np.random.Generator, size: tuple[int, int], slope: float, length: float = 9.0) -> Field:
    """Give fine fibres of about -1 to 1, such as fur or grass; `slope` shears them from the vertical."""
    width, height = size
    fine = smooth(rng, (width * 2, height), (width * 1.4, height / length))
    shift = (np.arange(height) * slope).astype(np.int64)[:, None]
    columns = (np.arange(width)[None, :] + shift) % (width * 2)
    return np.take_along_axis(fine, columns, axis=1) * 2 - 1


def step(field: Field, edge: float, softness: float) -> Field:
    """Go from 0 to 1 where the field passes `edge`, over a width of `softness`."""
    t = np.clip((field - edge) / softness + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def mix(one: Any, other: Any, weight: Field) -> Any:
    """Blend colours or pictures (..., 3) by a field of weights."""
    one, other = np.asarray(one, np.float32), np.asarray(other, np.float32)
    return one + (other - one) * weight[..., None]
