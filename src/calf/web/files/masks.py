"""Masks: pictures whose pixels are the numbers of classes, shown in colours, alone or over their photo."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname, splitext
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.pictures import AT_ONCE, Shown, opened, saved
from calf.web.files.previews.subject import cut

MOST_BYTES = 4 * 1024 * 1024
_CLASSES = 24
_NAME = 40
COLOURS = (
    "#e4572e", "#2e86ab", "#f3a712", "#8b5fbf", "#3da35d", "#d81e5b", "#00a6a6", "#a0522d",
    "#7a9e00", "#5b6c8f", "#ff8c69", "#4b0082",
)  # fmt: skip
"""By the number of the class; told apart by people who see fewer colours as well as eight can be."""
GROUND = "background"
TRIMAP: Mapping[int, str] = {1: "pet", 2: GROUND, 3: "border"}
_PHOTOS, _MASKS = ("jpg", "jpeg", "png"), ("png",)


@dataclass(frozen=True, slots=True)
class Mask:
    """The share of the pixels of each class, by its number."""

    shares: Mapping[int, float]
    width: int
    height: int

    def legend(self, names: Mapping[int, str]) -> list[dict[str, Any]]:
        """The classes with their colours; the background has none."""
        return [
            {
                "value": value,
                "name": cut(names.get(value, f"class {value}"), _NAME),
                "share": round(share, 4),
                "colour": "" if names.get(value) == GROUND else COLOURS[value % len(COLOURS)],
            }
            for value, share in self.shares.items()
        ]

    def names(self, path: str, shares: Mapping[str, Any]) -> Mapping[int, str]:
        """What the numbers mean: of a trimap in the layout of Oxford-IIIT Pet, and where a record beside the
        mask says which share of its pixels each class has."""
        if "trimaps" in path.split("/"):
            return TRIMAP
        own = {share: value for value, share in self.shares.items()}
        found = {
            own[share]: name for name, share in shares.items() if isinstance(share, float) and share in own
        }
        return found if len(found) == len(own) == len(self.shares) else {}


def read_mask(content: bytes) -> Mask:
    """What classes a picture has. Raises `Unreadable` for what is no mask."""
    with opened(io.BytesIO(content)) as image:
        if image.format != "PNG" or image.mode not in ("L", "P", "1"):
            raise Unreadable("a mask is a PNG of one channel")
        with AT_ONCE:
            flat = image.convert("L") if image.mode == "1" else image
            colours = flat.getcolors(_CLASSES)
        if not colours or len(colours) < 2:
            raise Unreadable("a mask has two classes or some more")
        total = image.width * image.height
        counts = {int(str(value)): count / total for count, value in colours}
        shares = dict(sorted(counts.items()))
        return Mask(shares, image.width, image.height)


def coloured(content: bytes, ground: str = "") -> Shown:
    """A mask in the colours of its classes; one sees through the class `ground`. Raises `Unreadable`."""
    read_mask(content)
    with opened(io.BytesIO(content)) as image, AT_ONCE:
        flat = image.convert("L") if image.mode == "1" else image
        numbers = flat.copy()
        numbers.info.clear()
        if numbers.mode == "L":
            numbers.putpalette(_palette())
        else:
            numbers.putpalette(_palette(), "RGB")
        return saved(numbers, clear=int(ground) % 256 if ground.isdecimal() else None)


def _palette() -> bytes:
    return b"".join(bytes.fromhex(COLOURS[value % len(COLOURS)][1:]) for value in range(256))


def masks_of(path: str) -> Iterator[str]:
    """Where the mask of a photo may lie: the layout of Oxford-IIIT Pet, that of our stages, and habits."""
    folder, name = dirname(path), basename(path)
    stem, suffix = splitext(name)
    if suffix.lower().lstrip(".") not in _PHOTOS:
        return
    parts = folder.split("/")
    for at in reversed(range(len(parts))):
        if parts[at] == "images":
            for other in ("annotations/trimaps", "masks", "labels", "annotations", "predictions"):
                yield "/".join((*parts[:at], other, *parts[at + 1 :], f"{stem}.png"))
            break
    if stem in ("image", "photo"):
        yield from (f"{folder.rstrip('/')}/{other}.png" for other in ("mask", "prediction", "predicted"))
    yield from (f"{folder.rstrip('/')}/{stem}{end}.png" for end in ("_mask", "-mask", ".mask"))


def photos_of(path: str) -> Iterator[str]:
    """Where the photo of a mask may lie; the other way round."""
    folder, name = dirname(path), basename(path)
    stem, suffix = splitext(name)
    if suffix.lower().lstrip(".") not in _MASKS:
        return
    for other in ("/annotations/trimaps", "/masks", "/labels", "/predictions", "/annotations"):
        before, found, after = f"{folder}/".rpartition(f"{other}/")
        if found:
            yield from (f"{before}/images/{after}{stem}.{kind}" for kind in _PHOTOS)
    if stem in ("mask", "prediction", "predicted"):
        yield from (f"{folder.rstrip('/')}/image.{kind}" for kind in _PHOTOS)
    for end in ("_mask", "-mask", ".mask"):
        if stem.endswith(end):
            yield from (f"{folder.rstrip('/')}/{stem.removesuffix(end)}.{kind}" for kind in _PHOTOS)
