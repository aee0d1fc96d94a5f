"""Decoding of untrusted pictures: by their content, and with a reason where one cannot be used."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

TRIMAP_VALUES = (1, 2, 3)
_ONE_CHANNEL = ("L", "P", "I", "I;16")
_DECODER_ERRORS = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)


class RejectedError(Exception):
    """A pair that cannot become a sample: `reason` is a stable code, the text is for people."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Photo:
    """A decoded photo, RGB, with the format that its content had (`JPEG`, `PNG`, `GIF`)."""

    picture: Any
    format: str


def decode_photo(source: Path | BinaryIO, max_pixels: int) -> Photo:
    """Decode a photo, a file or its bytes, as RGB by its content; of an animation, the first frame.

    Raises `RejectedError`: `image_unreadable` (truncated, no picture), `image_too_large`.
    """
    name = source.name if isinstance(source, Path) else "the photo"
    with _reading(name, "image"), Image.open(source) as picture:
        if picture.width * picture.height > max_pixels:
            raise RejectedError(
                "image_too_large",
                f"{name} has {_by(picture.size)} pixels; at most {max_pixels} are taken (max_source_pixels)",
            )
        picture.load()
        # A palette with transparency has RGB only by way of RGBA.
        opaque = picture.convert("RGBA") if "transparency" in picture.info else picture
        return Photo(opaque.convert("RGB"), picture.format or "unknown")


def to_square(photo: Photo, side: int) -> Any:
    """Give a photo as models take it: stretched to a square, (side, side, 3) uint8."""
    return np.asarray(
        photo.picture.resize((side, side), Image.Resampling.LANCZOS)
    )  # Pillow's filters antialias


def decode_trimap(path: Path, size: tuple[int, int]) -> Any:
    """Decode a trimap and give it as a one-channel picture of classes: 0 pet, 1 background, 2 border.

    Raises `RejectedError`: `mask_unreadable`, `size_mismatch` (against `size`, width by height, the photo's),
    `mask_values` (any value but 1, 2, 3).
    """
    with _reading(path.name, "mask"), Image.open(path) as picture:
        if picture.size != size:
            raise RejectedError(
                "size_mismatch", f"{path.name} is {_by(picture.size)} pixels, but its photo is {_by(size)}"
            )
        if picture.mode not in _ONE_CHANNEL:
            raise RejectedError(
                "mask_unreadable", f"{path.name} has the mode {picture.mode}; a trimap has one channel"
            )
        values = np.asarray(picture)
    foreign = sorted(set(np.unique(values).tolist()) - set(TRIMAP_VALUES))
    if foreign:
        raise RejectedError(
            "mask_values", f"{path.name} holds the values {foreign[:8]}; a trimap holds 1, 2, 3"
        )
    return Image.fromarray((values - 1).astype(np.uint8))


@contextmanager
def _reading(name: str, what: str) -> Iterator[None]:
    """Turn whatever Pillow raises on a bad file into a rejection."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        try:
            yield
        except (*_DECODER_ERRORS, Image.DecompressionBombWarning) as error:
            raise RejectedError(f"{what}_unreadable", f"{name} cannot be decoded: {error}") from error


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
