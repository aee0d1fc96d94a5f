"""Weights that came out differently: which layer, how many numbers, how far."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from calf.views.differences import tensors
from calf.views.differences.safetensors import SIZES


def pack(*named: tuple[str, str, list[int], bytes], **metadata: str) -> bytes:
    """A file of tensors: name, type, shape, numbers."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    data = b""
    for name, dtype, shape, numbers in named:
        offsets = [len(data), len(data) + len(numbers)]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": offsets}
        data += numbers
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def floats(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def test_the_layer_the_place_and_the_distances_are_told(compare: Any) -> None:
    same = ("a/bias", "F32", [2], floats(1, 2))
    old = pack(same, ("b/kernel", "F32", [2, 3], floats(1, 2, 3, 4, 5, 6)))
    new = pack(same, ("b/kernel", "F32", [2, 3], floats(1, 2, 3, 4.5, 5, 6.25)))
    told = compare("/model/weights.safetensors", old, new)
    assert told.kind == "tensors"
    assert told.lines == (
        "b/kernel F32[2, 3]: 2 of 6 numbers, 0.5 apart at [1, 0] (4 → 4.5), relatively 0.111",
        "1 of 2 tensors differ",
    )


@pytest.mark.parametrize(
    ("dtype", "old", "new", "said"),
    [
        ("F16", struct.pack("<2e", 1, 2), struct.pack("<2e", 1, 4), "2 apart at [1] (2 → 4)"),
        ("BF16", b"\x80\x3f\x00\x40", b"\x80\x3f\x80\x40", "2 apart at [1] (2 → 4)"),
        ("F64", struct.pack("<2d", 1, 2), struct.pack("<2d", 1, 2.5), "0.5 apart"),
        ("I64", struct.pack("<2q", 1, -7), struct.pack("<2q", 1, 7), "14 apart at [1] (-7 → 7)"),
        ("BOOL", b"\0\1", b"\0\0", "1 of 2 numbers"),
        ("F32", floats(1, float("nan")), floats(2, float("nan")), "1 of 2 numbers, 1 apart at [0]"),
        (
            "F32",
            floats(1, float("nan")),
            floats(1.5, 7),
            "2 of 2 numbers, inf apart at [1] (nan → 7), relatively inf",
        ),
        ("F32", floats(float("inf"), 1), floats(float("inf"), 2), "1 of 2 numbers, 1 apart at [1] (1 → 2)"),
        (
            "F32",
            floats(float("inf"), 1),
            floats(-float("inf"), 2),
            "2 of 2 numbers, inf apart at [0] (inf → -inf)",
        ),
        ("F32", floats(1, 0.0), floats(1, -0.0), "the bits of some numbers differ"),
        ("F8_E4M3", b"\0\1", b"\0\2", "its bytes differ"),
    ],
)
def test_numbers_of_any_type(compare: Any, dtype: str, old: bytes, new: bytes, said: str) -> None:
    told = compare("w.safetensors", pack(("x", dtype, [2], old)), pack(("x", dtype, [2], new)))
    assert said in told.lines[0]


def test_tensors_that_came_went_or_have_another_form(compare: Any) -> None:
    old = pack(("gone", "F32", [1], floats(1)), ("form", "F32", [1, 2], floats(1, 2)))
    new = pack(("form", "F32", [2], floats(1, 2)), ("new", "F32", [1], floats(1)))
    told = compare("w.safetensors", old, new)
    assert told.lines[:3] == (
        "gone F32[1]: missing in the new file",
        "form: F32[1, 2] → F32[2]",
        "new F32[1]: only in the new file",
    )


def test_another_header_with_the_same_numbers(compare: Any) -> None:
    one = ("x", "F32", [1], floats(1))
    told = compare("w.safetensors", pack(one, at="monday"), pack(one, at="tuesday"))
    assert told.lines == ("the same numbers; the header says something else beside them",)


def test_only_so_many_numbers_are_looked_at(compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensors, "_NUMBERS", 4)
    monkeypatch.setattr(tensors, "_EXAMINED", 4)
    old, new = floats(*range(8)), floats(*(n + 1 for n in range(8)))
    told = compare("w.safetensors", pack(("x", "F32", [8], old)), pack(("x", "F32", [8], new)))
    assert told.lines[0].startswith("x F32[8]: at least 4 of 8 numbers, at least 1 apart at [0]")


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xff" * 8,
        (3).to_bytes(8, "little") + b"[1]",
        (9).to_bytes(8, "little") + b'{"a": 1}\0',
        pack(("x", "F32", [3], floats(1))),
        pack(("x", "F32", [1], floats(1)))[:-1],
    ],
)
def test_what_is_no_file_of_tensors_is_compared_byte_by_byte(compare: Any, broken: bytes) -> None:
    assert compare("w.safetensors", broken, pack(("x", "F32", [1], floats(1)))).kind in {"bytes", "text"}


@given(data=some.data(), dtype=some.sampled_from(sorted(SIZES)))
def test_any_two_tensors_can_be_told_apart(data: Any, dtype: str, tmp_path_factory: Any) -> None:
    from calf.views.differences.describing import describe
    from calf.views.differences.pair import Pair

    size = 3 * SIZES[dtype]
    old, new = (data.draw(some.binary(min_size=size, max_size=size)) for _ in range(2))
    folder = tmp_path_factory.mktemp("pair")
    for name, numbers in (("old", old), ("new", new)):
        (folder / name).write_bytes(pack(("x", dtype, [3], numbers)))
    told = describe(Pair("w.safetensors", folder / "old", folder / "new", lambda: folder))
    assert ("1 of 1 tensor differ" in told.lines) == (old != new)
