"""The composition root: builds every room on one folder, starts them, and stops them in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from calf.daemon.config import Config
from calf.db import settings as stored
from calf.kit import clock
from calf.kit.lock import FolderLock
from calf.pfs.engine import Pfs
from calf.pps import checks
from calf.pps.engine import Pps
from calf.pps.scheduler.loop import Scheduler
from calf.pps.settings import Settings
from calf.rpc import (
    pfs_branches,
    pfs_commits,
    pfs_commitsets,
    pfs_files,
    pfs_fsck,
    pfs_modify_file,
    pfs_projects,
    pfs_repos,
    pps_datums,
    pps_jobs,
    pps_logs,
    pps_pipelines,
)
from calf.rpc.builtin import builtin_handlers
from calf.rpc.call import Handlers
from calf.rpc.server import RpcServer, start_server
from calf.rpc.worker_api import serve_worker_api
from calf.runner.engine import SandboxRunner, open_runner
from calf.runner.images.store import ImageStore
from calf.storage.logs import FileLogStore

LONGEST_SOCKET_PATH = 100
"""Of the 108 bytes that the kernel allows; in a deeper folder there is TCP only."""

Report = Callable[[str, BaseException], None]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `address` is where it listens."""

    address: str
    _lock: FolderLock
    _pfs: Pfs
    _runner: SandboxRunner
    _logs: FileLogStore
    _scheduler: Scheduler
    _rpc: RpcServer

    def stop(self, grace: float = 2.0) -> None:
        """Refuse new calls, wake what waits, cancel what runs (to go on at the next start), close."""
        self._rpc.stop(grace)
        self._scheduler.stop()
        self._runner.close()
        self._logs.close()
        self._pfs.close()
        self._lock.release()


def start(config: Config, report: Report) -> Server:
    """Start a server on `config.home`.

    Raises `Locked` when another process has the folder or the address; then nothing was changed. What a
    killed predecessor left is swept, and its unfinished jobs go on.
    """
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FolderLock(config.home)
    try:
        return _start(config, lock, report)
    except BaseException:
        lock.release()
        raise


def _start(config: Config, lock: FolderLock, report: Report) -> Server:
    home = config.home
    pfs = Pfs.open(home)
    images = ImageStore(home)
    runner = open_runner(home / "runner", pfs.store, serve_worker_api, images.view)
    logs = FileLogStore(home / "logs", clock.now)
    settings = Settings(
        workers=config.workers, datum_identity=config.datum_identity, isolation=config.isolation
    )
    pps = Pps(pfs, runner, images, logs, settings)
    scheduler = Scheduler(pps, report)
    rpc = start_server(_handlers(pps, scheduler), config.address, _socket(home))
    scheduler.start()
    host = config.address.rpartition(":")[0]
    return Server(f"{host}:{rpc.port}", lock, pfs, runner, logs, scheduler, rpc)


def _handlers(pps: Pps, scheduler: Scheduler) -> Handlers:
    pfs = pps.pfs
    return {
        **builtin_handlers(_cluster_id(pfs)),
        **pfs_projects.handlers(pfs),
        **pfs_repos.handlers(pfs),
        **pfs_branches.handlers(pfs),
        **pfs_commits.handlers(pfs),
        **pfs_commitsets.handlers(pfs),
        **pfs_files.handlers(pfs),
        **pfs_modify_file.handlers(pfs),
        **pfs_fsck.handlers(pfs, checks.checks(pfs)),
        **pps_pipelines.handlers(pps),
        **pps_jobs.handlers(pps),
        **pps_datums.handlers(pps, scheduler),
        **pps_logs.handlers(pps),
    }


def _cluster_id(pfs: Pfs) -> str:
    with pfs.transaction() as txn:
        known = stored.get(txn.tx, "cluster-id")
        if known is None:
            known = pfs.new_id()
            stored.put(txn.tx, "cluster-id", known)
    return known


def _socket(home: Path) -> Path | None:
    path = home / "api.sock"
    return path if len(str(path)) <= LONGEST_SOCKET_PATH else None
