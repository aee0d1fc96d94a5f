"""Things that are no animal, behind it and in front of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from data.drawing.breeds import BREEDS
from data.drawing.noise import Field, clouds, mix, smooth
from data.drawing.shape import Outline, Placement, ellipse, mask, whole, window

_ON_CANVAS = Placement(0, 0, 1, 0, 1)


def add_things(canvas: Any, count: int, rng: np.random.Generator) -> Any:
    """Put things behind the animal: balls, boxes, cushions, often in the colours of fur."""
    canvas = canvas.copy()
    for _ in range(count):
        _paint(canvas, _thing((canvas.shape[1], canvas.shape[0]), rng), rng)
    return canvas


def add_occluder(canvas: Any, rng: np.random.Generator) -> tuple[Any, Field]:
    """Put blades, a post or a thing in front of the animal; give the new picture and where they are."""
    size = (canvas.shape[1], canvas.shape[0])
    kind = rng.integers(3)
    if kind == 0:
        outlines = tuple(_blade(size, rng) for _ in range(int(rng.integers(6, 22))))
        shade = np.array((70, 96, 40), np.float32) * rng.uniform(0.6, 1.3)
        cover = mask(outlines, _ON_CANVAS, whole(size))
        return mix(canvas, shade * (0.7 + 0.6 * clouds(rng, size, 8, 2))[..., None], cover), cover
    if kind == 1:
        x, half = rng.uniform(0.15, 0.85) * size[0], rng.uniform(0.015, 0.04) * size[0]
        lean = rng.uniform(-0.1, 0.1) * size[0]
        outlines = (((x - half, 0), (x + half, 0), (x + half + lean, size[1]), (x - half + lean, size[1])),)
    else:
        outlines = _thing(size, rng, low=True)
    canvas = canvas.copy()
    _paint(canvas, outlines, rng)
    return canvas, mask(outlines, _ON_CANVAS, whole(size))


def _paint(canvas: Any, outlines: tuple[Outline, ...], rng: np.random.Generator) -> None:
    """Paint outlines, in one colour, onto the picture itself."""
    size = (canvas.shape[1], canvas.shape[0])
    breed = BREEDS[int(rng.integers(len(BREEDS)))]
    like_fur = np.array(breed.base, np.float32)
    colour = like_fur if rng.random() < 0.6 else _muted(rng)
    texture = 0.8 + 0.4 * clouds(rng, size, rng.uniform(3, 12), 3) + 0.2 * (smooth(rng, size, (3, 3)) - 0.5)
    view = window(outlines, _ON_CANVAS, size, 1)
    if view is not None:
        painted = colour * texture[view][..., None]
        canvas[view] = mix(canvas[view], painted, mask(outlines, _ON_CANVAS, view))


def _muted(rng: np.random.Generator) -> Any:
    """Give a colour that is not far from grey."""
    return rng.uniform(50, 200) + rng.uniform(-45, 45, 3).astype(np.float32)


def _thing(size: tuple[int, int], rng: np.random.Generator, low: bool = False) -> tuple[Outline, ...]:
    """Give a ball, a box or a cushion somewhere on the canvas; `low` keeps it at the lower edge."""
    x, y = rng.uniform(0, 1) * size[0], rng.uniform(0.75 if low else 0.15, 1.0) * size[1]
    extent = rng.uniform(0.06, 0.2) * min(size)
    turn = rng.uniform(0, math.pi)
    kind = rng.integers(3)
    if kind == 0:
        return (ellipse((x, y), (extent, extent)),)
    if kind == 1:
        return (ellipse((x, y), (extent * 1.2, extent * rng.uniform(0.5, 1)), turn, points=4),)
    return (ellipse((x, y), (extent * 1.5, extent * 0.7), turn * 0.2),)


def _blade(size: tuple[int, int], rng: np.random.Generator) -> Outline:
    """Give one bent blade of grass that grows from the lower edge."""
    x, tall = rng.uniform(0, 1) * size[0], rng.uniform(0.2, 0.6) * size[1]
    half, bend = rng.uniform(0.006, 0.014) * size[0], rng.uniform(-0.15, 0.15) * size[0]
    foot, knee, tip = size[1], size[1] - tall * 0.55, size[1] - tall
    middle = x + bend * 0.25
    return (
        (x - half, foot),
        (middle - half * 0.7, knee),
        (x + bend, tip),
        (middle + half * 0.7, knee),
        (x + half, foot),
    )
