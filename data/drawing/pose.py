"""What an animal is made of, from back to front, in four poses.

Coordinates: x to the right, y down, the animal about two units high; it looks to the left where it is seen
from the side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from data.drawing.breeds import Breed
from data.drawing.shape import Outline, Part, Point, ellipse, limb


@dataclass(frozen=True, slots=True)
class Body:
    """The parts from back to front, the eyes (centre, radius) and the nose (an outline)."""

    parts: tuple[Part, ...]
    eyes: tuple[tuple[Point, float], ...]
    nose: Outline
    low: float


def make_body(breed: Breed, rng: np.random.Generator) -> Body:
    """Draw one of the poses and vary it."""
    poses: tuple[Callable[[Breed, np.random.Generator], Body], ...] = (_sitting, _standing, _lying, _portrait)
    return poses[int(rng.choice(len(poses), p=(0.3, 0.3, 0.22, 0.18)))](breed, rng)


def _sitting(breed: Breed, rng: np.random.Generator) -> Body:
    wide = 0.4 * breed.stout * rng.uniform(0.9, 1.15)
    sway = rng.uniform(-0.08, 0.08)
    side = rng.choice((-1, 1))
    tail_end = (side * rng.uniform(0.6, 0.95), rng.uniform(0.2, 0.85))
    head, eyes, nose = _front_head(breed, (sway, -0.52), 0.36 * rng.uniform(0.9, 1.1), rng)
    parts = (
        Part(limb(((side * 0.25, 0.75), (side * 0.7, 0.95), tail_end), 0.09, 0.05), 0.85, 0.5),
        Part((ellipse((0, 0.4), (wide, 0.56)),)),
        Part((ellipse((sway * 0.5, -0.1), (wide * 0.8, 0.4)),), 1.02),
        Part((ellipse((-wide * 0.85, 0.7), (0.2, 0.28)), ellipse((-wide * 0.9, 0.93), (0.2, 0.08))), 0.92),
        Part((ellipse((wide * 0.85, 0.7), (0.2, 0.28)), ellipse((wide * 0.9, 0.93), (0.2, 0.08))), 0.92),
        Part(limb(((-0.13, 0.15), (-0.16, 0.5), (-0.14, 0.92)), 0.12, 0.1), 1.05, 0.3),
        Part(limb(((0.13, 0.15), (0.16, 0.5), (0.14, 0.92)), 0.12, 0.1), 1.05, 0.3),
        *head,
    )
    return Body(parts, eyes, nose, 1.0)


def _standing(breed: Breed, rng: np.random.Generator) -> Body:
    long, deep = 0.72 * rng.uniform(0.9, 1.15), 0.29 * breed.stout * rng.uniform(0.9, 1.1)
    stride = rng.uniform(0.0, 0.2)
    head_at = (-long * 1.08, -0.42 + rng.uniform(-0.15, 0.25))
    head, eyes, nose = _side_head(breed, head_at, 0.27 * rng.uniform(0.9, 1.1), rng)
    tail_top = -0.1 + rng.uniform(-0.7, 0.5)
    legs = ((-long * 0.62, -stride), (long * 0.58, stride), (-long * 0.55, stride), (long * 0.66, -stride))
    parts = [
        Part(limb(((long * 0.85, -0.1), (long * 1.2, -0.05), (long * 1.3, tail_top)), 0.09, 0.045), 0.9, 0.5)
    ]
    for at, (x, sway) in enumerate(legs):
        if at == 2:
            parts.append(Part((ellipse((0, 0), (long, deep), rng.uniform(-0.06, 0.06)),)))
            parts.append(Part(limb(((-long * 0.7, -0.05), (-long * 0.9, -0.2), head_at), 0.24, 0.17), 1.02))
        near = at >= 2
        bones = ((x, 0.1), (x + 0.05, 0.5), (x + sway, 0.93))
        foot = ellipse((x + sway - 0.05, 0.94), (0.13, 0.065))
        parts.append(Part((*limb(bones, 0.15, 0.075), foot), 1.0 if near else 0.72, 0.3))
    return Body((*parts, *head), eyes, nose, 1.0)


def _lying(breed: Breed, rng: np.random.Generator) -> Body:
    long, deep = 0.8 * rng.uniform(0.9, 1.1), 0.34 * breed.stout * rng.uniform(0.9, 1.1)
    head_at = (-long * 0.85, -0.3 + rng.uniform(-0.1, 0.3))
    draw_head = _side_head if rng.random() < 0.5 else _front_head
    head, eyes, nose = draw_head(breed, head_at, 0.29 * rng.uniform(0.9, 1.1), rng)
    parts = (
        Part(limb(((long * 0.9, 0.3), (long * 1.25, 0.45), (long * 0.7, 0.52)), 0.09, 0.05), 0.9, 0.5),
        Part((ellipse((0, 0.15), (long, deep)),)),
        Part((ellipse((long * 0.6, 0.22), (0.36, 0.3)), ellipse((long * 0.35, 0.46), (0.26, 0.08))), 0.95),
        Part(limb(((-long * 0.6, 0.1), (-long * 0.8, -0.1), head_at), 0.26, 0.18), 1.02),
        Part(limb(((-long * 0.6, 0.3), (-long * 0.8, 0.5), (-long * 1.2, 0.45)), 0.13, 0.09), 1.04, 0.3),
        Part(limb(((-long * 0.4, 0.35), (-long * 0.6, 0.52), (-long * 1.0, 0.5)), 0.12, 0.085), 0.96, 0.3),
        *head,
    )
    return Body(parts, eyes, nose, 0.53)


def _portrait(breed: Breed, rng: np.random.Generator) -> Body:
    head, eyes, nose = _front_head(
        breed, (rng.uniform(-0.08, 0.08), -0.15), 0.56 * rng.uniform(0.9, 1.1), rng
    )
    parts = (
        Part((ellipse((0, 1.25), (0.85 * breed.stout, 1.0)),)),
        Part((ellipse((0, 0.6), (0.5 * breed.stout, 0.5)),), 1.03),
        *head,
    )
    return Body(parts, eyes, nose, 2.5)


def _front_head(
    breed: Breed, at: Point, radius: float, rng: np.random.Generator
) -> tuple[tuple[Part, ...], tuple[tuple[Point, float], ...], Outline]:
    """A head that looks at us: ears, skull, muzzle."""
    x, y = at
    r, turn = radius, rng.uniform(-0.12, 0.12)
    muzzle = (x + turn * r, y + r * (0.42 if breed.is_cat else 0.5))
    ears = [_ear(breed, (x + side * r * 0.62, y - r * 0.62), r, side) for side in (-1, 1)]
    skull = Part((ellipse(at, (r, r * 0.92)), ellipse((x, y + r * 0.3), (r * 0.86, r * 0.7))))
    snout = Part((ellipse(muzzle, (r * 0.46, r * (0.32 + breed.snout * 0.35))),), 1.12, 0.6)
    eyes = tuple(((x + side * r * 0.42 + turn * r, y - r * 0.05), r * 0.15) for side in (-1, 1))
    nose = ellipse((muzzle[0], muzzle[1] - r * 0.12), (r * 0.13, r * 0.09))
    return (*ears, skull, snout), eyes, nose


def _side_head(
    breed: Breed, at: Point, radius: float, rng: np.random.Generator
) -> tuple[tuple[Part, ...], tuple[tuple[Point, float], ...], Outline]:
    """A head seen from the side: far ear, skull, snout, near ear."""
    x, y = at
    r = radius
    reach = 0.75 + breed.snout
    tip = (x - r * reach, y + r * (0.3 + rng.uniform(-0.08, 0.12)))
    skull = Part((ellipse(at, (r, r * 0.9)),))
    snout = Part(limb((at, (x - r * 0.5, y + r * 0.15), tip), r * 0.6, r * 0.3), 1.06, 0.4)
    far, near = (_ear(breed, (x + shift * r, y - r * 0.68), r * 0.9, 1) for shift in (-0.1, 0.35))
    eyes = (((x - r * 0.4, y - r * 0.15), r * 0.13),)
    nose = ellipse((tip[0] - r * 0.18, tip[1] - r * 0.08), (r * 0.13, r * 0.11))
    return (far, skull, snout, near), eyes, nose


def _ear(breed: Breed, at: Point, radius: float, side: int) -> Part:
    x, y = at
    r = radius
    if breed.ears == "pointed":
        tip = (x + side * r * 0.25, y - r * 0.72)
        outline = ((x - side * r * 0.42, y + r * 0.05), tip, (x + side * r * 0.36, y + r * 0.45))
        return Part((outline, ellipse((x, y + r * 0.2), (r * 0.34, r * 0.3))), 0.85, 0.5)
    if breed.ears == "folded":
        outline = (
            (x - side * r * 0.4, y),
            (x + side * r * 0.1, y - r * 0.4),
            (x + side * r * 0.5, y + r * 0.2),
        )
        return Part((outline, ellipse((x + side * r * 0.12, y + r * 0.1), (r * 0.36, r * 0.28))), 0.82, 0.6)
    drop = (x + side * r * 0.42, y + r * 0.75)
    return Part((ellipse(drop, (r * 0.3, r * 0.72), -side * 0.18),), 0.78, 0.7)
