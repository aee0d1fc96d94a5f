"""One drawn sample: a photo and its trimap."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.drawing.backdrop import make_backdrop
from data.drawing.breeds import Breed
from data.drawing.clutter import add_occluder, add_things
from data.drawing.coat import paint
from data.drawing.light import cast_shadow, defocus, expose
from data.drawing.pose import make_body
from data.drawing.shape import Placement
from data.drawing.trimap import make_trimap

_SIZES = ((320, 240), (240, 320), (300, 300), (340, 226), (280, 210), (226, 300))
_LEAST_PET_SHARE = 0.05


def draw_sample(breed: Breed, rng: np.random.Generator) -> tuple[Any, Any]:
    """Draw a photo (height, width, 3) and its trimap (height, width), both uint8.

    A scene in which next to nothing of the animal can be seen is drawn anew.
    """
    while True:
        photo, alpha = _draw_scene(breed, rng)
        if (alpha > 0.5).mean() >= _LEAST_PET_SHARE:
            return photo, make_trimap(alpha)


def _draw_scene(breed: Breed, rng: np.random.Generator) -> tuple[Any, Any]:
    size = _SIZES[int(rng.integers(len(_SIZES)))]
    body = make_body(breed, rng)
    placement = _place(size, body.low > 1, rng)
    canvas = add_things(make_backdrop(size, rng), int(rng.integers(0, 6)), rng)
    canvas = defocus(canvas, rng.uniform(0, 2.5))
    canvas = cast_shadow(canvas, body.low, placement, rng)
    canvas, alpha = paint(canvas, body, breed, placement, rng)
    if rng.random() < 0.4:
        canvas, cover = add_occluder(canvas, rng)
        alpha = alpha * (1 - cover)
    return expose(canvas, rng), alpha


def _place(size: tuple[int, int], close: bool, rng: np.random.Generator) -> Placement:
    """Put the animal near the middle; a close one fills the picture, most of its body out of the frame."""
    scale = min(size) * (rng.uniform(0.42, 0.62) if close else rng.uniform(0.27, 0.56))
    return Placement(
        x=size[0] * (0.5 + rng.uniform(-0.18, 0.18)),
        y=size[1] * (0.52 + rng.uniform(-0.12, 0.14)),
        scale=scale,
        tilt=rng.uniform(-0.15, 0.15),
        facing=int(rng.choice((-1, 1))),
    )
