"""The runner: makes workers, each with a workspace and a sandbox of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from calf.model.ports import Worker, WorkerSpec
from calf.model.pps_infos import Image
from calf.runner.backends import Detector
from calf.runner.batch import BatchWorker, WorkerApi
from calf.runner.belongings import Tools, install_tools, lay_out
from calf.runner.capture import Limits
from calf.runner.cgroup import Groups
from calf.runner.containers.portable import PortablePython
from calf.runner.disk import DiskGuard, WatchedWorker
from calf.runner.ground import Site
from calf.runner.host_system import write_etc
from calf.runner.masking import MaskingWorker
from calf.runner.sandbox import Sandbox
from calf.runner.standing import ServerApi, StandingWorker, no_server
from calf.runner.view import View
from calf.runner.worker import PlainWorker, Slot
from calf.runner.workspace import Workspaces
from calf.storage.store import Store

MAX_PROCESSES = 4096


@dataclass(frozen=True, slots=True)
class SandboxRunner:
    """Implements `ports.Runner` with processes of this machine; thread-safe."""

    site: Site
    detector: Detector
    workspaces: Workspaces
    store: Store
    worker_api: WorkerApi
    server_api: ServerApi
    view: Callable[[Image], View]
    limits: Limits
    tools: Tools
    disk: DiskGuard

    def worker(self, spec: WorkerSpec) -> Worker:
        """See `ports.Runner`. Raises `NotFound` when the image is gone."""
        backend = self.detector.choose(spec.isolation)
        view = self.view(spec.image)
        workspace = self.workspaces.make()
        try:
            python = self.site.python.shown()[1] if view.base else ()
            belongings = lay_out(workspace.root, spec, self.tools, python)
            sandbox = Sandbox(self.site, backend, workspace, view, spec, belongings)
            slot = Slot(spec, sandbox, workspace, self.store, self.limits, tuple(sandbox.notes()))
        except BaseException:
            workspace.remove()
            raise
        worker: Worker = WatchedWorker(self._worker(slot), self.disk, workspace, spec)
        return MaskingWorker(worker, spec.masked) if spec.masked else worker

    def _worker(self, slot: Slot) -> Worker:
        if slot.spec.standing:
            return StandingWorker(slot, self.server_api)
        return BatchWorker(slot, self.worker_api) if slot.spec.batching else PlainWorker(slot)


def open_runner(
    root: Path,
    store: Store,
    worker_api: WorkerApi,
    view: Callable[[Image], View],
    limits: Limits | None = None,
    processes: int = MAX_PROCESSES,
    server_api: ServerApi = no_server,
) -> SandboxRunner:
    """A runner that keeps its files below `root`, which must be locked by this process.

    Ends and removes what a killed predecessor left behind. `view` gives what an image adds to a sandbox;
    `processes` is the most that one stage may have, threads counted. `server_api` serves the server's API on
    a socket to the stage of a pipeline.
    """
    root = root.resolve()  # processes that are started do not share our working folder
    etc = root / "etc"
    write_etc(etc)
    name = hashlib.sha256(str(root).encode()).hexdigest()[:12]
    groups = Groups(f"calf-{name}-", processes)
    groups.sweep()
    workspaces = Workspaces(root / "work")
    workspaces.sweep()
    return SandboxRunner(
        site=Site(groups, etc, PortablePython(root / "python")),
        detector=Detector(root / "probe", etc),
        workspaces=workspaces,
        store=store,
        worker_api=worker_api,
        server_api=server_api,
        view=view,
        limits=limits or Limits(),
        tools=install_tools(root / "tools"),
        disk=DiskGuard(root),
    )
