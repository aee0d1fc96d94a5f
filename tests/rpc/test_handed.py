from __future__ import annotations

import os
import random
from collections import deque
from pathlib import Path

import pytest

from calf.rpc.handed import read_handed

DATA = random.Random(1).randbytes((12 << 20) + 5)


def opened(path: Path, data: bytes) -> deque[int]:
    path.write_bytes(data)
    return deque([os.open(path, os.O_RDONLY)])


def test_pieces_that_are_kept_stay_as_they_were(tmp_path: Path) -> None:
    kept = list(read_handed(opened(tmp_path / "f", DATA)))
    assert b"".join(kept) == DATA
    assert len({id(piece.obj) for piece in kept}) == len(kept) > 1


def test_memory_is_used_again_when_nobody_looks_into_it(tmp_path: Path) -> None:
    got, rooms = [], set()
    pieces = read_handed(opened(tmp_path / "f", DATA))
    for piece in pieces:
        got.append(bytes(piece))
        rooms.add(id(piece.obj))
        piece.release()
    assert b"".join(got) == DATA
    assert len(rooms) == 1


@pytest.mark.parametrize("size", [0, 1, 200_000])
def test_small_files_are_whole_and_closed(tmp_path: Path, size: int) -> None:
    descriptors = opened(tmp_path / "f", DATA[:size])
    [descriptor] = descriptors
    assert b"".join(read_handed(descriptors)) == DATA[:size]
    assert not descriptors
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_file_that_is_longer_than_it_said_is_read_in_few_pieces(tmp_path: Path) -> None:
    pieces = read_handed(opened(tmp_path / "f", DATA[:1]))
    kept = [next(pieces)]
    with (tmp_path / "f").open("ab") as file:
        file.write(DATA[1:5000])
    kept.extend(pieces)
    assert b"".join(kept) == DATA[:5000]
    assert len(kept) == 2
