"""Pictures of strangers: decoded by us before a browser has them, never larger than a page needs.

Only formats of pixels are read; SVG is a document that can run scripts, and is shown as text.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from calf.views.differences.pair import BROKEN, Unreadable

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES = 48 * 1024 * 1024
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
WIDEST, THUMB = 2048, 224
_MOST_PIXELS = 50_000_000
_AS_IT_IS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_SMALL = 2 * 1024 * 1024
AT_ONCE = threading.BoundedSemaphore(2)
"""Decoding may take hundreds of megabytes: so many at a time, however many pictures a page has."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that a browser may have."""

    content: bytes
    type: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What the head of a picture says."""

    width: int
    height: int
    format: str
    mode: str


def expect_oddities() -> None:
    """Keep out of the log what Pillow finds odd in pictures: they are not ours."""
    warnings.filterwarnings("ignore", module=r"PIL\.")


def shape_of(file: BinaryIO) -> Shape:
    """The size and format of a picture, of which only the head is read. Raises `Unreadable`."""
    with opened(file) as image:
        return Shape(image.width, image.height, image.format or "", image.mode)


def shown(content: bytes, widest: int = WIDEST) -> Shown:
    """A picture as it is when it is small, else one that is made of it. Raises `Unreadable`."""
    from PIL import ImageOps

    with opened(io.BytesIO(content)) as image:
        kind = image.format or ""
        if kind in _AS_IT_IS and len(content) <= _SMALL and max(image.size) <= widest:
            with AT_ONCE:
                image.verify()
            return Shown(content, _AS_IT_IS[kind])
        with AT_ONCE:
            image.draft("RGB", (widest, widest))
            turned = ImageOps.exif_transpose(_eight_bits(image))
            turned.thumbnail((widest, widest))
            return saved(turned, photo=kind == "JPEG")


@contextmanager
def opened(file: BinaryIO) -> Iterator[Image.Image]:
    """A picture within the bounds, whatever goes wrong in it is `Unreadable`."""
    from PIL import Image

    try:
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise Unreadable(f"the picture has {image.width} by {image.height} pixels")
            yield image
    except (Warning, Image.DecompressionBombError, *BROKEN) as error:
        raise Unreadable(f"this is no picture that can be shown: {error}") from error


def saved(image: Image.Image, *, photo: bool = False, clear: int | None = None) -> Shown:
    """A picture as a file again, JPEG for photos and PNG for others, with nothing in it but pixels.

    One sees through the colour with the number `clear`.
    """
    output = io.BytesIO()
    image.info.clear()
    if photo:
        image.convert("RGB").save(output, "JPEG", quality=88)
        return Shown(output.getvalue(), "image/jpeg")
    image.save(output, "PNG", **({} if clear is None else {"transparency": clear}))
    return Shown(output.getvalue(), "image/png")


def _eight_bits(image: Image.Image) -> Image.Image:
    """A picture in a mode that browsers know; what has more bits a channel is stretched to its own range."""
    if image.mode in ("L", "LA", "RGB", "RGBA"):
        return image
    if image.mode in ("I", "F", "I;16", "I;16B", "I;16L"):
        grey = image.convert("F")
        low, high = grey.getextrema()
        if not isinstance(low, float) or not isinstance(high, float):
            raise Unreadable("the picture has several channels of many bits")
        scale = 255 / (high - low) if high > low else 0.0
        return grey.point(lambda value: value * scale - low * scale).convert("L")
    return image.convert("RGBA")
