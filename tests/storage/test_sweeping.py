"""What a sweep makes of packs: which go, which are written anew, which stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import IntegrityError, NoSpace, Precondition
from calf.storage.pack_writer import PackDraft
from calf.storage.store import Store
from calf.storage.sweeping import Fate, Policy, Swept

MANY = Policy(sparse=0.3, small=1 << 20, several=3)


def pack(store: Store, *datas: bytes) -> list[bytes]:
    """One pack with these objects."""
    with store.writer() as writer:
        ids = [writer.put(data) for data in datas]
        writer.seal()
    return ids


def noise(number: int, size: int = 3000) -> bytes:
    return b"".join((number * 1000003 + i).to_bytes(8, "little") for i in range(size // 8))


def swept(store: Store, needed: set[bytes], policy: Policy = MANY) -> tuple[dict[Fate, int], Swept]:
    fates: dict[Fate, int] = {}
    done = Swept()
    with store.sweep(policy) as sweep:
        sweep.settle()
        states = sweep.survey(needed)
        for state in states:
            fates[state.fate] = fates.get(state.fate, 0) + 1
        for step in sweep.carry_out(states, CancelToken()):
            done += step
    return fates, done


def test_packs_go_are_written_anew_or_stay(store: Store) -> None:
    gone = pack(store, noise(1), noise(2))
    sparse = pack(store, noise(3), noise(4))
    full = pack(store, *(noise(number) for number in range(10, 20)))
    needed = {sparse[0], *full[1:]}
    fates, done = swept(store, needed)
    assert fates == {Fate.EMPTY: 1, Fate.SPARSE: 1, Fate.FULL: 1}
    assert (done.packs, done.made, done.objects) == (2, 1, 3)
    assert [store.has(oid) for oid in (*gone, *sparse, full[0])] == [False, False, True, False, True]
    assert store.get(sparse[0]) == noise(3)


def test_small_packs_are_merged_when_there_are_several(store: Store, tmp_path: Path) -> None:
    ids = [oid for number in range(5) for oid in pack(store, noise(number))]
    fates, done = swept(store, set(ids))
    assert fates == {Fate.SMALL: 5}
    assert (done.packs, done.made) == (5, 1)
    assert [store.get(oid) for oid in ids] == [noise(number) for number in range(5)]
    fates, done = swept(store, set(ids))
    assert (fates, done) == ({Fate.FULL: 1}, Swept())
    store.close()
    assert sorted(Store.open(tmp_path).objects()) == sorted(ids)


def test_what_is_held_stays_though_nothing_needs_it(store: Store) -> None:
    (oid,) = pack(store, noise(1))
    with store.hold() as hold:
        hold.ids.add(oid)
        swept(store, set())
        assert store.get(oid) == noise(1)
    swept(store, set())
    assert not store.has(oid)


def test_a_reader_goes_on_in_the_new_pack(store: Store) -> None:
    ids = [oid for number in range(4) for oid in pack(store, noise(number))]
    find = store._index.find
    places = {oid: find(oid) for oid in ids}
    swept(store, set(ids))
    late = iter(ids)

    def find_late(oid: bytes) -> object:
        """As the index answered just before the sweep, once for each."""
        return places[oid] if next(late, None) == oid else find(oid)

    store._index.find = find_late  # type: ignore[method-assign,assignment] # as a slow thread would see it
    store._files.close()
    assert [store.get(oid) for oid in ids] == [noise(number) for number in range(4)]


def test_a_damaged_object_that_is_needed_keeps_its_pack(store: Store, tmp_path: Path) -> None:
    needed, _ = pack(store, noise(1), noise(2))
    (path,) = (tmp_path / "packs").glob("*.pack")
    path.write_bytes(path.read_bytes().replace(noise(1)[:8], b"changed!"))
    _, done = swept(store, {needed})
    assert (done.packs, done.made, done.kept) == (0, 0, 1)
    assert path.exists()
    with pytest.raises(IntegrityError):
        store.get(needed)


def test_a_full_disk_ends_a_sweep_and_loses_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [oid for number in range(4) for oid in pack(store, noise(number))]

    def full(_draft: PackDraft) -> None:
        raise NoSpace("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(PackDraft, "finish", full)
        with pytest.raises(NoSpace):
            swept(store, set(ids))
    assert [store.get(oid) for oid in ids] == [noise(number) for number in range(4)]
    assert not list((tmp_path / "packs").glob("*.draft"))
    assert swept(store, set(ids))[1].made == 1


def test_there_is_one_sweep_at_a_time(store: Store) -> None:
    with store.sweep(), pytest.raises(Precondition, match="already"), store.sweep():
        pass
    with store.sweep():
        pass
