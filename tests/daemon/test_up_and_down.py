"""`calf up`, `down`, `status` and the one server that a folder may have, as whole processes."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from calf.client.connection import connect
from calf.daemon import control, place
from calf.daemon.config import ISOLATIONS, Config
from calf.daemon.control import down
from calf.daemon.main import main
from calf.kit.lock import FolderLock
from calf.model.errors import IntegrityError, InvalidArgument, Precondition, Unreachable
from calf.runner.backends import BACKENDS
from calf.runner.process import start_detached
from calf.wire.messages import pfs, pps
from tests.in_process import run_here

LIMIT = 60


Ended = subprocess.CompletedProcess[str]


def calf(*words: str, home: Path) -> Ended:
    """A command that starts no process which outlives it: in this one."""
    ended = run_here(main, [*words, "--home", str(home)], {})
    return subprocess.CompletedProcess(
        ended.args, ended.returncode, ended.stdout.decode(), ended.stderr.decode()
    )


def calf_apart(*words: str, home: Path) -> Ended:
    """A command in a process of its own."""
    command = [sys.executable, "-m", "calf.daemon.main", *words, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    down(tmp_path / "home")


def up(home: Path, *words: str) -> Ended:
    return calf_apart("up", "--address", "127.0.0.1:0", *words, home=home)


def pid(home: Path) -> int:
    return int((home / "lock").read_text())


def test_up_starts_a_server_that_outlives_it_and_down_stops_it(home: Path) -> None:
    began = up(home)
    assert began.returncode == 0
    assert f"\nnew data folder {home}, log " in began.stdout
    shown = calf("status", home=home)
    assert shown.returncode == 0
    assert str(pid(home)) in shown.stdout
    assert calf_apart("down", home=home).returncode == 0
    assert calf_apart("status", home=home).returncode == 3


def test_up_twice_keeps_the_server(home: Path) -> None:
    up(home)
    first = pid(home)
    again = up(home)
    assert again.returncode == 0
    assert "already" in again.stdout
    assert pid(home) == first


def test_three_ups_at_once_start_one_server(home: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "calf.daemon.main",
        "up",
        "--address",
        "127.0.0.1:0",
        "--home",
        str(home),
    ]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=LIMIT)[0].splitlines()[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert sorted(line.partition(":")[0] for line in said) == ["calf is up", *["calf was up already"] * 2]
    assert len({line.partition(": ")[2] for line in said}) == 1


def test_other_options_than_those_of_the_running_server_are_refused(home: Path) -> None:
    up(home, "--workers", "3")
    assert up(home).returncode == up(home, "--workers", "3").returncode == 0
    refused = up(home, "--workers", "4", "--folder", str(home.parent))
    assert refused.returncode == 5
    assert "a server runs already with other options: workers 3, folders as by default" in refused.stderr
    assert f"`calf down --home {home}` first" in refused.stderr


@pytest.fixture
def served(home: Path) -> Iterator[Config]:
    """A folder that this process has, as a server of an older calf would, and how it was started."""
    home.mkdir(mode=0o700)
    token = home.parent / "token"
    token.write_text("t" * 64)
    token.chmod(0o600)
    with FolderLock(home):
        yield Config(home, "127.0.0.1:7", token_file=token)


def test_a_server_of_an_older_calf_does_what_it_does_not_know_as_by_default(served: Config) -> None:
    place.write_address(served.home, served.address, {"workers": 2})
    assert control.up(served, ["workers"]) == (place.Running(os.getpid(), served.address), False)
    with pytest.raises(Precondition, match="other options: token file as by default"):
        control.up(served, ["token_file"])


def test_tokens_that_were_written_anew_are_not_those_of_the_server(served: Config) -> None:
    options = {**served.options(), "read": served.stamps()}
    place.write_address(served.home, served.address, options)
    assert control.up(served, ["token_file"])[1] is False
    assert served.token_file is not None
    served.token_file.write_text("u" * 63)
    with pytest.raises(Precondition, match=f"{served.token_file} as it was before it was changed"):
        control.up(served, ["token_file"])


def test_a_folder_that_nobody_serves_yet_is_said_to_be_held(
    served: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "_PATIENCE", 0.0)
    with pytest.raises(Unreachable, match=f"is held by process {os.getpid()}, which does not serve it yet"):
        control.up(served)


def test_a_server_that_is_still_starting_ends_at_once(home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "storage").mkdir()  # metadata are never without it
    with closing(sqlite3.connect(home / "metadata.sqlite", isolation_level=None)) as rows:
        rows.execute("BEGIN EXCLUSIVE")  # so that it cannot go on
        command = [sys.executable, "-m", "calf.daemon.main", "serve", "--home", str(home)]
        with subprocess.Popen([*command, "--address", "127.0.0.1:0"], stderr=subprocess.PIPE) as server:
            while not FolderLock.holder(home):
                assert server.poll() is None
                time.sleep(0.01)
            server.terminate()
            began = time.monotonic()
            server.wait(LIMIT)
            assert time.monotonic() - began < 3
    assert server.returncode == -signal.SIGTERM


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(home: Path) -> None:
    home.mkdir()
    (home / "thesis.tex").touch()
    for verb in ("up", "serve"):
        refused = calf_apart(verb, "--address", "127.0.0.1:0", home=home)
        assert refused.returncode == 2
        assert f"{home} is no data folder and holds other files" in refused.stderr
    assert [path.name for path in home.iterdir()] == ["thesis.tex"]
    (home / "images").mkdir()  # which others have as well
    with pytest.raises(InvalidArgument, match="holds other files"):
        place.check_folder(home)
    assert calf("access", home=home).returncode == 2
    (home / "thesis.tex").unlink()
    place.check_folder(home)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--address", "127.0.0.1:65536"), "does not end with a port from 0 to 65535"),
        (("--address", "127.0.0.1:http"), "does not end with a port from 0 to 65535"),
        (("--address", "127.0.0.1"), "does not end with a port from 0 to 65535"),
        (("--workers", "0"), "0 is not in the range x>=1"),
        (("--isolation", "jail"), 'unknown isolation "jail"'),
    ],
)
def test_options_that_cannot_be_are_refused(home: Path, words: tuple[str, str], message: str) -> None:
    refused = calf("up", *words, home=home)
    assert (refused.returncode, home.exists()) == (2, False)
    assert message in refused.stderr


def test_every_isolation_that_there_is_may_be_asked_for() -> None:
    assert set(ISOLATIONS) == {"sandbox", "container", *(backend.name for backend in BACKENDS)}


def test_a_server_says_where_its_threads_are_when_asked(home: Path) -> None:
    up(home)
    os.kill(pid(home), signal.SIGUSR1)
    deadline = time.monotonic() + LIMIT
    while "(most recent call first)" not in (home / "server.log").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert calf("status", home=home).returncode == 0


def test_a_folder_to_open_that_is_not_there_is_refused(home: Path) -> None:
    found = calf("up", "--folder", str(home / "nowhere"), home=home)
    assert (found.returncode, (home / "server.log").exists()) == (2, False)
    assert f"'{home / 'nowhere'}' does not exist" in found.stderr


def test_a_second_server_on_the_folder_is_refused_at_once(home: Path) -> None:
    up(home)
    second = calf_apart("serve", "--address", "127.0.0.1:0", home=home)
    assert second.returncode == 11
    assert f"in use by another server (process {pid(home)})" in second.stderr
    assert "hint: stop it with `calf down`" in second.stderr


def test_a_server_whose_folder_is_removed_acknowledges_nothing_and_stops(home: Path) -> None:
    address = up(home).stdout.split("calf is up: ")[1].partition(",")[0]
    server = os.pidfd_open(pid(home))
    with connect(address) as client:
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=pfs.Repo(name="before")))
        shutil.rmtree(home)
        with pytest.raises((IntegrityError, Unreachable)):
            client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=pfs.Repo(name="after")))
    assert select.select([server], [], [], LIMIT)[0]
    os.close(server)
    assert up(home).returncode == 0


def test_down_waits_for_nobody_elses_server(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(LIMIT)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/never"
        address = up(home).stdout.split("calf is up: ")[1].partition(",")[0]
        with connect(address) as client:
            client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=pfs.Repo(name="in")))
            repo = pfs.Repo(name="in", type="user")
            into = pfs.Commit(repo=repo, branch=pfs.Branch(repo=repo, name="master"))
            source = pfs.AddFile.URLSource(URL=url)
            requests = [
                pfs.ModifyFileRequest(set_commit=into),
                pfs.ModifyFileRequest(add_file=pfs.AddFile(path="/f", url=source)),
            ]
            putting = client.start("/pfs_v2.API/ModifyFile", iter(requests))
            with silent.accept()[0]:
                began = time.monotonic()
                assert calf("down", home=home).returncode == 0
                assert time.monotonic() - began < 8
            assert putting.exception() is not None
    assert "stopped without waiting for" in (home / "server.log").read_text()
    assert up(home).returncode == 0


def test_a_server_that_takes_too_long_to_start_does_not_come_up_later(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: Any) -> subprocess.Popen[bytes]:
        started.append(start_detached(*words))
        return started[0]

    told: list[str] = []
    monkeypatch.setattr(control, "START_LIMIT", 0.05)
    monkeypatch.setattr(control, "MOMENT", 0.0)
    monkeypatch.setattr(control, "start_detached", start)
    with pytest.raises(Unreachable, match="the server did not start"):
        control.up(Config(home, "127.0.0.1:0"), slow=lambda: told.append("slow"))
    assert told == ["slow"]
    assert started[0].returncode == -signal.SIGKILL


def test_an_address_in_use_is_named(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        refused = calf_apart("up", "--address", address, home=home)
    assert refused.returncode == 12
    assert address in refused.stderr
    assert calf("status", home=home).returncode == 3


def test_an_image_tells_where_its_code_lies(home: Path, tmp_path: Path) -> None:
    (tmp_path / "stage").mkdir()
    (tmp_path / "stage/main.sh").write_text("echo hi\n")
    (tmp_path / "stage/Dockerfile").write_text(
        "FROM scratch\nWORKDIR /stage\nCOPY stage/main.sh /stage/main.sh\n"
    )
    (tmp_path / ".git").mkdir()
    built = calf("image", "build", str(tmp_path / "stage"), home=home)
    assert built.returncode == 0, built.stderr
    shown = calf("image", "inspect", "calf/stage", home=home).stdout
    code = Path(shown.split("Code: ")[1].splitlines()[0])
    assert (code / "stage/main.sh").read_text() == "echo hi\n"
    assert calf("image", "inspect", "calf/stage:latest", home=home).stdout == shown
    assert calf("image", "inspect", shown.split()[1], home=home).stdout == shown
    assert "own system" in calf("image", "inspect", "host", home=home).stdout
    mistyped = calf("image", "inspect", "calf/stag", home=home)
    assert (mistyped.returncode, 'did you mean "calf/stage"?' in mistyped.stderr) == (4, True)


@pytest.mark.parametrize(
    ("image", "state"), [("mine/ubuntu:20.04", "PIPELINE_RUNNING"), ("alpine", "PIPELINE_CRASHING")]
)
def test_the_owner_says_which_images_the_machine_stands_in_for(home: Path, image: str, state: str) -> None:
    address = up(home, "--host-image", "mine/*").stdout.split("calf is up: ")[1].partition(",")[0]
    with connect(address) as client:
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=pfs.Repo(name="in")))
        pipeline = pps.Pipeline(name="p")
        client.pps.CreatePipeline(
            pps.CreatePipelineRequest(
                pipeline=pipeline,
                transform=pps.Transform(image=image, cmd=["true"]),
                input=pps.Input(pfs=pps.PFSInput(repo="in", glob="/")),
            )
        )
        info = client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=pipeline))
    assert pps.PipelineState.Name(info.state) == state
