"""Benches on images of the container engines that are here; each test runs on each engine.

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
ENV LD_TRACE_LOADED_OBJECTS=1
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
def open_image_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Bench]]:
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
def image_bench(request: pytest.FixtureRequest, open_image_bench: Callable[[str], Bench]) -> Bench:
    """One on an engine."""
    return open_image_bench(request.param)
