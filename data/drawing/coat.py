"""Fur: pattern, fibres and roundness, painted part by part."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from data.drawing.breeds import Breed, Colour
from data.drawing.noise import Field, clouds, mix, smooth, step, strands
from data.drawing.pose import Body
from data.drawing.shape import Outline, Placement, ellipse, mask, window

_NOSE = (52, 38, 38)


def paint(
    canvas: Any, body: Body, breed: Breed, placement: Placement, rng: np.random.Generator
) -> tuple[Any, Field]:
    """Paint an animal onto a picture (height, width, 3), float32, 0..255; give the picture and its alpha."""
    size = (canvas.shape[1], canvas.shape[0])
    canvas = canvas.copy()
    fur = _fur(breed, size, placement.scale, rng)
    second = np.array(breed.second, np.float32)
    ragged = strands(rng, size, rng.uniform(-0.6, 0.6), 5) * 0.3
    light = rng.uniform(-0.8, 0.8)
    alpha = np.zeros(canvas.shape[:2], np.float32)
    for part in body.parts:
        view = window(part.outlines, placement, size, placement.scale * 0.2)
        if view is None:
            continue
        shape = mask(part.outlines, placement, view)
        soft = _blur(shape, placement.scale * 0.02)
        edge = step(soft + ragged[view] * (soft > 0.02) * (soft < 0.98), 0.5, 0.35)
        colour = fur[view] + (second - fur[view]) * (part.marking * 0.6)
        shaded = colour * (part.tone * _roundness(shape, placement.scale * 0.09, light))[..., None]
        canvas[view] = mix(canvas[view], shaded, edge)
        alpha[view] = np.maximum(alpha[view], edge)
    _draw_face(canvas, body, breed, placement)
    return canvas, alpha


def _fur(breed: Breed, size: tuple[int, int], scale: float, rng: np.random.Generator) -> Any:
    """Give the coat's colours over the whole canvas."""
    base = np.array(breed.base, np.float32) * rng.uniform(0.85, 1.12) + rng.uniform(-10, 10, 3).astype(
        np.float32
    )
    cells = size[0] / scale
    if breed.pattern == "tabby":
        bend = clouds(rng, size, cells * 2, 3)
        along = (np.arange(size[0])[None, :] + rng.uniform(-0.4, 0.4) * np.arange(size[1])[:, None]) / scale
        weight = step(np.sin((along * rng.uniform(3.5, 5) + bend * 1.3) * 2 * np.pi), 0.25, 0.9) * 0.75
    elif breed.pattern == "patches":
        weight = step(clouds(rng, size, cells * 1.6, 3), rng.uniform(0.5, 0.62), 0.06)
    elif breed.pattern == "saddle":
        height = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
        weight = step(height + 0.35 * (smooth(rng, size, (cells * 2, cells * 2)) - 0.5), 0.58, 0.12) * 0.8
    else:
        weight = clouds(rng, size, cells * 2, 3) * 0.4
    fibres = strands(rng, size, rng.uniform(-0.8, 0.8))
    mottled = clouds(rng, size, cells * 3, 3) - 0.5
    return (
        mix(base, breed.second, weight.astype(np.float32)) * (1 + 0.14 * fibres + 0.22 * mottled)[..., None]
    )


def _roundness(shape: Field, radius: float, light: float) -> Field:
    """Shade a part as if it were round: dark at its rim, lighter to where the light comes from."""
    inner = _blur(shape, radius)
    across = np.gradient(inner, axis=1)
    down = np.gradient(inner, axis=0)
    slope = (across * light + down * 0.8) * radius
    return np.clip(0.62 + 0.42 * inner + 0.75 * slope, 0.35, 1.35)


def _draw_face(canvas: Any, body: Body, breed: Breed, placement: Placement) -> None:
    """Draw eyes and nose onto the picture itself."""
    for (x, y), radius in body.eyes:
        slit = 0.35 if breed.is_cat else 0.6
        glint = (x - radius * 0.3, y - radius * 0.35)
        _draw(canvas, ellipse((x, y), (radius * 1.18, radius * 1.02)), (24, 20, 20), placement)
        _draw(canvas, ellipse((x, y), (radius, radius * 0.86)), breed.eyes, placement)
        _draw(canvas, ellipse((x, y), (radius * slit, radius * 0.8)), (10, 10, 12), placement)
        _draw(canvas, ellipse(glint, (radius * 0.2, radius * 0.2)), (245, 245, 245), placement)
    _draw(canvas, body.nose, _NOSE, placement)


def _draw(canvas: Any, outline: Outline, colour: Colour, placement: Placement) -> None:
    view = window((outline,), placement, (canvas.shape[1], canvas.shape[0]), 1)
    if view is not None:
        canvas[view] = mix(canvas[view], colour, mask((outline,), placement, view))


def _blur(field: Field, radius: float) -> Field:
    picture = Image.fromarray(np.round(field * 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius))).astype(np.float32) / 255
