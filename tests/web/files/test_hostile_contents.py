"""Files that are made to break whoever reads them: each is shown as something, and none costs much."""

from __future__ import annotations

import io
import json
import struct
import tarfile
import time
import zlib

import pytest
from PIL import Image
from starlette.testclient import TestClient

from calf.web.files.previews.texts import _LEXERS
from tests.web.files.conftest import REPO, Put

ALONE = "\\ud800"
"""Half of a character, as JSON may spell it: no text that is sent can hold it."""


def kind(web: TestClient, put: Put, path: str, content: bytes) -> str:
    """As what a file is shown, by a page that shows without an error."""
    put({path: content}, "hostile")
    asked = {"commit": "hostile", "path": path}
    page = web.get(f"{REPO}/files", params=asked)
    assert page.status_code == 200, page.text
    return str(web.get(f"{REPO}/files.json", params=asked).json()["preview"]["kind"])


def tensors(header: str) -> bytes:
    return len(header).to_bytes(8, "little") + header.encode() + bytes(24)


def png(*after: tuple[bytes, bytes]) -> bytes:
    """A picture with more chunks behind its pixels."""
    output = io.BytesIO()
    Image.new("L", (2, 2)).save(output, "PNG")
    whole = output.getvalue()
    more = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in after
    )
    return whole[:-12] + more + whole[-12:]


@pytest.mark.parametrize(
    ("path", "content", "shown"),
    [
        ("/a.json", f'{{"{ALONE}": "{ALONE}"}}', "tree"),
        ("/a.ipynb", f'{{"cells": [{{"cell_type": "code", "source": "{ALONE}"}}]}}', "notebook"),
        ("/b.ipynb", f'{{"cells": [{{"cell_type": "markdown", "source": "[x]({ALONE})"}}]}}', "notebook"),
        (
            "/c.ipynb",
            f'{{"cells": [{{"cell_type": "code", "outputs": [{{"text": "{ALONE}"}}]}}]}}',
            "notebook",
        ),
    ],
)
def test_half_a_character_is_spelled_out(
    web: TestClient, put: Put, path: str, content: str, shown: str
) -> None:
    assert kind(web, put, path, content.encode()) == shown


def test_half_a_character_is_spelled_out_in_names_of_tensors(web: TestClient, put: Put) -> None:
    tensor = '{"dtype": "F32", "shape": [6], "data_offsets": [0, 24]}'
    header = f'{{"__metadata__": {{"a": "{ALONE}"}}, "{ALONE}": {tensor}}}'
    assert kind(web, put, "/s.safetensors", tensors(header)) == "tensors"


def test_archives_with_names_in_another_alphabet_are_listed(web: TestClient, put: Put) -> None:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", encoding="latin-1", format=tarfile.GNU_FORMAT) as made:
        made.addfile(tarfile.TarInfo("caf\xe9"))
    assert kind(web, put, "/latin.tar", output.getvalue()) == "archive"


def test_archives_that_lead_their_reader_astray_are_bytes(web: TestClient, put: Put) -> None:
    more = tarfile.TarInfo("p")
    more.type = tarfile.XHDTYPE
    endless = more.tobuf() * 2000 + tarfile.TarInfo("a").tobuf() + bytes(1024)
    assert kind(web, put, "/endless.tar", endless) == "bytes"
    sparse = tarfile.TarInfo("s")
    sparse.type = tarfile.GNUTYPE_SPARSE
    head = bytearray(sparse.tobuf())
    head[482] = 1
    head[148:156] = b"%06o\0 " % (256 + sum(head[:148]) + sum(head[156:]))
    assert kind(web, put, "/sparse.tar", bytes(head)) == "bytes"


@pytest.mark.parametrize(
    "header",
    [
        '{"w": {"dtype": "X", "shape": [1e999], "data_offsets": [0, 0]}}',
        '{"w": {"dtype": "F32", "shape": [6], "data_offsets": [0.0, 24.0]}}',
        '{"w": {"dtype": "F32", "shape": [-2, -3], "data_offsets": [0, 24]}}',
    ],
)
def test_headers_of_tensors_that_cannot_be_are_bytes(web: TestClient, put: Put, header: str) -> None:
    assert kind(web, put, "/odd.safetensors", tensors(header)) == "bytes"


def test_a_shape_of_many_dimensions_is_not_multiplied(web: TestClient, put: Put) -> None:
    shape = ",".join(["9"] * 1_000_000)
    header = f'{{"w": {{"dtype": "F32", "shape": [{shape}], "data_offsets": [0, 24]}}}}'
    began = time.process_time()
    assert kind(web, put, "/wide.safetensors", tensors(header)) == "bytes"
    assert time.process_time() - began < 5


@pytest.mark.parametrize("shares", [{"pet": []}, {"pet": {}}, [], 1, {"\ud800": 0.5, "b": 0.5}])
def test_a_record_beside_a_mask_may_say_anything(web: TestClient, put: Put, shares: object) -> None:
    mask = io.BytesIO()
    image = Image.new("L", (2, 1))
    image.putpixel((1, 0), 1)
    image.save(mask, "PNG")
    record = json.dumps({"class_shares": shares}).encode()
    put({"/m/sample.json": record}, "hostile")
    assert kind(web, put, "/m/mask.png", mask.getvalue()) == "picture"


@pytest.mark.parametrize(
    "name", [b"gAMA", b"cHRM", b"pHYs", b"iCCP", b"tRNS", b"sRGB", b"eXIf", b"acTL", b"fcTL"]
)
def test_broken_notes_behind_the_pixels_are_no_error_of_ours(web: TestClient, put: Put, name: bytes) -> None:
    commits = [put({"/p.png": png((name, more))}, "notes") for more in (b"", b"\0")]
    for show in ("image", "thumb", "mask"):
        found = web.get(f"{REPO}/raw?commit=notes&path=/p.png&show={show}")
        assert found.status_code in (200, 400), found.text
    assert kind(web, put, "/p.png", png((name, b""))) == "picture"
    asked = {"old": commits[0], "new": commits[1], "path": "/p.png"}
    assert web.get(f"{REPO}/diff", params=asked).status_code == 200


def test_large_cells_of_a_notebook_are_shown_a_few_at_a_time(web: TestClient, put: Put) -> None:
    cells = [{"cell_type": "markdown", "source": f"{number} " + "words " * 6000} for number in range(30)]
    assert kind(web, put, "/large.ipynb", json.dumps({"cells": cells}).encode()) == "notebook"
    seen: list[str] = []
    link = f"{REPO}/files?commit=hostile&path=/large.ipynb"
    while link:
        preview = web.get(link.replace("/files?", "/files.json?")).json()["preview"]
        assert len(preview["cells"]) < 5
        seen += [cell["html"][3:6].split()[0] for cell in preview["cells"]]
        link = preview["more"]
    assert seen == [str(number) for number in range(30)]


@pytest.mark.parametrize("suffix", sorted(_LEXERS))
def test_no_page_of_words_takes_long_to_be_coloured(web: TestClient, put: Put, suffix: str) -> None:
    began = time.process_time()
    assert kind(web, put, f"/words.{suffix}", b"a " * 2000)
    assert time.process_time() - began < 1


def test_a_broken_note_of_which_way_is_up_is_no_error_of_ours(web: TestClient, put: Put) -> None:
    output = io.BytesIO()
    Image.new("RGB", (300, 200)).save(output, "PNG", exif=b"Exif\0\0II*\0")
    put({"/up.png": output.getvalue()}, "hostile")
    found = web.get(f"{REPO}/raw?commit=hostile&path=/up.png&show=thumb")
    assert found.status_code in (200, 400)
