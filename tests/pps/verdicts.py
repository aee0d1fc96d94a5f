"""Whether a job of the chain may have ended as it did, from its input commits and its version alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from calf.db import pipelines
from calf.db.tx import Tx
from calf.model.pps_infos import JobInfo
from calf.model.refs import Commit
from calf.model.states import JobState
from calf.pfs import commits
from calf.pps.scheduler.loop import TIMED_OUT
from calf.storage import trees
from calf.storage.store import Store
from tests.pps.chain import Wanted, Weather, wanted

_REASONS = ("datum ", "duplicate path output by different datums")


@dataclass
class Verdicts:
    """`meddled` are jobs that users ended or that ran late: those may end badly without a bad datum."""

    store: Store
    weather: Weather
    meddled: set[str] = field(default_factory=set)
    known: dict[bytes | None, dict[str, str]] = field(default_factory=dict)

    def check_ended(self, tx: Tx, info: JobInfo) -> None:
        """Whether a job may have ended so, and wrote what it should."""
        assert bool(info.reason) == (info.state is not JobState.SUCCESS), info
        errored = commits.readiness(tx, info.output_commit).errored
        match info.state:
            case JobState.KILLED:
                assert key(info) in self.meddled or info.reason == TIMED_OUT, info
            case JobState.UNRUNNABLE:
                assert errored, info
                assert (info.job.pipeline.name, info.job.id) not in self.weather.visited
            case _:
                assert not errored, info
                want = self.wanted(tx, info)
                if info.state is JobState.SUCCESS:
                    self.check_success(tx, info, want)
                else:
                    assert not want.good or key(info) in self.meddled, (info, want)
                    assert info.reason.startswith(_REASONS), info

    def check_success(self, tx: Tx, info: JobInfo, want: Wanted) -> None:
        if key(info) not in self.meddled:
            assert want.good, (info, want)
        assert self.files(tx, info.output_commit) == want.files
        done = info.counts.processed + info.counts.skipped
        assert (done, info.counts.recovered) == (want.total - want.recovered, want.recovered)

    def wanted(self, tx: Tx, info: JobInfo) -> Wanted:
        name = info.job.pipeline.name
        version = pipelines.get(tx, info.job.pipeline, info.pipeline_version)
        assert version is not None
        assert version.spec.transform is not None
        inputs = {
            branch.repo.name: self.files(tx, commit)
            for branch, commit in commits.inputs(tx, info.output_commit).items()
            if branch.repo.type == "user"
        }
        side = inputs.pop("side", {})
        (main,) = inputs.values()
        return wanted(name, version.spec.transform.env["GENERATION"], main, side)

    def files(self, tx: Tx, commit: Commit) -> dict[str, str]:
        root, store = commits.root(tx, commit), self.store
        if root not in self.known:
            found = trees.entries(store.get, root)
            self.known[root] = {it.path: b"".join(store.read(it.content)).decode() for it in found}
        return self.known[root]


def key(info: JobInfo) -> str:
    return f"{info.job.pipeline.name} {info.job.id}"
