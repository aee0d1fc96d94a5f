"""Pictures that came out differently: how many pixels, how far, and something to look at."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, PngImagePlugin


def png(image: Image.Image, **notes: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    for key, value in notes.items():
        info.add_text(key, value)
    into = io.BytesIO()
    image.save(into, "PNG", pnginfo=info)
    return into.getvalue()


def test_pixels_are_counted_and_shown_side_by_side(compare: Any) -> None:
    old = Image.new("RGB", (10, 6), (10, 20, 30))
    new = old.copy()
    new.putpixel((3, 2), (10, 70, 30))
    new.putpixel((4, 5), (15, 20, 30))
    told = compare("/figures/roc.png", png(old), png(new))
    assert told.kind == "picture"
    assert told.lines == (
        "2 of 60 pixels differ, by 50 of 255 at most, in 10 by 6 pixels",
        "all of them between 3,2 and 4,5",
    )
    assert told.picture.name == "figures-roc-recorded-again-difference.png"
    with Image.open(told.picture) as sheet:
        assert sheet.size == (3 * 10 + 2 * 4, 6)
        assert sheet.getpixel((0, 0)) == (10, 20, 30)
        assert sheet.getpixel((14 + 3, 2)) == (10, 70, 30)
        assert sheet.getpixel((28 + 3, 2)) == (255, 255, 255)
        assert sheet.getpixel((28, 0)) == (0, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA"])
def test_pictures_of_every_kind(compare: Any, mode: str) -> None:
    old = Image.new("L", (4, 4), 0)
    new = old.copy()
    new.putpixel((0, 0), 255)
    said = compare("a.png", png(old.convert(mode)), png(new.convert(mode))).lines[0]
    assert said.startswith("1 of 16 pixels differ, by 255")


def test_other_sizes_and_equal_pixels(compare: Any) -> None:
    image = Image.new("L", (4, 4), 7)
    told = compare("a.png", png(image), png(image.resize((8, 4))))
    assert told.lines == ("the size is another: 4 by 4 pixels → 8 by 4 pixels",)
    assert told.picture.exists()
    told = compare("a.png", png(image, Software="1"), png(image, Software="2"))
    assert told.lines == ("the same pixels; compression or the notes in the file differ",)
    assert told.picture is None


def test_large_pictures_are_shown_smaller(compare: Any) -> None:
    told = compare("a.png", png(Image.new("L", (3000, 10), 0)), png(Image.new("L", (3000, 10), 1)))
    with Image.open(told.picture) as sheet:
        assert sheet.width == 3 * 1024 + 2 * 4


def test_what_is_no_picture_is_compared_byte_by_byte(compare: Any) -> None:
    image = png(Image.new("L", (4, 4), 7))
    assert compare("a.png", image, image[:-20]).kind == "bytes"
    assert compare("a.jpg", b"\0", b"\1").kind == "bytes"
    deep = png(Image.new("I;16", (4, 4), 700))
    assert compare("a.png", image, deep).kind == "bytes"
