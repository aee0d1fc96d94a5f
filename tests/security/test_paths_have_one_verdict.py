"""Whichever way a file comes, the same paths are taken and the same refused; none leads elsewhere."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from calf.cli.main import main
from calf.cli.sources import Plan, find_sources
from calf.client.connection import Client, connect
from calf.client.put import put_files
from calf.client.put_requests import Source
from calf.model.errors import InvalidArgument
from calf.runner.capture import BadOutput, Limits, capture
from calf.runner.capture.places import close_places, open_places
from calf.storage.store import Store
from calf.wire.messages import Message, google, pfs
from tests.security.paths import HOSTILE, SOME

REPO = pfs.Repo(name="data", type="user", project=pfs.Project(name="default"))
Put = Callable[[str], None]
Verdicts = dict[int, tuple[str, ...]]
"""By number of the string, what is stored of it: nothing where it was refused."""


def commit_on(branch: str) -> Message:
    return pfs.Commit(branch=pfs.Branch(name=branch, repo=REPO), repo=REPO)


def verdicts(client: Client, door: str, put: Put, possible: Callable[[str], bool]) -> Verdicts:
    """What is stored of each string that can come by this door."""
    client.pfs.StartCommit(pfs.StartCommitRequest(branch=pfs.Branch(name=door, repo=REPO)))
    numbers = [number for number, path in enumerate(HOSTILE) if possible(path)]
    for number in numbers:
        with suppress(InvalidArgument):
            put(f"/n{number}/{HOSTILE[number]}")
    client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit_on(door)))
    walk = client.pfs.WalkFile(pfs.WalkFileRequest(file=pfs.File(commit=commit_on(door), path="/")))
    stored: dict[int, list[str]] = {number: [] for number in numbers}
    for info in walk:
        if info.file_type == pfs.FileType.Value("FILE"):
            stored[int(info.file.path.split("/")[1][1:])].append(info.file.path)
    return {number: tuple(paths) for number, paths in stored.items()}


def by_message(client: Client) -> Put:
    def put(path: str) -> None:
        add = pfs.AddFile(path=path, raw=google.BytesValue(value=b"x"))
        first = pfs.ModifyFileRequest(set_commit=commit_on("message"))
        client.pfs.ModifyFile(iter([first, pfs.ModifyFileRequest(add_file=add)]))

    return put


def by_batch(client: Client, file: Path) -> Put:
    return lambda path: put_files(client, commit_on("batch"), [Source(path, file=str(file))])


def by_command(file: Path) -> Put:
    def put(path: str) -> None:
        code = main(["put", "file", f"data@command:{path}", "-f", str(file)])
        assert code in {0, 2}, (path, code)

    return put


def by_archive(client: Client, folder: Path) -> Put:
    def put(path: str) -> None:
        with tarfile.open(folder / "a.tar", "w", format=tarfile.PAX_FORMAT) as tar:
            tar.addfile(tarfile.TarInfo(path.removeprefix("/")), io.BytesIO())
        sources = find_sources([str(folder / "a.tar")], Plan("/", untar=True))
        put_files(client, commit_on("archive"), sources)

    return put


def by_stage(root: Path, store: Store) -> Verdicts:
    """What a stage leaves as such a file in `/pfs/out`."""
    found: Verdicts = {}
    for number, path in enumerate(HOSTILE):
        if not can_lie_on_a_disk(path):
            continue
        out = root / str(number) / "out"
        place = Path(f"{out}/n{number}/{path}")
        place.parent.mkdir(parents=True)
        place.touch()
        places = open_places({"pfs": out.parent}, {})
        with store.writer() as writer:
            try:
                found[number] = tuple(entry.path for entry in capture(places, {}, writer, "d", Limits()))
            except BadOutput:
                found[number] = ()
        close_places(places)
    return found


def can_lie_on_a_disk(path: str) -> bool:
    parts = path.split("/")
    fits = all(0 < len(os.fsencode(part)) < 256 for part in parts) and len(path) < 2000
    return fits and not {".", ".."} & set(parts) and "\0" not in path and len(parts) < 95


def names_a_file(path: str) -> bool:
    """For a command: to it a path that ends with a slash is that of a folder."""
    return path in SOME and not path.endswith("/")


def is_text(path: str) -> bool:
    return "\udcff" not in path


@pytest.fixture
def client(server_address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Client]:
    monkeypatch.setenv("PACHD_ADDRESS", server_address)
    monkeypatch.setenv("PACH_CONFIG", str(tmp_path / "pachyderm.json"))
    with connect(server_address) as client:
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=REPO))
        yield client


def test_names_do_not_steer_the_terminal(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["put", "file", "data@master:/\x1b[2J\udcff", "-f", "/dev/null"]) == 2
    assert main(["put", "file", "data@master:/\x1b[2J\x9b\u202e", "-f", os.__file__]) == 2
    assert "error: path (/\\x1b[2J\\x9b\\u202e) invalid" in capfd.readouterr().err


def test_every_door_takes_and_refuses_the_same_paths(client: Client, tmp_path: Path) -> None:
    assert len(set(HOSTILE)) >= 400
    file = tmp_path / "x"
    file.write_bytes(b"x")
    store = Store.open(tmp_path / "apart")
    doors = {
        "batch": verdicts(
            client, "batch", by_batch(client, file), lambda path: is_text(path) and path in SOME
        ),
        "command": verdicts(client, "command", by_command(file), names_a_file),
        "archive": verdicts(
            client, "archive", by_archive(client, tmp_path), lambda path: is_text(path) and "\0" not in path
        ),
        "stage": by_stage(tmp_path / "stages", store),
    }
    store.close()
    first = verdicts(client, "message", by_message(client), is_text)
    for door, found in doors.items():
        other = {
            f"{number} {HOSTILE[number]!r}"[:200]: (stored, first.get(number, ()))
            for number, stored in found.items()
            if stored != first.get(number, ())
        }
        assert other == {}, door
    stored = [path for paths in first.values() for path in paths]
    assert len(stored) > 100
    for path in stored:
        assert path.isascii()
        assert path.isprintable()
        assert not {"", ".", ".."} & set(path.split("/")[1:])
