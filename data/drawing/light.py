"""Light and camera: what turns a drawing into something like a photo."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from data.drawing.noise import Field, mix, smooth, step
from data.drawing.shape import Placement, ellipse, mask, whole


def defocus(canvas: Any, radius: float) -> Any:
    """Blur a picture, as a lens does with what is far behind."""
    picture = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(radius)
    )
    return np.asarray(picture).astype(np.float32)


def cast_shadow(canvas: Any, low: float, placement: Placement, rng: np.random.Generator) -> Any:
    """Darken the ground below the animal, whose feet are at `low` in its own coordinates."""
    size = (canvas.shape[1], canvas.shape[0])
    spread = (rng.uniform(0.6, 1.0), rng.uniform(0.07, 0.14))
    spot = mask((ellipse((rng.uniform(-0.15, 0.15), low), spread),), placement, whole(size))
    blurred = defocus(spot * 255, placement.scale * 0.06) / 255
    return canvas * (1 - rng.uniform(0.35, 0.6) * blurred)[..., None]


def expose(canvas: Any, rng: np.random.Generator) -> Any:
    """Light the scene and take the photo: a uint8 picture (height, width, 3)."""
    size = (canvas.shape[1], canvas.shape[0])
    lit = canvas * _fall_off(size, rng)[..., None]
    if rng.random() < 0.3:
        beam = step(smooth(rng, size, (3, 3)), 0.55, 0.25)
        lit = mix(lit, lit * rng.uniform(1.2, 1.5) + 8, beam)
    warmth = rng.uniform(-0.08, 0.08)
    lit *= np.array((1 + warmth, 1, 1 - warmth), np.float32)
    gamma = rng.uniform(0.8, 1.3)
    exposed = 255 * np.clip(lit * rng.uniform(0.75, 1.2) / 255, 0, 1) ** gamma
    exposed = defocus(exposed, rng.uniform(0.3, 0.9))
    grain = rng.normal(0, rng.uniform(1.5, 7), exposed.shape).astype(np.float32)
    return np.clip(np.round(exposed + grain), 0, 255).astype(np.uint8)


def _fall_off(size: tuple[int, int], rng: np.random.Generator) -> Field:
    """Give how much light falls where: a gradient from one side, darker corners."""
    across = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, size[1], dtype=np.float32)[:, None]
    gradient = 1 + rng.uniform(-0.22, 0.22) * across + rng.uniform(-0.22, 0.1) * down
    return gradient * (1 - rng.uniform(0, 0.3) * (across**2 + down**2) / 2)
