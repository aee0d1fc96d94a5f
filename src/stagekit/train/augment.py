"""Stateless augmentation: what happens to a sample depends on (seed, epoch, sample id) and nothing else.

So it is the same on any number of threads, in any order and after any restart; image and mask share one
decision; and it runs after the cache, so that every epoch sees something new.
"""

from __future__ import annotations

import hashlib
import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from stagekit.train.params import Augmentation

_WORDS = 8
_GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done to one sample in one epoch."""

    flip: bool
    zoom: float
    shift_x: float
    shift_y: float
    rotation: float
    brightness: float
    contrast: float
    saturation: float


def decide(key: str, ranges: Augmentation, strength: float) -> Decision:
    """Derive a decision from a hash of `key`: no generator, no state.

    `strength` multiplies every range of `ranges`; flips stay as likely.
    """
    u = uniforms(key)
    spread = [strength * (2.0 * value - 1.0) for value in u]
    return Decision(
        flip=ranges.flip and u[0] < 0.5,
        zoom=math.exp(spread[1] * math.log1p(ranges.zoom)),
        shift_x=spread[2] * ranges.shift,
        shift_y=spread[3] * ranges.shift,
        rotation=spread[4] * ranges.rotation,
        brightness=1.0 + spread[5] * ranges.brightness,
        contrast=1.0 + spread[6] * ranges.contrast,
        saturation=1.0 + spread[7] * ranges.saturation,
    )


def uniforms(key: str) -> tuple[float, ...]:
    """Eight numbers in [0, 1) that depend on `key` alone."""
    digest = hashlib.sha256(f"augment/{key}".encode()).digest()
    return tuple(word / 2**32 for word in struct.unpack(f">{_WORDS}I", digest))


def apply(image: Any, mask: Any, decision: Decision) -> tuple[Any, Any]:
    """Apply one decision to an image (size, size, 3) uint8 and its mask (size, size) uint8.

    Outside the picture, image and mask are mirrored, so no border of an invented class appears.
    """
    if decision.flip:
        image, mask = image[:, ::-1], mask[:, ::-1]
    if decision.zoom != 1.0 or decision.rotation or decision.shift_x or decision.shift_y:
        image = _warp(image, decision, Image.Resampling.BILINEAR)
        mask = _warp(mask, decision, Image.Resampling.NEAREST)
    return _recolour(image, decision), np.ascontiguousarray(mask)


def _warp(picture: Any, decision: Decision, resampling: Image.Resampling) -> Any:
    """Rotate, zoom and shift about the centre; one output pixel is looked up in the mirrored input."""
    size = picture.shape[0]
    margin = size // 2
    pads = [(margin, margin), (margin, margin), (0, 0)][: picture.ndim]
    padded = Image.fromarray(np.pad(picture, pads, mode="reflect"))
    angle = math.radians(decision.rotation)
    cosine, sine = math.cos(angle) / decision.zoom, math.sin(angle) / decision.zoom
    centre = size / 2
    x0 = centre + margin + decision.shift_x * size - cosine * centre + sine * centre
    y0 = centre + margin + decision.shift_y * size - sine * centre - cosine * centre
    matrix = (cosine, -sine, x0, sine, cosine, y0)
    return np.asarray(padded.transform((size, size), Image.Transform.AFFINE, matrix, resampling))


def _recolour(image: Any, decision: Decision) -> Any:
    if decision.brightness == decision.contrast == decision.saturation == 1.0:
        return np.ascontiguousarray(image)
    pixels = image.astype(np.float32)
    grey = (pixels @ _GREY)[..., None]
    level = float(grey.mean(dtype=np.float64))
    saturation, contrast = np.float32(decision.saturation), np.float32(decision.contrast)
    pixels = grey + (pixels - grey) * saturation
    pixels = (np.float32(level) + (pixels - np.float32(level)) * contrast) * np.float32(decision.brightness)
    return np.clip(np.rint(pixels), 0.0, 255.0).astype(np.uint8)
