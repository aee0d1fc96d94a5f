from __future__ import annotations

import io
import json
import random
import time
from typing import Any

import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet
from starlette.testclient import TestClient

from tests.web.files.conftest import REPO, Put


def differ(
    web: TestClient, put: Put, path: str, old: bytes | None, new: bytes | None, **more: str
) -> dict[str, Any]:
    """What the page of a file says of two versions of it."""
    first = put({path: old, "/other": b"1"}, "d")
    second = put({path: new, "/other": b"2"}, "d")
    asked = {"old": first, "new": second, "path": path}
    assert web.get(f"{REPO}/diff", params=asked).status_code == 200
    data: dict[str, Any] = web.get(f"{REPO}/diff.json", params=asked).json()
    return data


def lines(data: dict[str, Any]) -> list[tuple[str, str]]:
    assert data["comparison"]["kind"] == "lines"
    return [
        (line["how"], line["text"])
        for line in data["comparison"]["lines"]
        if line["how"] in ("added", "removed")
    ]


def test_changes_are_paged(web: TestClient, put: Put) -> None:
    old = put({"/d/x": b""}, "paged")
    new = put({f"/d/{number:03d}": b"x" for number in range(230)} | {"/d/x": None}, "paged")
    seen: list[str] = []
    after = ""
    while True:
        data = web.get(f"{REPO}/diff.json", params={"old": old, "new": new, "after": after}).json()
        seen += [each["path"] for each in data["changes"]]
        assert data["counts"] == {"added": 230, "removed": 1, "changed": 0}
        if not (after := data["more"]):
            break
    assert len(seen) == len(set(seen)) == 231
    assert web.get(f"{REPO}/diff", params={"old": new, "new": new}).status_code == 200


def test_a_text_differs_by_line(web: TestClient, put: Put) -> None:
    old = "".join(f"line {number}\n" for number in range(400))
    new = old.replace("line 7\n", "<b>seven</b>\n").replace("line 300\n", "")
    data = differ(web, put, "/d/a.txt", old.encode(), new.encode())
    assert lines(data) == [("removed", "line 7"), ("added", "<b>seven</b>"), ("removed", "line 300")]
    assert [line["how"] for line in data["comparison"]["lines"]].count("gap") == 2
    assert len(data["comparison"]["lines"]) < 30


def test_a_file_that_came_or_went_is_shown_whole(web: TestClient, put: Put) -> None:
    assert lines(differ(web, put, "/d/b.txt", None, b"a\nb")) == [("added", "a"), ("added", "b")]
    assert lines(differ(web, put, "/d/b.txt", b"a", None)) == [("removed", "a")]


def test_texts_that_differ_everywhere_are_not_compared_for_ever(web: TestClient, put: Put) -> None:
    order = random.Random(1)
    old, new = ("\n".join(str(order.randrange(200)) for _ in range(40_000)) for _ in range(2))
    began = time.monotonic()
    data = differ(web, put, "/d/c.txt", old.encode(), new.encode())
    assert data["comparison"]["kind"] == "words"
    assert time.monotonic() - began < 10


def test_json_differs_by_key(web: TestClient, put: Put) -> None:
    old, new = {"a": {"b": [1, 2]}, "gone": 1}, {"a": {"b": [1, 3]}, "new": "<b>"}
    data = differ(web, put, "/d/a.json", json.dumps(old).encode(), json.dumps(new).encode())
    assert data["comparison"]["keys"] == [
        {"key": "a.b[1]", "before": "2", "after": "3"},
        {"key": "gone", "before": "1", "after": None},
        {"key": "new", "before": None, "after": '"<b>"'},
    ]


def test_a_table_differs_by_row(web: TestClient, put: Put) -> None:
    old, new = b"id,x\na,1\nb,2\nc,3\n", b"id,x\nd,4\nb,5\na,1\n"
    data = differ(web, put, "/d/a.csv", old, new)["comparison"]
    assert data["counts"] == {"added": 1, "removed": 1, "changed": 1, "same": 1}
    assert [(row["how"], row["row"]) for row in data["rows"]] == [
        ("added", "d"),
        ("changed", "b"),
        ("removed", "c"),
    ]
    assert data["rows"][1]["cells"][1] == {"now": "5", "was": "2"}
    other = differ(web, put, "/d/a.csv", old, b"id,y\na,1\n")
    assert other["comparison"]["kind"] == "lines"


def test_pictures_stand_beside_each_other(web: TestClient, put: Put) -> None:
    def png(colour: str, size: tuple[int, int] = (5, 4)) -> bytes:
        output = io.BytesIO()
        Image.new("RGB", size, colour).save(output, "PNG")
        return output.getvalue()

    data = differ(web, put, "/d/a.png", png("red"), png("blue"))
    assert data["comparison"]["slide"]
    assert data["comparison"]["lines"][0] == "20 of 20 pixels differ, by 255 of 255 at most, in 5 by 4 pixels"
    assert web.get(data["comparison"]["before"]).content == png("red")
    assert web.get(data["comparison"]["after"]).content == png("blue")
    assert not differ(web, put, "/d/a.png", png("red"), png("blue", (6, 4)))["comparison"]["slide"]
    assert differ(web, put, "/d/a.png", None, png("blue"))["comparison"]["before"] == ""


def test_other_files_differ_by_size_and_hash(web: TestClient, put: Put) -> None:
    data = differ(web, put, "/d/a.bin", b"\0\1\2", b"\0\1\3\4")
    assert data["comparison"]["lines"][0] == "first different byte at offset 2"
    assert data["before"]["hash"] != data["after"]["hash"]
    assert differ(web, put, "/d/a.bin", b"\0same", b"\0same")["same"]
    gone = web.get(f"{REPO}/diff", params={"new": data["new"]["id"], "path": "/nothing"})
    assert gone.status_code == 404


def test_texts_that_differ_in_bytes_that_are_no_text_are_not_the_same(web: TestClient, put: Put) -> None:
    long = b"line\n" * 20_000
    data = differ(web, put, "/d/late.txt", long + b"\xff", long + b"\xfe")
    assert data["comparison"]["kind"] == "words"
    assert data["comparison"]["lines"]


def test_a_cell_with_an_odd_end_of_a_line_is_one_cell(web: TestClient, put: Put) -> None:
    odd = "id,x\na,1\u2028 2\nb,3\n".encode()
    data = differ(web, put, "/d/odd.csv", odd, odd.replace(b"3", b"4"))["comparison"]
    assert data["counts"] == {"added": 0, "removed": 0, "changed": 1, "same": 1}


def test_a_long_cell_that_changed_at_its_end_is_marked(web: TestClient, put: Put) -> None:
    old, new = (f"id,x\na,{'y' * 500}{end}\n".encode() for end in "12")
    (row,) = differ(web, put, "/d/long.csv", old, new)["comparison"]["rows"]
    assert row["cells"][0]["was"] is None
    assert row["cells"][1]["was"] is not None


def test_all_of_a_parquet_table_is_compared(web: TestClient, put: Put) -> None:
    wide = {f"c{number}": ["same"] for number in range(80)}
    for old, new in (
        ({"c": ["x" * 500 + "1"]}, {"c": ["x" * 500 + "2"]}),
        (wide, wide | {"c70": ["other"]}),
        ({"id": ["a"], "c": pa.array([None], pa.string())}, {"id": ["a"], "c": [""]}),
        ({"c": [b"x" * 300 + b"1"]}, {"c": [b"x" * 300 + b"2"]}),
    ):
        data = differ(web, put, "/d/t.parquet", parquet_of(old), parquet_of(new))["comparison"]
        assert data["counts"]["same"] == 0, new
    numbers = ({"id": ["a"], "c": pa.array([1], pa.int64())}, {"id": ["a"], "c": pa.array([1], pa.int32())})
    data = differ(web, put, "/d/t.parquet", *map(parquet_of, numbers))["comparison"]
    assert data["kind"] == "words"


def test_a_parquet_table_that_is_far_larger_than_its_file_is_not_compared(web: TestClient, put: Put) -> None:
    huge = {f"c{number}": ["x" * 400] * 20_000 for number in range(10)}
    old, new = parquet_of(huge), parquet_of({**huge, "c1": ["y" * 400] * 20_000})
    assert len(old) < 200_000
    assert differ(web, put, "/d/huge.parquet", old, new)["comparison"]["kind"] == "words"


def parquet_of(columns: dict[str, Any]) -> bytes:
    output = io.BytesIO()
    parquet.write_table(pa.table(columns), output)
    return output.getvalue()


@pytest.mark.parametrize("view", ["", "bytes"])
def test_pictures_and_documents_of_much_memory_are_compared_byte_by_byte(
    web: TestClient, put: Put, view: str
) -> None:
    def png(colour: int) -> bytes:
        output = io.BytesIO()
        Image.new("L", (8000, 8000), colour).save(output, "PNG")
        return output.getvalue()

    lists = b"[" + b"[]," * (6 << 20) + b"1]"
    for path, old, new in (("/d/vast.png", png(0), png(1)), ("/d/vast.json", lists, lists[:-2] + b"2]")):
        data = differ(web, put, path, old, new)
        shown = web.get(
            f"{REPO}/diff.json",
            params={"old": data["old"]["id"], "new": data["new"]["id"], "path": path, "view": view},
        ).json()
        assert shown["comparison"]["lines"][0].startswith("first different byte"), path


def test_a_page_behind_the_last_change_does_not_say_that_nothing_differs(web: TestClient, put: Put) -> None:
    put({"/a": b"1"}, "behind")
    page = web.get(f"{REPO}/diff", params={"new": "behind", "after": "/gone"}).text
    assert "The same files" not in page
    assert "None of them is behind /gone." in page
