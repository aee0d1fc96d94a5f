"""The format of docs/design/storage.md, read from the bytes alone, and digests that must never change."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import msgpack
import zstandard
from blake3 import blake3

from calf.model.content import Entry
from calf.storage import trees
from calf.storage.blobs import ZSTD, unpack
from calf.storage.chunks import cut, large
from calf.storage.objects import Location, object_id
from calf.storage.store import Store
from calf.storage.trees import PutEntry
from tests.storage.trees.conftest import Objects, content


def read_pack(path: Path) -> dict[bytes, bytes]:
    """The objects of a pack, by a reader that knows nothing of calf."""
    raw = path.read_bytes()
    assert raw[:8] == b"calfpk01"
    offset, length, name, magic = struct.unpack("<QQ32s8s", raw[-56:])
    index = raw[offset : offset + length]
    assert (magic, name, path.name) == (b"calfend1", blake3(index).digest(), name.hex() + ".pack")
    found = {}
    for oid, start, stored, size, codec in struct.iter_unpack("<32sQIIB", index):
        blob = raw[start : start + stored]
        found[oid] = zstandard.ZstdDecompressor().decompress(blob, size) if codec else blob
        assert len(found[oid]) == size
        assert blake3(found[oid]).digest() == oid
    return found


def test_a_pack_can_be_read_from_its_description(tmp_path: Path, store: Store) -> None:
    data = [b"text " * 1000, random.Random(1).randbytes(2_000_000), b""]
    with store.writer() as writer:
        whole = [writer.stream([one]) for one in data]
        root = trees.apply(
            writer.get, writer.put, None, [PutEntry(Entry(f"/d/{n}", "t", c)) for n, c in enumerate(whole)]
        )
        writer.seal()
    [pack] = (tmp_path / "packs").iterdir()
    objects = read_pack(pack)
    assert root is not None
    level, [[key, page, *_]] = msgpack.unpackb(objects[root])
    assert (level, key) == (0, "d/")
    level, rows = msgpack.unpackb(objects[page])
    for number, (key, collides, [[tag, size, hash_, chunks]]) in enumerate(rows):
        assert (key, collides, tag, size) == (str(number), False, "t", len(data[number]))
        ids = (
            [hash_] * bool(size)
            if chunks is None
            else [chunks[i : i + 32] for i in range(0, len(chunks), 32)]
        )
        assert b"".join(objects[oid] for oid in ids) == data[number]
        assert blake3(data[number]).digest() == hash_


def test_a_small_tree_has_the_digests_it_always_had() -> None:
    objects = Objects()
    files = [("/a", "default", "A"), ("/d/b", "t", "B"), ("/empty", "default", "")]
    changes = [PutEntry(Entry(path, tag, content(text))) for path, tag, text in files]
    root = trees.apply(objects.get, objects.put, None, changes)
    assert root is not None
    assert root.hex() == "c0ecd9fa82ae1b4fcac72e3076e6daacff4d42f8d1b061127c0fee95c7d904e5"
    digest = trees.summary(objects.get, root).hash.hex()
    assert digest == "36acf3e26d1070d85a362cfd57a7263b4c14c81c7336f15188cd320319eafc1d"


def test_a_large_tree_has_the_digests_it_always_had() -> None:
    objects = Objects()
    changes = [PutEntry(Entry(f"/{n:04}", "default", content(str(n)))) for n in range(5000)]
    root = trees.apply(objects.get, objects.put, None, changes)
    assert root is not None
    assert root.hex() == "878f501e024bd1d1d779f897840fec193921c6f5ef778fc292e2e678172eac01"
    digest = trees.summary(objects.get, root).hash.hex()
    assert digest == "be95f0685999eb13a59e71e846155de4481e4cc90fc0cf43d635314f121b8790"


def test_chunks_end_where_they_always_ended() -> None:
    sizes = [len(chunk) for chunks in cut(large([random.Random(1).randbytes(2_000_000)])) for chunk in chunks]
    assert sizes == [204367, 274040, 398271, 477575, 167523, 407678, 70546]


def test_a_damaged_size_is_damage_and_asks_for_no_memory() -> None:
    data = b"text " * 100
    stored = bytearray(zstandard.ZstdCompressor().compress(data))
    where = Location(0, len(stored), len(data), ZSTD)
    assert unpack(object_id(data), bytes(stored), where) == data
    stored[4] |= 0xC0  # the frame's size is a number of eight bytes now, and what follows them is read as one
    assert zstandard.frame_content_size(bytes(stored)) > 1 << 40
    assert unpack(object_id(data), bytes(stored), where) is None
