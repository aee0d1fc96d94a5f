"""Outlines in the animal's own coordinates, and their masks on the canvas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

Point = tuple[float, float]
Outline = tuple[Point, ...]
Size = tuple[int, int]
Window = tuple[slice, slice]
"""Rows and columns of a canvas."""

_SUPERSAMPLE = 2


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the animal, drawn as one: outlines that belong together, and how light its fur is."""

    outlines: tuple[Outline, ...]
    tone: float = 1.0
    marking: float = 0.0


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the animal's origin lies on the canvas; scale in pixels, tilt in radians, facing 1 or -1."""

    x: float
    y: float
    scale: float
    tilt: float
    facing: int

    def to_canvas(self, point: Point) -> Point:
        """Map a point of the animal to pixels."""
        cos, sin = math.cos(self.tilt), math.sin(self.tilt)
        x, y = point[0] * self.facing, point[1]
        return self.x + self.scale * (x * cos - y * sin), self.y + self.scale * (x * sin + y * cos)


def ellipse(centre: Point, radii: Point, turn: float = 0.0, points: int = 36) -> Outline:
    """Give an ellipse, turned by an angle in radians."""
    cos, sin = math.cos(turn), math.sin(turn)
    outline = []
    for at in range(points):
        angle = 2 * math.pi * at / points
        x, y = radii[0] * math.cos(angle), radii[1] * math.sin(angle)
        outline.append((centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos))
    return tuple(outline)


def limb(bones: Sequence[Point], thick: float, thin: float, discs: int = 14) -> tuple[Outline, ...]:
    """Give a tapering limb along a quadratic curve of three points, as overlapping discs."""
    outlines = []
    for at in range(discs):
        t = at / (discs - 1)
        x, y = (
            (1 - t) ** 2 * bones[0][axis] + 2 * t * (1 - t) * bones[1][axis] + t * t * bones[2][axis]
            for axis in (0, 1)
        )
        radius = thick + (thin - thick) * t
        outlines.append(ellipse((x, y), (radius, radius), points=18))
    return tuple(outlines)


def window(outlines: Sequence[Outline], placement: Placement, size: Size, margin: float) -> Window | None:
    """Give the part of the canvas that outlines cover, with a margin in pixels; None when that is nothing."""
    corners = [placement.to_canvas(point) for outline in outlines for point in outline]
    left, right = min(x for x, _ in corners) - margin, max(x for x, _ in corners) + margin
    top, bottom = min(y for _, y in corners) - margin, max(y for _, y in corners) + margin
    columns = slice(max(0, math.floor(left)), min(size[0], math.ceil(right) + 1))
    rows = slice(max(0, math.floor(top)), min(size[1], math.ceil(bottom) + 1))
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None


def mask(outlines: Sequence[Outline], placement: Placement, view: Window) -> Any:
    """Rasterise outlines within a window: a float32 array of its shape, 0 to 1, smooth at the edges."""
    rows, columns = view
    size = (columns.stop - columns.start, rows.stop - rows.start)
    picture = Image.new("L", (size[0] * _SUPERSAMPLE, size[1] * _SUPERSAMPLE))
    draw = ImageDraw.Draw(picture)
    for outline in outlines:
        corners = [placement.to_canvas(point) for point in outline]
        draw.polygon(
            [((x - columns.start) * _SUPERSAMPLE, (y - rows.start) * _SUPERSAMPLE) for x, y in corners],
            fill=255,
        )
    return np.asarray(picture.reduce(_SUPERSAMPLE)).astype(np.float32) / 255


def whole(size: Size) -> Window:
    """Give the window that is the whole canvas."""
    return slice(0, size[1]), slice(0, size[0])
