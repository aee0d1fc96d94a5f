"""Pictures: how many pixels differ and how far, shown as recorded, again and the difference, side by side."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from PIL import Image, ImageChops

from calf.views.differences.pair import BROKEN, Difference, Pair, Unreadable, clip
from calf.views.words import many

_MOST_PIXELS = 64 * 1024 * 1024
_EIGHT_BITS = {"1": "L", "L": "L", "LA": "RGBA", "P": "RGBA", "RGB": "RGB", "RGBA": "RGBA"}
_WIDEST, _GAP = 1024, 4
_FORMATS = ("PNG", "JPEG")


def describe_pictures(pair: Pair) -> Difference:
    """Sizes, the number of different pixels, the greatest distance, and a picture of it all.

    Raises `Unreadable` for what is no picture, a very large one, or one with more than 8 bits a channel.
    """
    old, new = _open(pair.recorded), _open(pair.again)
    if old.size != new.size:
        shapes = f"the size is another: {_size(old)} → {_size(new)}"
        return Difference("picture", (shapes,), _save(pair, [old, new]))
    mode = old.mode if old.mode == new.mode else "RGBA"
    old, new = old.convert(mode), new.convert(mode)
    distance = _distance(ImageChops.difference(old, new))
    levels = distance.histogram()
    greatest = max(level for level, pixels in enumerate(levels) if pixels)
    if not greatest:
        return Difference("picture", ("the same pixels; compression or the notes in the file differ",))
    total = distance.width * distance.height
    different = total - levels[0]
    line = f"{different} of {many(total, 'pixel')} differ, by {greatest} of 255 at most, in {_size(old)}"
    box = distance.getbbox()
    place = [f"all of them between {box[0]},{box[1]} and {box[2] - 1},{box[3] - 1}"] if box else []
    strong = distance.point([round(value * 255 / greatest) for value in range(256)])
    return Difference("picture", (line, *place), _save(pair, [old, new, strong]))


def _open(path: Path) -> Image.Image:
    """A picture of 8 bits a channel, read whole."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > _MOST_PIXELS or image.mode not in _EIGHT_BITS:
                raise Unreadable(f"{path} is too large, or has {image.mode} pixels")
            return image.convert(_EIGHT_BITS[image.mode])
    except (Image.DecompressionBombError, *BROKEN):
        raise Unreadable(f"{path} is no picture") from None


def _distance(difference: Image.Image) -> Image.Image:
    """The greatest of a pixel's channels."""
    first, *others = difference.split()
    for channel in others:
        first = ImageChops.lighter(first, channel)
    return first


def _save(pair: Pair, images: list[Image.Image]) -> Path:
    """Write the pictures side by side, large ones made smaller; gives where."""
    for image in images:
        image.thumbnail((_WIDEST, _WIDEST))
    width = sum(image.width + _GAP for image in images) - _GAP
    sheet = Image.new("RGB", (width, max(image.height for image in images)), "white")
    left = 0
    for image in images:
        sheet.paste(image.convert("RGB"), (left, 0))
        left += image.width + _GAP
    name = clip(PurePosixPath(pair.name.strip("/").replace("/", "-")).stem, 100)
    path = pair.folder() / f"{name}-recorded-again-difference.png"
    sheet.save(path)
    return path


def _size(image: Image.Image) -> str:
    return f"{image.width} by {image.height} pixels"
