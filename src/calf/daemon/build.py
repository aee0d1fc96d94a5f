"""The composition root: builds every room on one folder, starts them, and stops them in order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from calf.daemon.admitting import read_admission
from calf.daemon.config import Config
from calf.daemon.place import log_file
from calf.daemon.quiet import QuietCollector
from calf.daemon.signing_key import load_or_make
from calf.kit import clock
from calf.kit.lock import FolderLock
from calf.pfs.engine import Pfs
from calf.pps import checks, scratch
from calf.pps.attest.attestor import Attestor
from calf.pps.attest.checking import attest_checks
from calf.pps.engine import Pps
from calf.pps.scheduler.loop import Scheduler
from calf.pps.settings import Settings
from calf.rpc import (
    admin,
    attestation,
    collecting,
    debug,
    explain,
    logs_api,
    metadata,
    pfs_branches,
    pfs_commits,
    pfs_commitsets,
    pfs_egress,
    pfs_files,
    pfs_filesets,
    pfs_fsck,
    pfs_modify_file,
    pfs_projects,
    pfs_removing,
    pfs_repos,
    pfs_storage,
    pfs_walks,
    pps_datums,
    pps_defaults,
    pps_jobs,
    pps_logs,
    pps_pipelines,
    pps_replay,
    pps_run,
    pps_secrets,
    pps_status,
    pps_templates,
    storage_filesets,
    watching,
)
from calf.rpc.builtin import builtin_handlers
from calf.rpc.call import Handler, Handlers
from calf.rpc.local import serve_locally
from calf.rpc.server import start_server
from calf.rpc.stage_api import serve_stage_api
from calf.rpc.tally import Tally
from calf.rpc.transactions import with_transactions
from calf.rpc.worker_api import serve_worker_api
from calf.runner.backends import engine_of
from calf.runner.cpu import read_machine
from calf.runner.engine import open_runner
from calf.runner.images.catalog import Catalog
from calf.runner.images.store import DEFAULT_HOST_PATTERNS, ImageStore
from calf.storage.logs import FileLogStore
from calf.storage.remote import Remotes

GRACE = 2.0
"""Seconds that calls in progress get when the server stops."""
LONGEST_SOCKET_PATH = 100
"""Of the 108 bytes that the kernel allows; in a deeper folder there is TCP only."""

_ALL = ("0.0.0.0", "[::]")  # noqa: S104 - compared with, not listened on

Report = Callable[[str, BaseException], None]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `address` is where it listens, `lock` what makes the data folder its own."""

    address: str
    lock: FolderLock
    _rooms: ExitStack

    def stop(self) -> None:
        """Refuse new calls, wake what waits, cancel what runs (to go on at the next start), close."""
        self._rooms.close()


def start(config: Config, report: Report) -> Server:
    """Start a server on `config.home`.

    Raises `Locked` when another process has the folder or the address; then all is closed again. What a
    killed predecessor left is swept, and its unfinished jobs go on.
    """
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as rooms:
        lock = rooms.enter_context(FolderLock(config.home))
        address = _start(config, report, rooms)
        return Server(address, lock, rooms.pop_all())


def _start(config: Config, report: Report, rooms: ExitStack) -> str:
    """Open the rooms of a locked folder, from the bottom up; each has its end in `rooms`, which goes back."""
    home = config.home
    admission = read_admission(config, clock.now())
    pfs = Pfs.open(home, remotes=Remotes(config.settings, config.folders, closed=(home,)))
    rooms.callback(pfs.close)
    own = ImageStore(home, config.host_images or DEFAULT_HOST_PATTERNS)
    images = Catalog(
        own,
        home / "runner" / "engine",
        lambda: engine_of(config.isolation, runner.detector),
        stands_in=bool(config.host_images),
    )
    handlers: dict[str, Handler] = {}
    runner = open_runner(
        home / "runner",
        pfs.store,
        serve_worker_api,
        images.view,
        server_api=partial(serve_stage_api, handlers),
    )
    logs = FileLogStore(home / "logs", clock.now)
    rooms.callback(logs.close)
    settings = Settings(
        workers=config.workers,
        datum_identity=config.datum_identity,
        isolation=config.isolation,
        port=config.port,
    )
    attestor = Attestor(load_or_make(home), read_machine(version("calf")))
    pps = Pps(pfs, runner, images, logs, settings, attestor)
    scheduler = Scheduler(pps, report)
    tally = Tally()
    handlers.update(_handlers(pps, scheduler, log_file(home)), **watching.handlers(pps, tally, home))
    served = tally.counted(with_transactions(pfs, handlers))
    scratch.drop_left(pfs)
    rpc = start_server(served, config.address, _socket(home), admission=admission)
    address = f"{config.address.rpartition(':')[0]}:{rpc.port}"
    local = serve_locally(served, _as_this_machine_says(address))
    scheduler.start()
    rooms.callback(scheduler.stop)
    rooms.callback(rpc.stop, GRACE)
    if config.collect_every:
        collector = QuietCollector(pfs, logs, config.collect_every, report)
        collector.start()
        rooms.callback(collector.stop)
    if local is not None:
        rooms.callback(local.stop, GRACE)
    return address


def _handlers(pps: Pps, scheduler: Scheduler, log: Path) -> Handlers:
    pfs = pps.pfs
    return {
        **builtin_handlers(),
        **admin.handlers(pfs),
        **debug.handlers(pps, log),
        **pfs_projects.handlers(pps),
        **pfs_repos.handlers(pfs),
        **pfs_branches.handlers(pfs),
        **pfs_commits.handlers(pfs),
        **pfs_commitsets.handlers(pfs),
        **pfs_removing.handlers(pfs),
        **pfs_walks.handlers(pfs),
        **pfs_files.handlers(pfs),
        **pfs_modify_file.handlers(pfs),
        **pfs_egress.handlers(pfs),
        **pfs_filesets.handlers(pfs),
        **pfs_storage.handlers(pfs),
        **storage_filesets.handlers(pfs),
        **metadata.handlers(pfs),
        **collecting.handlers(pfs, pps.logs),
        **pfs_fsck.handlers(
            pfs, [*checks.checks(pfs), *checks.checks_of_images(pps.images), *attest_checks(pps)]
        ),
        **pps_pipelines.handlers(pps),
        **explain.handlers(pps),
        **attestation.handlers(pps),
        **pps_run.handlers(pps),
        **pps_replay.handlers(pps),
        **pps_status.handlers(pps),
        **pps_templates.handlers(),
        **pps_defaults.handlers(pps),
        **pps_jobs.handlers(pps),
        **pps_datums.handlers(pps, scheduler),
        **pps_logs.handlers(pps),
        **logs_api.handlers(pps),
        **pps_secrets.handlers(pps),
    }


def _as_this_machine_says(address: str) -> str:
    """The loopback address by which this machine's clients mean a server at all addresses."""
    host, _, port = address.rpartition(":")
    return f"127.0.0.1:{port}" if host in _ALL else address


def _socket(home: Path) -> Path | None:
    path = home / "api.sock"
    return path if len(str(path)) <= LONGEST_SOCKET_PATH else None
