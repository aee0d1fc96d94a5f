"""Where the animal is: a meadow, a room, a carpet, foliage, a pavement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from data.drawing.noise import clouds, mix, smooth, step, strands

Size = tuple[int, int]
_WALLS = ((196, 186, 170), (150, 164, 170), (120, 96, 80), (208, 204, 200), (88, 98, 92), (170, 130, 110))
_FLOORS = ((138, 96, 62), (96, 72, 56), (178, 160, 136), (110, 108, 106), (64, 52, 46), (190, 140, 90))


def make_backdrop(size: Size, rng: np.random.Generator) -> Any:
    """Draw a place: a picture (height, width, 3), float32, 0..255."""
    places: tuple[Callable[[Size, np.random.Generator], Any], ...] = (
        _meadow,
        _room,
        _carpet,
        _foliage,
        _pavement,
    )
    return places[int(rng.integers(len(places)))](size, rng)


def _meadow(size: Size, rng: np.random.Generator) -> Any:
    grass = mix((58, 84, 34), (136, 146, 68), clouds(rng, size, 5))
    grass *= (1 + 0.3 * strands(rng, size, rng.uniform(-0.5, 0.5), 14))[..., None]
    far = mix((96, 112, 92), (176, 196, 214), clouds(rng, size, 3, 3))
    return mix(far, grass, _below(size, rng.uniform(0.1, 0.5), rng))


def _room(size: Size, rng: np.random.Generator) -> Any:
    wall = np.array(_pick(_WALLS, rng), np.float32) * (0.85 + 0.3 * clouds(rng, size, 2, 3))[..., None]
    if rng.random() < 0.4:
        period = rng.uniform(0.05, 0.14) * size[0]
        stripes = step(np.sin(np.arange(size[0]) * 2 * np.pi / period), 0, 0.6).astype(np.float32)
        wall *= (1 - 0.18 * np.broadcast_to(stripes, wall.shape[:2]))[..., None]
    floor = _planks(size, rng)
    return mix(wall, floor, _below(size, rng.uniform(0.4, 0.7), rng, 0.02))


def _planks(size: Size, rng: np.random.Generator) -> Any:
    grain = smooth(rng, size, (6, size[1] / 2.5))
    floor = np.array(_pick(_FLOORS, rng), np.float32) * (0.78 + 0.4 * grain)[..., None]
    period = rng.uniform(0.06, 0.13) * size[1]
    joints = (np.arange(size[1]) % period < 1.6).astype(np.float32)[:, None]
    return floor * (1 - 0.4 * np.broadcast_to(joints, floor.shape[:2]))[..., None]


def _carpet(size: Size, rng: np.random.Generator) -> Any:
    one, other = _pick(_FLOORS, rng), _pick(_WALLS, rng)
    pattern = step(clouds(rng, size, rng.uniform(3, 9), 2), 0.5, rng.uniform(0.05, 0.8))
    weave = strands(rng, size, rng.uniform(-1, 1), 3)
    return mix(one, other, pattern * 0.7) * (1 + 0.16 * weave)[..., None]


def _foliage(size: Size, rng: np.random.Generator) -> Any:
    leaves = mix((30, 48, 26), (118, 134, 60), step(clouds(rng, size, 9, 4), 0.5, 0.5))
    gaps = step(smooth(rng, size, (14, 14)), 0.86, 0.16)
    return mix(leaves, (214, 220, 200), gaps)


def _pavement(size: Size, rng: np.random.Generator) -> Any:
    stone = np.array(_pick(((140, 136, 130), (112, 106, 100), (168, 156, 140)), rng), np.float32)
    ground = stone * (0.75 + 0.5 * clouds(rng, size, 6, 5))[..., None]
    grit = rng.normal(0, 9, (size[1], size[0])).astype(np.float32)
    far = mix((92, 84, 80), (160, 150, 140), clouds(rng, size, 4, 3))
    return mix(far, ground + grit[..., None], _below(size, rng.uniform(0.05, 0.45), rng))


def _below(size: Size, horizon: float, rng: np.random.Generator, softness: float = 0.08) -> Any:
    """Give the weight of the ground: 1 below a horizon that is not quite straight."""
    height = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    wave = 0.04 * (smooth(rng, size, (5, 2)) - 0.5)
    return step(height + wave, horizon, softness)


def _pick(colours: tuple[tuple[int, int, int], ...], rng: np.random.Generator) -> tuple[int, int, int]:
    return colours[int(rng.integers(len(colours)))]
