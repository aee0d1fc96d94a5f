from __future__ import annotations

import base64
import gzip
import io
import json
import struct
import tarfile
import warnings
import zipfile
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from calf.views.differences.pair import Unreadable
from calf.web.files.pictures import expect_oddities, shape_of
from tests.web.files.conftest import REPO, Put

BIDI = "\u202e"


def look(web: TestClient, path: str, **query: str) -> dict[str, Any]:
    """The data of a file's page, which must show without an error."""
    asked = {"commit": "p", "path": path, **query}
    page = web.get(f"{REPO}/files", params=asked)
    assert page.status_code == 200, page.text
    data: dict[str, Any] = web.get(f"{REPO}/files.json", params=asked).json()
    return data


def shown(web: TestClient, path: str, **query: str) -> str:
    return web.get(f"{REPO}/files", params={"commit": "p", "path": path, **query}).text


def png(mode: str = "RGB", values: tuple[int, ...] = (), size: tuple[int, int] = (8, 8)) -> bytes:
    image = Image.new(mode, size)
    for at, value in enumerate(values):
        image.putpixel((at % size[0], at // size[0]), value)
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def test_text_has_numbers_of_lines_and_is_read_on(web: TestClient, put: Put) -> None:
    text = "".join(f"line {number} <b>\n" for number in range(1, 5001))
    put({"/long.txt": text.encode()}, "p")
    data = look(web, "/long.txt")
    numbers: list[int] = []
    words: list[str] = []
    while True:
        preview = data["preview"]
        assert preview["kind"] == "text"
        numbers += [line["number"] for line in preview["lines"]]
        words += ["".join(part[1] for part in line["parts"]) for line in preview["lines"]]
        if not preview["more"]:
            break
        data = web.get(preview["more"].replace("/files?", "/files.json?")).json()
    assert numbers == list(range(1, 5001))
    assert "\n".join(words) + "\n" == text
    assert "&lt;b&gt;" in shown(web, "/long.txt")


def test_code_is_coloured_and_nothing_hides_in_it(web: TestClient, put: Put) -> None:
    put({"/a.py": f"def f():\n    return '{BIDI}x'  # \x1b[31m\n".encode()}, "p")
    page = shown(web, "/a.py")
    assert '<span class="t-k">def</span>' in page
    assert BIDI not in page
    assert "\\u202e" in page
    assert "\x1b" not in page


def test_a_table_has_types_and_pages(web: TestClient, put: Put) -> None:
    rows = "".join(f'{number},{number / 3},"a ""b""\nc {number}"\n' for number in range(250))
    put({"/t.csv": f"n,x,<i>words</i>\n{rows}".encode()}, "p")
    data = look(web, "/t.csv")["preview"]
    assert [(each["name"], each["type"]) for each in data["columns"]] == [
        ("n", "integer"),
        ("x", "number"),
        ("<i>words</i>", "text"),
    ]
    assert data["total"] == 250
    seen = [row[0] for row in data["rows"]]
    while data["more"]:
        data = web.get(data["more"].replace("/files?", "/files.json?")).json()["preview"]
        assert data["rows"][0][0] == str(data["first"] - 1)
        seen += [row[0] for row in data["rows"]]
    assert seen == [str(number) for number in range(250)]
    assert "&lt;i&gt;words" in shown(web, "/t.csv")


def test_long_numbers_of_tables_and_trees_hide_digits(web: TestClient, put: Put) -> None:
    put({"/t.csv": b"x\n0.8051234567890123\n", "/t.json": b'{"x": 0.8051234567890123}'}, "p")
    for path in ("/t.csv", "/t.json"):
        page = shown(web, path)
        assert 'title="0.8051234567890123">0.80512<span class="hidden-digits">34567890123</span>' in page


def test_parquet_is_read_by_a_process_of_its_own(web: TestClient, put: Put) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    output = io.BytesIO()
    table = pa.table({"n": list(range(230)), "s": [f"<b>{at}" for at in range(230)]})
    parquet.write_table(table, output, row_group_size=70)
    put({"/t.parquet": output.getvalue(), "/bad.parquet": b"PAR1" + bytes(100) + b"PAR1"}, "p")
    asked = {"commit": "p", "path": "/t.parquet", "row": "101"}
    data = web.get(f"{REPO}/files.json", params=asked).json()["preview"]
    assert (data["first"], data["total"]) == (101, 230)
    assert [row[0] for row in data["rows"]] == [str(number) for number in range(100, 200)]
    assert data["columns"][0] == {"name": "n", "type": "integer", "numeric": True}
    assert look(web, "/bad.parquet")["preview"]["kind"] == "bytes"


def test_json_is_a_tree_within_bounds(web: TestClient, put: Put) -> None:
    deep = "[" * 400 + "]" * 400
    wide = json.dumps({f"key {number}": {"a": [number, None, True, "<b>"]} for number in range(3000)})
    put(
        {
            "/deep.json": deep.encode(),
            "/wide.json": wide.encode(),
            "/bad.json": b"{",
            "/num.json": b"1" * 9000,
        },
        "p",
    )
    assert look(web, "/deep.json")["preview"]["kind"] == "tree"
    tree = look(web, "/wide.json")["preview"]["tree"]
    assert tree["size"] == 3000
    assert tree["left_out"] == 3000 - len(tree["children"])
    assert len(shown(web, "/wide.json")) < 300_000
    assert look(web, "/bad.json")["preview"]["kind"] == "text"
    assert look(web, "/num.json")["preview"]["kind"] == "text"


def test_markdown_runs_nothing_and_fetches_nothing(web: TestClient, put: Put) -> None:
    text = """# Title
<script>alert(1)</script> [bad](javascript:alert(1)) [data](data:text/html,x) [out](https://example.org/a)
[near](other.md) ![remote](http://example.org/x.png) ![own](img/a.png) [up](../../../etc/passwd)
<img src=x onerror=alert(1)> **bold**

| a | b |
|:-:|--:|
| 1 | 2 |
"""
    put({"/m/a.md": text.encode()}, "p")
    page = shown(web, "/m/a.md")
    article = page[page.index("<article") : page.index("</article>")]
    assert "<script" not in article
    assert "<img src=x" not in article
    assert "javascript:" not in article.replace("[bad](javascript:alert(1))", "")
    assert 'href="data:' not in article
    assert '<a href="https://example.org/a" rel="noopener noreferrer" target="_blank">out</a>' in article
    assert "path=%2Fm%2Fother.md" in article
    assert "example.org/x.png" not in article
    assert "path=%2Fm%2Fimg%2Fa.png&amp;show=image" in article
    assert "path=%2Fetc%2Fpasswd" in article
    assert "style=" not in article
    assert "<strong>bold</strong>" in article


def test_a_notebook_shows_code_and_outputs_and_runs_nothing(web: TestClient, put: Put) -> None:
    picture = base64.b64encode(png()).decode()
    outputs = [
        {"output_type": "stream", "text": ["\x1b[31mred\x1b[0m <b>\n"]},
        {"output_type": "display_data", "data": {"image/png": picture}},
        {
            "output_type": "display_data",
            "data": {"text/html": ["<script>alert(1)</script>"], "text/plain": "x"},
        },
        {"output_type": "error", "ename": "E", "evalue": "<i>", "traceback": ["<i>line"]},
        {
            "output_type": "display_data",
            "data": {"image/svg+xml": "<svg onload=alert(1)>", "text/plain": "svg"},
        },
        {"output_type": "display_data", "data": {"text/markdown": "*is* <i>", "text/plain": "x"}},
        "nonsense",
    ]
    cells = [
        {"cell_type": "markdown", "source": ["# Head\n", "<script>alert(1)</script>"]},
        {"cell_type": "code", "execution_count": 3, "source": "print(1)", "outputs": outputs},
    ]
    put({"/n.ipynb": json.dumps({"cells": cells}).encode(), "/bad.ipynb": b'{"cells": [1]}'}, "p")
    data = look(web, "/n.ipynb")["preview"]
    made = data["cells"][1]["outputs"]
    assert [each["type"] for each in made] == ["text", "picture", "page", "error", "text", "markdown", "text"]
    assert made[0]["text"] == "red <b>\n"
    assert made[5]["html"] == "<p><em>is</em> &lt;i&gt;</p>\n"
    page = shown(web, "/n.ipynb")
    assert "<script>alert" not in page
    assert "sandbox" in page
    assert web.get(made[1]["link"]).content == png()
    frame = web.get(made[2]["link"])
    assert frame.headers["content-security-policy"].startswith("sandbox;")
    assert b"<script>alert(1)</script>" in frame.content
    assert web.get(made[2]["link"].replace("1.2", "1.99")).status_code == 400
    assert look(web, "/bad.ipynb")["preview"]["kind"] == "text"


def test_a_photo_is_seen_under_its_mask(web: TestClient, put: Put) -> None:
    trimap = png("L", (1,) * 16 + (2,) * 40 + (3,) * 8)
    record = json.dumps({"class_shares": {"background": 0.625, "border": 0.125, "pet": 0.25}}).encode()
    put(
        {
            "/images/Cat_1.jpg": png(),
            "/annotations/trimaps/Cat_1.png": trimap,
            "/s/Cat/image.png": png(),
            "/s/Cat/mask.png": png("L", (0,) * 16 + (1,) * 40 + (2,) * 8),
            "/s/Cat/sample.json": record,
        },
        "p",
    )
    over = look(web, "/images/Cat_1.jpg")["preview"]["over"]
    assert over["path"] == "/annotations/trimaps/Cat_1.png"
    assert [(each["name"], each["share"]) for each in over["legend"]] == [
        ("pet", 0.25),
        ("background", 0.625),
        ("border", 0.125),
    ]
    coloured = Image.open(io.BytesIO(web.get(over["image"]).content)).convert("RGBA")
    assert coloured.getchannel("A").getpixel((0, 3)) == 0  # one sees through the background
    assert coloured.getchannel("A").getpixel((0, 0)) == 255
    names = [each["name"] for each in look(web, "/s/Cat/image.png")["preview"]["over"]["legend"]]
    assert names == ["pet", "background", "border"]
    mask = look(web, "/s/Cat/mask.png")["preview"]
    assert mask["photos"][0]["shown"] == "/s/Cat/image.png"
    assert 'class="over o75"' in shown(web, "/images/Cat_1.jpg", opacity="75")


def test_tensors_are_listed_by_their_header(web: TestClient, put: Put) -> None:
    header = json.dumps(
        {"__metadata__": {"by": "<b>"}, "w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    ).encode()
    content = len(header).to_bytes(8, "little") + header + bytes(24)
    monster = json.dumps({"w": {"dtype": "X", "shape": [10**4000] * 99, "data_offsets": [0, 0]}}).encode()
    put({"/w.safetensors": content, "/m.safetensors": len(monster).to_bytes(8, "little") + monster}, "p")
    data = look(web, "/w.safetensors")["preview"]
    assert (data["total"], data["parameters"]) == (1, 6)
    assert data["tensors"][0]["shape"] == ["2", "3"]
    assert look(web, "/m.safetensors")["preview"]["kind"] != "tensors"


def test_archives_are_listed_and_bombs_are_not_unpacked(web: TestClient, put: Put) -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("../../<b>evil", "x")
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w:gz") as made:
        made.addfile(tarfile.TarInfo("a/b"), io.BytesIO())
    info = tarfile.TarInfo("huge")
    info.size = 1 << 40
    bomb = gzip.compress(info.tobuf() + bytes(4 << 20))
    put(
        {
            "/a.zip": zipped.getvalue(),
            "/a.tar.gz": tarred.getvalue(),
            "/b.tgz": bomb,
            "/c.zip": b"PK\x05\x06\0" * 9,
        },
        "p",
    )
    assert look(web, "/a.zip")["preview"]["members"][0]["name"] == "../../<b>evil"
    assert "&lt;b&gt;evil" in shown(web, "/a.zip")
    assert look(web, "/a.tar.gz")["preview"]["members"] == [{"name": "a/b", "size": 0, "folder": False}]
    assert look(web, "/b.tgz")["preview"]["members"][0]["name"] == "huge"
    assert look(web, "/c.zip")["preview"]["kind"] == "bytes"


@pytest.mark.parametrize(
    ("name", "head", "word"),
    [
        ("/m.weights.h5", b"\x89HDF\r\n\x1a\n", "HDF5"),
        ("/m.db", b"SQLite format 3\0", "SQLite"),
        ("/m.npy", b"\x93NUMPY\x01\0", "NumPy"),
        ("/m.pkl", b"\x80\x02}q\0", "pickle"),
        ("/m.bin", b"\0\0", ""),
    ],
)
def test_a_file_that_nobody_can_show_is_called_what_it_is(
    web: TestClient, put: Put, name: str, head: bytes, word: str
) -> None:
    put({name: head + bytes(100)}, "p")
    preview = look(web, name)["preview"]
    assert preview["kind"] == "bytes"
    assert word in preview["is"]
    assert bool(preview["is"]) == bool(word)
    assert preview["is"] in shown(web, name)


def test_nothing_that_a_file_holds_is_an_error_of_ours(web: TestClient, put: Put) -> None:
    kinds = ["png", "csv", "json", "md", "ipynb", "html", "safetensors", "zip", "tar", "tgz", "gz", "none"]
    contents = [b"", b"\xff\xfe\0\0", b"{", bytes(range(256)) * 3]
    files = {f"/any/{at}.{kind}": content for kind in kinds for at, content in enumerate(contents)}
    put(files, "p")
    for at, (path, content) in enumerate(files.items()):
        asked = {
            "commit": "p",
            "path": path,
            "view": ("", "text", "bytes")[at % 3],
            "at": "3" if at % 2 else "",
        }
        data = web.get(f"{REPO}/files.json", params=asked).json()
        assert data["file"]["size"] == len(content), path


def test_a_web_page_stands_in_a_frame_that_may_do_nothing(web: TestClient, put: Put) -> None:
    put({"/page.html": b"<script>alert(1)</script>"}, "p")
    page = shown(web, "/page.html")
    assert "show=frame" in page
    assert " sandbox " in page
    assert "<script>alert(1)" not in page


def test_odd_pictures_say_nothing_in_the_log() -> None:
    file = io.BytesIO()
    Image.new("L", (4, 4)).save(file, "TIFF")
    compression = struct.pack("<HHI", 259, 3, 1)
    odd = file.getvalue().replace(compression, struct.pack("<HHI", 259, 3, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Unreadable, match="Metadata Warning"):
            shape_of(io.BytesIO(odd))
        expect_oddities()
        assert shape_of(io.BytesIO(odd)).format == "TIFF"


def test_a_table_that_is_none_says_so(web: TestClient, put: Put) -> None:
    put({"/long.csv": b"a,b\n" + b"x" * 200_000}, "p")
    assert look(web, "/long.csv")["note"].startswith("it is no table")
    assert not look(web, "/long.csv", view="text")["note"]


def test_a_link_that_leads_nowhere_in_markdown_ends_where_it_ends(web: TestClient, put: Put) -> None:
    put({"/mail.md": b"[a](mailto:x@example.org) and [b](b.md)"}, "p")
    page = shown(web, "/mail.md")
    assert "<span>a</span> and <a href=" in page
