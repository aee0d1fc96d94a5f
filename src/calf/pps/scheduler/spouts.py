"""Spouts: one thread for each that is to run, which keeps its stage up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from threading import Thread

from calf.db import branches, pipelines
from calf.db import commits as commit_rows
from calf.db.ledger import Event
from calf.db.tx import Tx
from calf.kit.cancel import CancelToken
from calf.model.errors import Cancelled
from calf.model.ports import DatumRun, Worker
from calf.model.pps_infos import PipelineInfo
from calf.model.refs import Branch, Commit, Pipeline
from calf.model.states import PipelineState, PipelineType
from calf.pfs import commits
from calf.pps.jobs.logs import SPOUT
from calf.pps.pipelines.ports import port_of
from calf.pps.pipelines.state import is_down
from calf.pps.scheduler.standing import Standing, keep_up, note
from calf.pps.scheduler.work import Shared

LEFT_OPEN = "the spout ended before it finished this commit"

_Key = tuple[Pipeline, Commit]
"""A spout and its spec's commit: a pipeline that was deleted and made again has the same version."""


class Spouts:
    """The spouts under way; of the scheduler's thread."""

    def __init__(
        self, shared: Shared, stop: CancelToken, guard: Callable[[str, Callable[[], None]], None]
    ) -> None:
        """`guard` runs what it is given and reports what nobody expected, under a name."""
        self._shared = shared
        self._guard = guard
        self._stop = stop
        self._active: dict[_Key, tuple[CancelToken, Thread]] = {}
        self.heeded = 0
        """The place in the ledger of the last stop of a pipeline that was heeded."""
        self._leaving: list[Thread] = []  # a spout that was stopped may be started again before it has left

    def keep(self, wanted: Iterable[PipelineInfo], stops: Iterable[Event] = ()) -> None:
        """See that exactly these run, each with its spec, and anew where a pipeline was stopped meanwhile."""
        new = [event for event in stops if event.seq > self.heeded]
        stopped = {event.key for event in new}
        self.heeded = max((self.heeded, *(event.seq for event in new)))
        infos = {(info.pipeline, info.spec_commit): info for info in wanted}
        self._leaving = [thread for thread in self._leaving if thread.is_alive()]
        for key, (cancel, thread) in list(self._active.items()):
            if key not in infos or str(key[0]) in stopped or not thread.is_alive():
                cancel.cancel()
                self._leaving.append(thread)
                del self._active[key]
        for key, info in infos.items():
            if key not in self._active:
                cancel = self._stop.child()
                thread = Thread(target=self._run, args=(info, cancel), name=f"spout {info.pipeline}")
                self._active[key] = cancel, thread
                thread.start()

    def join(self) -> None:
        """Wait until all have left; cancel first."""
        for thread in (*self._leaving, *(thread for _, thread in self._active.values())):
            thread.join()

    def _run(self, info: PipelineInfo, cancel: CancelToken) -> None:
        with suppress(Cancelled):
            self._guard(f"spout {info.pipeline}", lambda: _keep_spout_up(self._shared, info, cancel))


def wanted_spouts(tx: Tx) -> list[PipelineInfo]:
    """The spouts that are to run, those that will not stand too."""
    spouts = (info for info in pipelines.mentioning(tx, "spout") if info.type is PipelineType.SPOUT)
    return [info for info in spouts if info.state is PipelineState.RUNNING or is_down(info)]


def _keep_spout_up(shared: Shared, info: PipelineInfo, cancel: CancelToken) -> None:
    key = (info.pipeline.project, info.pipeline.name, SPOUT)
    env = {"PACH_SPOUT": SPOUT}
    stage = Standing(
        shared=shared,
        info=info,
        run=DatumRun(datum_id=SPOUT, env=env, inputs=()),
        log=lambda line, user: shared.pps.logs.append(key, "", line, user, endless=True),
        begins=partial(_close_left_open, shared, info),
        say=partial(_say, shared, info),
    )
    port = port_of(info.spec)
    keep_up(stage, cancel, f"serving at 127.0.0.1:{port.external}" if port else "")


def _close_left_open(shared: Shared, info: PipelineInfo, _worker: Worker) -> None:
    """Close a commit that an earlier run of the spout began: nobody else will, and none can follow it."""
    with shared.pps.pfs.transaction() as txn:
        row = branches.get(txn.tx, Branch(info.pipeline.repo, info.spec.output_branch))
        head = commit_rows.by_id(txn.tx, row.head) if row is not None and row.head is not None else None
        if head is not None and not head.finished:
            commits.finish(txn, head.commit, error=LEFT_OPEN, force=True)


def _say(shared: Shared, info: PipelineInfo, reason: str, stands: bool) -> None:
    with shared.pps.pfs.transaction() as txn:
        note(txn, info, reason, stands)
