"""Stages whose root is an image that a container engine of this machine has; skipped where there is none.

The images are made here: one of nothing but a static busybox, so without Python, libc and loader.
"""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from calf.kit.cancel import CancelToken
from calf.kit.errors import Precondition
from calf.model.ports import DatumRun, Outcome, WorkerSpec
from calf.model.refs import Pipeline
from calf.rpc.worker_api import serve_worker_api
from calf.runner.backends import BACKENDS
from calf.runner.containers.tool import find_tool
from calf.runner.engine import SandboxRunner, open_runner
from calf.runner.images.catalog import Catalog
from calf.runner.images.store import ImageStore
from calf.storage.store import Store

DOCKERFILE = """FROM scratch
COPY busybox /bin/sh
COPY passwd /etc/passwd
COPY --chown=77:77 passwd /home/own/passwd
ENV PATH=/bin GREETING="of the image" LD_PRELOAD=/nonsense.so LD_LIBRARY_PATH=/nonsense PYTHONHOME=/nonsense
WORKDIR /work
USER own
ENTRYPOINT ["/bin/false"]
HEALTHCHECK CMD ["/bin/false"]
"""


@dataclass
class Bench:
    """Runs scripts of busybox in an image; `volumes` is the same image with a volume at /data."""

    runner: SandboxRunner
    catalog: Catalog
    engine: str
    bare: str
    volumes: str

    def run(self, *cmd: str, image: str = "", **spec: object) -> tuple[Outcome, list[str]]:
        whole = WorkerSpec(
            Pipeline("default", "p"), self.catalog.resolve(image or self.bare), cmd, isolation=self.engine
        )
        said: list[str] = []
        worker = self.runner.worker(replace(whole, **spec))
        try:
            run = DatumRun("d1", {}, (), 20.0)
            return worker.run(run, lambda line, _user: said.append(line), CancelToken()), said
        finally:
            worker.close()

    def sh(self, script: str, **spec: object) -> tuple[Outcome, list[str]]:
        return self.run("sh", "-c", script, **spec)


in_containers = [
    pytest.param(each.name, marks=pytest.mark.backend(each.name)) for each in BACKENDS if each.kept
]


def static_busybox() -> Path:
    path = shutil.which("busybox")
    shown = subprocess.run(["ldd", path], capture_output=True, text=True, check=False) if path else None
    if path is None or shown is None or "=>" in shown.stdout:
        pytest.skip("no static busybox (Debian: apt-get install busybox-static)")
    return Path(path).resolve()


@pytest.fixture(scope="module")
def open_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Bench]]:
    folder = tmp_path_factory.mktemp("images")
    store = Store.open(folder / "store")
    mark = uuid.uuid4().hex[:8]
    made: list[tuple[str, str]] = []

    def make(engine: str) -> Bench:
        catalog = Catalog(ImageStore(folder), folder / "engine", lambda: engine)
        runner = open_runner(folder / f"runner-{engine}", store, serve_worker_api, catalog.view)
        backend = next(backend for backend in BACKENDS if backend.name == engine)
        if complaint := runner.detector.complaint(backend):
            pytest.skip(complaint)
        context = folder / "context"
        context.mkdir(exist_ok=True)
        shutil.copy(static_busybox(), context / "busybox")
        (context / "passwd").write_text("own:x:77:77::/:/bin/sh\nother:x:78:78::/:/bin/sh\n")
        tool = find_tool(engine, folder)
        bare, volumes = (f"localhost/calf-test-{kind}:{mark}" for kind in ("bare", "volumes"))
        for name, text in ((bare, DOCKERFILE), (volumes, f"FROM {bare}\nVOLUME /data\n")):
            (context / "Dockerfile").write_text(text)
            tool.ask("build", "--network", "none", "--tag", name, str(context))
            made.append((engine, name))
        return Bench(runner, catalog, engine, bare, volumes)

    yield make
    for engine, name in reversed(made):
        find_tool(engine, folder).ask("rmi", name)
    store.close()


@pytest.fixture(scope="module", params=in_containers)
def bench(request: pytest.FixtureRequest, open_bench: Callable[[str], Bench]) -> Bench:
    return open_bench(request.param)


@pytest.mark.sample
def test_an_image_without_python_and_libc_is_a_stage_with_its_own_root(bench: Bench) -> None:
    outcome, said = bench.sh("pwd; ls /; [ ! -e /usr/bin/env ]; echo $?; cp /etc/passwd /pfs/out/")
    assert outcome.ok, (outcome.reason, said)
    assert said == ["/work", "bin", "dev", "etc", "home", "pfs", "proc", "run", "sys", "tmp", "work", "0"]
    assert [entry.path for entry in outcome.output] == ["/passwd"]


def test_variables_of_an_image_are_its_stages_and_not_our_own_programs(bench: Bench) -> None:
    _, said = bench.sh('echo "$GREETING"; echo "$LD_PRELOAD"; echo "$FROM_SPEC"', env={"FROM_SPEC": "too"})
    assert said == ["of the image", "/nonsense.so", "too"]


def test_nothing_of_an_image_can_be_written_to(bench: Bench) -> None:
    places = "/x /bin/x /dev/x /etc/x /home/own/x /run/x /work/x /etc/hosts /etc/hostname /etc/resolv.conf"
    script = f"for place in {places}; do touch $place 2>/dev/null && echo $place; done; touch /tmp/x"
    outcome, said = bench.sh(script)
    assert (outcome.ok, said) == (True, [])


def test_a_stage_is_who_the_image_says_or_who_its_spec_names_there(bench: Bench) -> None:
    if bench.engine == "docker":
        with pytest.raises(Precondition, match="docker cannot show the user 78"):
            bench.sh("true", user="other")
        return
    show = "id -u; stat -c %u /home/own/passwd /etc/passwd"
    assert bench.sh(show)[1] == ["77", "77", "0"]
    assert bench.sh(show, user="other")[1] == ["78", "77", "0"]
    assert bench.sh(show, user="0")[1] == ["0", "77", "0"]
    with pytest.raises(Precondition, match='user "nobody" does not exist in the image'):
        bench.sh("true", user="nobody")


def test_limits_hold_without_a_tool_of_the_image(bench: Bench) -> None:
    outcome, _ = bench.sh("dd if=/dev/zero of=/tmp/x bs=1M count=3 2>/dev/null", disk=1 << 20)
    assert "disk limit 1MiB" in outcome.reason
    _, said = bench.sh("cat /proc/self/limits")
    limits = {line[:26].strip(): line[26:].split()[:2] for line in said}
    assert limits["Max core file size"] == ["0", "0"]
    assert int(limits["Max processes"][1]) <= 4096


def test_a_program_that_is_not_in_the_image_and_a_folder_that_is_not_are_told_apart(bench: Bench) -> None:
    outcome, _ = bench.run("python3", "-c", "pass")
    assert outcome.reason == f"the program python3 is not in image {bench.bare}"
    outcome, said = bench.sh("true", working_dir="/nowhere")
    assert (outcome.exit_code, said) == (1, ["cannot start in /nowhere: No such file or directory"])


def test_ways_out_and_our_pachctl_are_there_too(bench: Bench) -> None:
    _, said = bench.sh("echo $PPS_WORKER_GRPC_PORT; pachctl version --client-only", batching=True)
    assert said[0] == "1080", said
    assert len(said) > 1, said
    assert not any("Error" in line or "not found" in line for line in said), said


def test_a_volume_is_a_folder_like_any_other_or_refused(bench: Bench) -> None:
    image = bench.catalog.resolve(bench.volumes)
    if bench.engine == "docker":
        assert "declares volumes (/data)" in bench.catalog.changed(image)
        return
    assert bench.catalog.changed(image) == ""
    assert not bench.sh("mkdir -p /data && touch /data/x", image=bench.volumes)[0].ok
