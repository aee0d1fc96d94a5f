"""Sweeps go on beside everything that writes, and are cut off anywhere: nothing that is needed is lost."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import cast

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import CalfError, IntegrityError
from calf.model.refs import Commit, CommitRef
from calf.model.spec import parse_input
from calf.pfs import branches, commits, files, fsck, repos
from calf.pfs.engine import Pfs
from calf.pfs.files import AddFile, CopyFile, DeleteFile, Op, take_snapshot
from calf.pfs.filesets.create import create
from calf.pfs.filesets.lay import lay
from calf.pfs.filesets.take import Part, take
from calf.pfs.sweeping import sweep
from calf.pps.datums.preview import upcoming
from calf.storage import trees
from calf.storage.sweeping import Policy
from calf.storage.trees import PutEntry
from tests.pfs.stepped_store import SteppedLock, open_stepped, play
from tests.pfs.world import World, at, ref, repo_of
from tests.pps.stepping import Conductor, Strand

SCHEDULES = int(os.environ.get("SWEEP_SCHEDULES", "16"))
SEED = os.environ.get("SWEEP_SEED", "")
EAGER = Policy(sparse=0.0, small=1 << 30, several=2, limit=2000)
"""Every pack is written anew, again and again."""
TEXTS = [letter * size for letter in "abc" for size in (10, 700)]
Act = Callable[[Pfs, Random], None]


def put(pfs: Pfs, draw: Random) -> None:
    text, path = draw.choice(TEXTS).encode(), f"/{draw.choice('xyz')}/{draw.choice('123')}"
    ops: list[Op] = [DeleteFile(path), AddFile(path, [text]), AddFile("/same", [text])]
    files.modify(pfs, ref(f"{draw.choice('rs')}@master"), ops[draw.randrange(2) :], CancelToken())


def copy(pfs: Pfs, draw: Random) -> None:
    source = ref(f"{draw.choice('rs')}@{draw.choice(['master', 'master^', 'master^2'])}")
    ops = [CopyFile(f"/{draw.choice('xyz')}", source, draw.choice(["/", "/same", "/x"]))]
    files.modify(pfs, ref(f"{draw.choice('rs')}@master"), ops, CancelToken())


def lay_fileset(pfs: Pfs, draw: Random) -> None:
    if draw.random() < 0.5:
        made = create(pfs, [AddFile("/laid", [draw.choice(TEXTS).encode()])], CancelToken())
    else:
        made = take(pfs, ref(f"{draw.choice('rs')}@master"), draw.choice(list(Part)), CancelToken())
    with pfs.transaction() as txn:
        commit = commits.start(txn, at(f"{draw.choice('rs')}@master"))
    try:
        lay(pfs, ref(f"{commit.repo.name}@{commit.id}"), made.id, CancelToken())
    finally:
        with suppress(CalfError), pfs.transaction() as txn:
            commits.finish(txn, commit)


def read(pfs: Pfs, draw: Random) -> None:
    """What was begun to be read is read to its end, as damage would be told of."""
    name = ref(f"{draw.choice('rs')}@{draw.choice(['master', 'master^'])}")
    with pfs.read() as tx:
        commit = CommitRef(name.repo, commits.resolve(tx, name).id)
    archive = files.tar(pfs, commit, "/", CancelToken())
    begin = list(itertools.islice(archive, 1))
    records = list(files.walk_file(pfs, commit, "/", CancelToken()))
    with tarfile.open(fileobj=io.BytesIO(b"".join([*begin, *archive]))) as got:
        names = [f"/{member.name}".replace("//", "/") for member in got]
    assert names == [record.file.path.rstrip("/") or "/" for record in records]


def remove(pfs: Pfs, draw: Random) -> None:
    name = f"{draw.choice('rs')}@{draw.choice(['master', 'master^'])}"
    with pfs.transaction() as txn:
        draw.choice([commits.drop, commits.squash])(txn, ref(name), True)


def wipe(pfs: Pfs, draw: Random) -> None:
    repo = repo_of(draw.choice("rs"))
    with pfs.transaction() as txn:
        repos.delete(txn, repo, force=True)
        repos.create(txn, repo)
        branches.create(txn, at(f"{repo.name}@master"))


def clean(pfs: Pfs, draw: Random) -> None:
    for _ in range(draw.randrange(1, 4)):
        for _ in sweep(pfs, CancelToken(), policy=EAGER):
            pass


def several(pfs: Pfs, draw: Random, acts: list[Act]) -> None:
    """What users do may fail, since others do things beside them; but never for damage."""
    for act in acts:
        try:
            act(pfs, draw)
        except IntegrityError:
            raise
        except CalfError:
            continue


def history(pfs: Pfs, draw: Random) -> None:
    """Some data, and some garbage that the very same data was."""
    with pfs.transaction() as txn:
        for name in "rs":
            repos.create(txn, repo_of(name))
            branches.create(txn, at(f"{name}@master"))
    several(pfs, draw, [draw.choice([put, put, put, copy, remove, wipe]) for _ in range(8)])


def strands(pfs: Pfs, draw: Random) -> dict[str, Callable[[], None]]:
    acts = [put, put, copy, copy, read, lay_fileset, remove, wipe, wipe]
    users = {
        f"user {number}": partial(several, pfs, draw, draw.choices(acts, k=draw.randrange(1, 4)))
        for number in range(draw.randrange(2, 4))
    }
    return {"sweep": partial(several, pfs, draw, [clean]), **users}


def found(pfs: Pfs) -> list[str]:
    return [str(violation) for violation in fsck.run(pfs, fsck.checks(pfs, verify=True))]


def seeds() -> list[str]:
    first = SEED or os.urandom(4).hex()
    return [f"{first}/{number}" for number in range(SCHEDULES)]


@pytest.mark.parametrize("part", range(4))
def test_nothing_that_is_needed_is_swept_beside_writers_and_removers(tmp_path: Path, part: int) -> None:
    for seed in seeds()[part::4]:
        draw, conductor = Random(seed), Conductor()
        pfs = open_stepped(tmp_path / seed.replace("/", "-"), conductor)
        history(pfs, draw)
        play(conductor, strands(pfs, draw), draw)
        assert conductor.errors == [], seed
        assert found(pfs) == [], seed
        clean(pfs, draw)
        assert found(pfs) == [], seed
        pfs.close()


@pytest.mark.parametrize("part", range(4))
def test_a_sweep_that_is_killed_anywhere_has_lost_nothing(tmp_path: Path, part: int) -> None:
    for seed in seeds()[part::4]:
        draw, conductor = Random(seed), Conductor()
        home = tmp_path / seed.replace("/", "-")
        pfs = open_stepped(home, conductor)
        history(pfs, draw)
        play(conductor, strands(pfs, draw), draw, steps=draw.randrange(1, 120))
        conductor.crash()
        assert conductor.errors == [], seed
        pfs.close()
        if draw.random() < 0.3:  # the index is only a cache
            for file in (home / "storage").glob("packs.sqlite*"):
                file.unlink()
        again = World.open(home).pfs
        assert found(again) == [], seed
        clean(again, draw)
        assert found(again) == [], seed
        again.close()


def begun(tmp_path: Path) -> tuple[Conductor, Pfs]:
    """A folder with a commit in `s` and an empty `r`."""
    conductor = Conductor()
    pfs = open_stepped(tmp_path / "home", conductor)
    with pfs.transaction() as txn:
        for name in "rs":
            repos.create(txn, repo_of(name))
            branches.create(txn, at(f"{name}@master"))
    files.modify(pfs, ref("s@master"), [AddFile("/a", [b"a"]), AddFile("/b", [b"b"])], CancelToken())
    return conductor, pfs


def gone_and_swept(pfs: Pfs) -> None:
    with pfs.transaction() as txn:
        repos.delete(txn, repo_of("s"))
    clean(pfs, Random(1))


def test_a_tree_that_an_operation_builds_upon_is_kept_though_its_commit_is_gone(tmp_path: Path) -> None:
    _, pfs = begun(tmp_path)
    with pfs.store.writer() as writer:
        found_ = take_snapshot(pfs, ref("s@master"), CancelToken(), writer.hold)
        gone_and_swept(pfs)
        root = trees.apply(
            writer.get, writer.put, None, map(PutEntry, trees.entries(found_.get, found_.root))
        )
        writer.seal()
        with pfs.transaction() as txn:
            commits.set_root(txn, commits.start(txn, at("r@master")), root)
    assert found(pfs) == []
    assert [entry.path for entry in trees.entries(pfs.store.get, root)] == ["/a", "/b"]
    pfs.close()


def test_what_is_being_read_is_kept_though_its_commit_is_gone(tmp_path: Path) -> None:
    """Records, bytes and datums, each of which is looked up when it is asked for."""
    _, pfs = begun(tmp_path)
    big = b"".join(number.to_bytes(4, "big") for number in range(1 << 20))
    files.modify(pfs, ref("s@master"), [AddFile("/big", [big]), AddFile("/d/x", [b"x"])], CancelToken())
    of, never = ref("s@master"), CancelToken()
    bytes_of = files.get(pfs, of, "/big", never)
    records, archive = files.walk_file(pfs, of, "/", never), files.tar(pfs, of, "/", never)
    datums = upcoming(pfs, parse_input({"pfs": {"name": "in", "repo": "s", "glob": "/**"}}))
    began = [next(records).file.path, next(datums).inputs[0].path]
    begin, _ = next(bytes_of), next(archive)
    gone_and_swept(pfs)
    assert [*began, *(info.file.path for info in records)] == ["/", "/a", "/a", "/b", "/big", "/d/", "/d/x"]
    assert [info.inputs[0].path for info in datums] == ["/b", "/big", "/d/", "/d/x"]
    assert b"".join([begin, *bytes_of]) == big
    assert b"x" in b"".join(archive)
    clean(pfs, Random(1))
    assert not list(pfs.store.objects())
    pfs.close()


def test_a_sweep_waits_for_those_who_are_reading_a_root(tmp_path: Path) -> None:
    conductor, pfs = begun(tmp_path)
    kept: list[bytes] = []

    def look() -> None:
        with pfs.store.hold() as hold:
            with hold.looking() as note:
                with pfs.read() as tx:
                    kept.extend(
                        root for root in [commits.root(tx, commits.resolve(tx, ref("s@master")))] if root
                    )
                conductor.stop_here(lambda: True)
                note(kept[0])
            conductor.stop_here(lambda: not sweeper.is_alive())
            assert len(list(trees.entries(pfs.store.get, kept[0]))) == 2

    looker, sweeper = (
        Strand(conductor, look, "look"),
        Strand(conductor, partial(gone_and_swept, pfs), "sweep"),
    )
    looker.start()
    while not kept:
        looker.go_on()
    sweeper.start()
    while sweeper.ready:
        sweeper.go_on()
    assert sweeper.is_alive()
    conductor.run()
    assert conductor.errors == []
    assert conductor.strands == []
    pfs.close()


def test_what_is_written_again_while_its_pack_is_swept_stays(tmp_path: Path) -> None:
    """The new pack has the name of the old one, which is just about to go."""
    conductor, pfs = begun(tmp_path)
    removing = cast(SteppedLock, pfs.store._shelf.publishing)
    sweeper = Strand(conductor, partial(gone_and_swept, pfs), "sweep")
    sweeper.start()
    while not removing.wanted:
        sweeper.go_on()
    files.modify(pfs, ref("r@master"), [AddFile("/a", [b"a"]), AddFile("/b", [b"b"])], CancelToken())
    conductor.run()
    assert conductor.errors == []
    assert found(pfs) == []
    pfs.close()


def test_what_was_seen_is_still_there(tmp_path: Path) -> None:
    """A commit that a sweep had to keep reads as before."""
    world = World.open(tmp_path / "home")
    world.repo("r")
    world.branch("r@master")
    kept: Commit = world.commit("r@master", "/a", "/b/c")
    with world.pfs.transaction() as txn:
        repos.create(txn, repo_of("gone"))
    world.commit("gone@master", "/a", "/waste")
    with world.pfs.transaction() as txn:
        repos.delete(txn, repo_of("gone"))
    clean(world.pfs, Random(1))
    assert b"".join(files.get(world.pfs, ref(f"r@{kept.id}"), "/b/c", CancelToken())) == b"/b/c"
    assert len(list((tmp_path / "home/storage/packs").iterdir())) == 1
    world.pfs.close()


def test_a_sweep_killed_before_and_after_each_write_has_lost_nothing(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.pfs.kill_a_sweep", str(tmp_path)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 20
