from __future__ import annotations

import os
import random
import threading
from pathlib import Path

import pytest

from calf.kit.errors import IntegrityError
from calf.storage.objects import object_id
from calf.storage.store import Store


def packs(root: Path) -> list[Path]:
    return sorted((root / "packs").iterdir())


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def test_objects_come_back_by_digest_and_survive_reopening(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    with store.writer() as writer:
        ids = [writer.put(data) for data in (b"", b"a", b"text " * 10_000, noise(50_000))]
        assert writer.get(ids[2]) == b"text " * 10_000
        assert not store.has(ids[1])
        writer.seal()
    assert ids[1] == object_id(b"a")
    store.close()
    store = Store.open(tmp_path)
    assert [len(store.get(oid)) for oid in ids] == [0, 1, 50_000, 50_000]
    assert sorted(store.objects()) == sorted(ids)
    store.close()


def test_ten_thousand_small_files_are_one_pack(tmp_path: Path, store: Store) -> None:
    with store.writer() as writer:
        contents = [writer.content(b"%d" % number * 100) for number in range(10_000)]
        writer.seal()
    assert len(packs(tmp_path)) == 1
    assert b"".join(store.read(contents[1234])) == b"1234" * 100


def test_what_the_store_has_is_not_written_again(tmp_path: Path, store: Store) -> None:
    for _ in range(2):
        with store.writer() as writer:
            writer.put(b"same")
            writer.put(b"same")
            writer.seal()
    assert len(packs(tmp_path)) == 1
    assert len(list(store.objects())) == 1


def test_without_a_seal_nothing_remains(tmp_path: Path, store: Store) -> None:
    with store.writer() as writer:
        oid = writer.put(noise(3_000_000))
    assert not store.has(oid)
    assert packs(tmp_path) == []
    with store.writer() as writer:
        writer.seal()
    assert packs(tmp_path) == []


def test_a_writer_goes_on_after_its_seal(tmp_path: Path, store: Store) -> None:
    with store.writer() as writer:
        first = writer.put(b"first")
        writer.seal()
        second = writer.put(b"second")
        assert store.has(first)
        assert not store.has(second)
        writer.seal()
        assert writer.get(second) == b"second"
    assert len(packs(tmp_path)) == 2


def test_text_is_compressed_and_noise_is_not(tmp_path: Path, store: Store) -> None:
    with store.writer() as writer:
        writer.content(b"all work and no play " * 50_000)
        writer.seal()
    assert packs(tmp_path)[0].stat().st_size < 20_000
    with store.writer() as writer:
        writer.content(noise(1_000_000))
        writer.seal()
    assert sum(path.stat().st_size for path in packs(tmp_path)) > 1_000_000


def test_after_a_crowd_of_noise_text_is_compressed_again(tmp_path: Path, store: Store) -> None:
    texts = [b"%d " % number * 10_000 for number in range(64)]
    with store.writer() as writer:
        writer.contents([noise(1000, seed) for seed in range(100)])
        ids = writer.put_all(texts)
        writer.seal()
    assert packs(tmp_path)[0].stat().st_size < 900_000
    assert [store.get(oid) for oid in ids] == texts


def test_many_objects_at_once_are_as_one_after_another(tmp_path: Path, store: Store) -> None:
    datas = [b"", b"a", b"b", b"a", noise(2000)]
    with store.writer() as writer:
        one_by_one = [writer.put(data) for data in datas]
        writer.seal()
        assert writer.put_all([*datas, b"new"])[:-1] == one_by_one
        assert len(writer.contents([b"new", b""])) == 2
        writer.seal()
    assert len(packs(tmp_path)) == 2
    assert store.known([object_id(b"new"), object_id(b"nowhere")]) == {object_id(b"new")}


def test_writers_in_many_threads_lose_nothing(store: Store) -> None:
    def write(thread: int) -> None:
        for number in range(20):
            with store.writer() as writer:
                writer.put(b"shared %d" % number)
                writer.put(b"own %d %d" % (thread, number))
                writer.seal()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {b"shared %d" % n for n in range(20)} | {
        b"own %d %d" % (t, n) for t in range(6) for n in range(20)
    }
    assert {store.get(oid) for oid in store.objects()} == expected


def test_a_missing_object_is_named(store: Store) -> None:
    with pytest.raises(
        IntegrityError, match=f"object {bytes(32).hex()} cannot be read: it is not in the store"
    ):
        store.get(bytes(32))


def test_a_read_is_right_though_its_file_leaves_the_cache_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More packs than files are kept open: whoever reads one now must not read another one's bytes."""
    ids = []
    for number in range(70):
        with store.writer() as writer:
            ids.append(writer.put(b"%04d" % number))
            writer.seal()
    pread, evicting = os.pread, False

    def read_others_first(fd: int, size: int, offset: int) -> bytes:
        nonlocal evicting
        if not evicting:
            evicting = True
            assert [store.get(oid) for oid in ids[1:]] == [b"%04d" % number for number in range(1, 70)]
        return pread(fd, size, offset)

    monkeypatch.setattr(os, "pread", read_others_first)
    assert store.get(ids[0]) == b"0000"


def test_many_objects_are_read_at_once_and_damage_is_named(tmp_path: Path, store: Store) -> None:
    datas = [noise(1000 + number, number) for number in range(50)] + [b"text " * 5000, noise(5_000_000)]
    with store.writer() as writer:
        ids = writer.put_all(datas)
        writer.seal()
        other = writer.put(b"in another pack")
        writer.seal()
    assert store.get_all([other, *reversed(ids)]) == [b"in another pack", *reversed(datas)]
    assert store.get_all([]) == []
    big = max(packs(tmp_path), key=lambda path: path.stat().st_size)
    data = bytearray(big.read_bytes())
    data[8 + 1000 + 5] ^= 1
    big.write_bytes(data)
    with pytest.raises(IntegrityError, match=ids[1].hex()):
        store.get_all(ids)
    assert store.get_all([ids[0], *ids[2:]]) == [datas[0], *datas[2:]]


def test_a_content_is_read_in_stretches_whatever_lies_where(tmp_path: Path, store: Store) -> None:
    data = noise(2_000_000) + b"text " * 400_000 + noise(3_000_000, 2)
    with store.writer() as writer:
        part = writer.stream([data[2_500_000:]])
        writer.seal()
        whole = writer.stream([data])
        writer.seal()
    assert set(part.chunks) & set(whole.chunks)
    pieces = list(store.read(whole))
    assert b"".join(pieces) == data
    assert len(pieces) < len(whole.chunks)
    assert max(map(len, pieces)) <= 2 << 20
    for offset, size in ((1_999_999, None), (150_000, 4_000_000), (0, 300_000), (6_999_999, 10)):
        end = None if size is None else offset + size
        assert b"".join(store.read(whole, offset, size)) == data[offset:end]


def test_a_damaged_chunk_within_a_stretch_is_named_and_nothing_of_it_is_served(
    tmp_path: Path, store: Store
) -> None:
    data = noise(3_000_000)
    with store.writer() as writer:
        content = writer.stream([data])
        writer.seal()
    [pack] = packs(tmp_path)
    stored = bytearray(pack.read_bytes())
    stored[8 + store.size_of(content.chunks[0]) + 5] ^= 1
    pack.write_bytes(stored)
    got: list[bytes] = []
    with pytest.raises(IntegrityError, match=content.chunks[1].hex()):
        got.extend(store.read(content))
    assert data.startswith(b"".join(got))
