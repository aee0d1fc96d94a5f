"""What brings processes into a kept container, by a stand-in for an engine; and what is asked of engines.

With an engine on the machine, everything else in `tests/runner` and `tests/security` runs in its containers.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from calf.kit.errors import Precondition
from calf.runner.backends import BACKENDS, Detector
from calf.runner.containers.empty_image import _archive
from calf.runner.containers.engines import _Asked, _podman_users
from calf.runner.containers.kept import Kept, Recipe
from calf.runner.containers.root import make_root
from calf.runner.containers.tool import Tool
from calf.runner.host_system import PATH
from calf.runner.output import Lines
from calf.runner.plan import SCRIPTS, Base, Bind, Inside, Plan, interpreter
from calf.runner.process import Command, start
from tests.security.test_stages_that_go_too_far import processes_with

ENGINE = """#!/bin/sh
echo "$1" >> "$(dirname "$0")/asked"
test "$1" = run || exit 0
while [ "$1" != -- ]; do shift; done; shift
begun="$(dirname "$0")/begun"; rm -f "$begun"; export begun
inside='mount -t tmpfs none /dev/shm && touch "$begun"
exec setpriv --bounding-set=-all --inh-caps=-all "$@"'
setsid unshare --user --map-root-user --mount --ipc --pid --fork --mount-proc --kill-child \\
    sh -c "$inside" sh "$@" >/dev/null 2>&1 &
while [ ! -e "$begun" ] && kill -0 $!; do sleep 0.01; done  # only then is it out of this process group
"""


def tool(folder: Path, script: str) -> Tool:
    path = folder / "engine"
    path.write_text(script)
    path.chmod(0o755)
    return Tool("engine", str(path), folder)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    line = tmp_path / "line"
    line.mkdir()
    keep = (interpreter(), "-I", "-S", str(SCRIPTS / "keep.py"), str(line / "door"))
    opened = Kept(Recipe(tool(tmp_path, ENGINE), ("--", *keep), line))
    try:
        opened.begin()
    except Precondition as error:
        pytest.skip(f"namespaces: {error.message}")
    yield opened
    opened.close()


Run = Callable[..., tuple[int | None, list[str]]]


@pytest.fixture
def run(kept: Kept, tmp_path: Path) -> Run:
    """Runs a command in the stand-in's container; its exit code and what it printed."""

    def run_one(*argv: str, within: float = 20.0, **env: str) -> tuple[int | None, list[str]]:
        launch = kept.launch(Inside(argv, {"PATH": PATH, **env}, str(tmp_path)))
        assert launch.enters
        said: list[str] = []
        command = Command(launch.argv, {"PATH": PATH}, tmp_path, handed=launch.handed)
        child = start(command, Lines(said.append))
        code = child.wait(within)
        child.kill()
        launch.finish()
        child.close()
        return code, said

    return run_one


def begun(tmp_path: Path) -> int:
    return (tmp_path / "asked").read_text().splitlines().count("run")


def test_a_command_runs_with_its_environment_and_folder_and_tells_its_exit_code(
    run: Run, tmp_path: Path
) -> None:
    assert run("sh", "-c", 'echo "$A"; pwd; exit 3', A="words") == (3, ["words", str(tmp_path)])
    assert run("sh", "-c", "kill -SEGV $$")[0] == 139
    assert run("no-such-program") == (
        127,
        [f"cannot run no-such-program in {tmp_path}: No such file or directory"],
    )
    assert begun(tmp_path) == 1


def test_signals_that_our_own_program_ignores_are_the_stages_again(run: Run) -> None:
    assert run("sh", "-c", "(yes; echo $? >&2) | head -n 1") == (0, ["y", "141"])


def test_who_is_left_of_a_tree_ends_with_its_first_process(run: Run) -> None:
    mark = f"mark-kept-{os.getpid()}"
    left = f"(: {mark}; trap '' TERM; sleep 60; :) & setsid sh -c ': {mark}; sleep 60; :' & true"
    assert run("sh", "-c", left) == (0, [])
    assert processes_with(mark) == []


def test_a_tree_that_takes_too_long_is_ended_and_the_next_one_runs_in_the_same_place(
    run: Run, tmp_path: Path
) -> None:
    mark = f"mark-long-{os.getpid()}"
    assert run("sh", "-c", f": {mark}; echo there; sleep 60; :", within=0.5) == (None, ["there"])
    assert processes_with(mark) == []
    assert run("echo", "next") == (0, ["next"])
    assert begun(tmp_path) == 1


def test_our_own_program_can_be_neither_traced_nor_ended_by_a_stage(run: Run, tmp_path: Path) -> None:
    script = (
        "kill -9 1; kill -TERM 1; kill -INT 1; cat /proc/1/environ || readlink /proc/1/fd/0 || echo refused"
    )
    assert run("sh", "-c", f"{{ {script}; }} 2>/dev/null") == (0, ["refused"])
    assert run("echo", "next") == (0, ["next"])
    assert begun(tmp_path) == 1


def test_who_changes_what_the_next_would_have_gets_a_container_of_his_own(run: Run, tmp_path: Path) -> None:
    change = "import resource; resource.prlimit(1, resource.RLIMIT_CORE, (0, 0))"
    show = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE) == (0, 0))"
    before = run("python3", "-c", show)
    if before == (0, ["True"]):
        pytest.skip("no core files may be written here anyway")
    assert run("python3", "-c", change)[0] == 0
    assert run("python3", "-c", show) == before
    assert begun(tmp_path) == 2


@pytest.mark.parametrize(
    ("change", "show"),
    [
        ("os.sched_setscheduler(1, os.SCHED_BATCH, os.sched_param(0))", "os.sched_getscheduler(0)"),
        ("open('/proc/1/oom_score_adj', 'w').write('500')", "open('/proc/self/oom_score_adj').read()"),
    ],
)
def test_what_a_process_hands_on_to_the_next_is_looked_at(
    run: Run, tmp_path: Path, change: str, show: str
) -> None:
    before = run("python3", "-c", f"import os; print({show})")
    assert run("python3", "-c", f"import os; {change}")[0] == 0
    assert run("python3", "-c", f"import os; print({show})") == before
    assert begun(tmp_path) == 2


def test_a_container_that_somebody_ended_is_begun_anew(kept: Kept, run: Run, tmp_path: Path) -> None:
    (container,) = kept._idle
    hung_up = select.poll()
    assert container.control is not None
    hung_up.register(container.control, 0)
    while inside := processes_with(str(tmp_path / "line")):
        for pid in inside:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    hung_up.poll()  # what a process had open is closed a moment after its command line is gone
    assert run("echo", "next") == (0, ["next"])
    assert begun(tmp_path) == 2


def test_what_runs_beside_another_has_a_container_of_its_own(kept: Kept, run: Run, tmp_path: Path) -> None:
    waiting = kept.launch(Inside(("sleep", "60"), {"PATH": PATH}, "/"))
    child = start(Command(waiting.argv, {"PATH": PATH}, tmp_path, handed=waiting.handed), Lines(print))
    assert run("sh", "-c", "echo beside; kill -9 -1 2>/dev/null; true") == (0, ["beside"])
    assert child.wait(0.1) is None
    child.kill()
    waiting.finish()
    child.close()
    assert run("echo", "next") == (0, ["next"])
    assert begun(tmp_path) == 2


def test_what_an_engine_complains_of_is_the_reason(tmp_path: Path) -> None:
    engine = tool(tmp_path, "#!/bin/sh\necho warning; echo 'Error: no such runtime'; echo; exit 125\n")
    line = tmp_path / "line"
    line.mkdir()
    with pytest.raises(Precondition, match="engine run: Error: no such runtime"):
        Kept(Recipe(engine, (), line)).begin()
    assert list(line.iterdir()) == []


@pytest.mark.parametrize("name", ["podman", "docker", "container"])
def test_containers_that_cannot_be_had_are_refused_with_cause_and_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Precondition, match=f"isolation {name} cannot be had here: .* is not installed") as e:
        Detector(tmp_path / "probes", Path("/etc")).choose(name)
    assert "docs/design/sandbox.md" in e.value.hint


def test_containers_are_there_for_who_asks_and_never_by_themselves(tmp_path: Path) -> None:
    """They cost more than a sandbox, so it is not for a package that somebody installs to choose them."""
    assert not any(backend.kept for backend in [Detector(tmp_path, Path("/etc")).choose("")])
    assert [backend.level for backend in BACKENDS if backend.kept] == ["container/podman", "container/docker"]


def test_nothing_of_a_root_is_made_through_its_links(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    binds = (Bind(tmp_path, "/var/tmp/x"), Bind(Path("/etc/passwd"), "/etc/passwd"))
    plan = Plan(tmp_path, binds, ("/etc", "/var"), ((str(outside), "/var/tmp"), ("usr/bin", "/bin")))
    for _ in range(2):
        make_root(tmp_path / "root", plan)
    assert list(outside.iterdir()) == []
    assert (tmp_path / "root/var/tmp/x").is_dir()
    assert (tmp_path / "root/etc/passwd").read_text() == ""
    assert (tmp_path / "root/bin").is_symlink()
    assert _archive(tmp_path / "root") == _archive(tmp_path / "root") != b""


@pytest.mark.parametrize("base", [None, Base("sha256:1", (), lambda _name: None)], ids=["none", "image"])
@pytest.mark.parametrize("user", [0, 1000])
@pytest.mark.parametrize("server", [0, 1001])
def test_every_container_of_podman_has_a_user_namespace_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: int, user: int, base: Base | None
) -> None:
    """Else it would be podman's, and what is forbidden there is forbidden to podman."""
    monkeypatch.setattr("os.getuid", lambda: server)
    engine = tool(tmp_path, "#!/bin/sh\necho 'level=warning msg=x'; echo '0 1001 1'; echo '1 100000 65536'\n")
    words = list(_podman_users(_Asked(engine, Plan(tmp_path, (), user=user, base=base), tmp_path)))
    if server and user:
        assert words == ["--userns", f"keep-id:uid={user},gid={user}"]
    else:
        assert words[0] == "--uidmap"
        assert "--gidmap" in words
    if server and base and not user:
        assert words[1] == "0:0:65537"
