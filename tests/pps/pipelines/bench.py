"""Pipelines on a real data folder, without a scheduler: what stands in the rows is what is tested."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calf.db import jobs
from calf.model.errors import NotFound, Precondition
from calf.model.pps_infos import Image, ImageFault, JobInfo, PipelineInfo
from calf.model.refs import Pipeline
from calf.model.spec import parse
from calf.model.statement.facts import ImageFacts
from calf.model.states import JobState
from calf.pfs import branches, commits, fsck
from calf.pps import checks, pipelines
from calf.pps.engine import Pps
from calf.pps.jobs.catch_up import catch_up
from calf.pps.jobs.end import commits_of
from calf.pps.jobs.list_ import JobQuery, list_
from calf.pps.jobs.move import move
from calf.pps.pipelines import PipelineQuery
from calf.pps.settings import Settings
from calf.storage.logs import FileLogStore
from tests.pfs.world import World, at
from tests.pps.stages import ATTESTOR, StageRunner


@dataclass
class SomeImages:
    """Knows the images that were added, and those that it cannot speak of now with the reason."""

    known: dict[str, str] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)

    def resolve(self, name: str) -> Image:
        if name in self.silent:
            raise Precondition(self.silent[name], "look at the engine")
        if name not in self.known:
            raise NotFound(f"image {name} is not known", "calf image build")
        return Image(name, self.known[name], "stage")

    def changed(self, image: Image) -> str:
        return ""

    def describe(self, image: Image) -> ImageFacts:
        return ImageFacts()

    def examine(self, image: Image, *, packages: bool = False) -> tuple[ImageFault, ...]:
        return ()


@dataclass(frozen=True)
class Bench:
    world: World
    pps: Pps
    images: SomeImages

    @classmethod
    def open(cls, root: Path, **settings: Any) -> Bench:
        world, images = World.open(root), SomeImages({"stage:1": "d1"})
        logs = FileLogStore(root / "logs", world.pfs.clock)
        runner = StageRunner(world.pfs.store, {})
        return cls(world, Pps(world.pfs, runner, images, logs, Settings(**settings), ATTESTOR), images)

    def create(self, name: str, reads: str | dict[str, Any] = "in", **more: Any) -> PipelineInfo:
        """`reads` is repos with spaces between, or an input; what is in `more` stands in the spec."""
        flags = {flag: more.pop(flag) for flag in ("update", "reprocess") if flag in more}
        document = {
            "pipeline": {"name": name},
            "transform": {"cmd": ["run"], "image": "stage:1"},
            "input": reads if isinstance(reads, dict) else crossed(reads.split()),
            **more,
        }
        with self.world.pfs.transaction() as txn:
            return pipelines.create(self.pps, txn, parse(document), json.dumps(document), **flags)

    def update(self, name: str, reads: str | dict[str, Any] = "in", **more: Any) -> PipelineInfo:
        return self.create(name, reads, update=True, **more)

    def stop(self, name: str) -> None:
        with self.world.pfs.transaction() as txn:
            pipelines.stop(txn, pipeline(name))

    def start(self, name: str) -> None:
        catch_up(self.world.pfs)
        with self.world.pfs.transaction() as txn:
            pipelines.start(self.pps, txn, pipeline(name))

    def rerun(self, name: str, reprocess: bool = False) -> PipelineInfo:
        with self.world.pfs.transaction() as txn:
            return pipelines.rerun(self.pps, txn, pipeline(name), reprocess=reprocess)

    def delete(self, *names: str, force: bool = False, keep_repo: bool = False) -> None:
        with self.world.pfs.transaction() as txn:
            wanted = [pipeline(name) for name in names]
            pipelines.delete_several(txn, wanted, force=force, keep_repo=keep_repo)

    def inspect(self, name: str) -> PipelineInfo:
        with self.world.pfs.read() as tx:
            return pipelines.inspect(tx, pipeline(name))

    def listed(self, **query: Any) -> list[PipelineInfo]:
        with self.world.pfs.read() as tx:
            return pipelines.list_(tx, PipelineQuery(**query))

    def jobs(self, name: str) -> list[JobInfo]:
        """Newest first."""
        return list(list_(self.world.pfs, JobQuery(pipeline(name))))

    def outputs(self, name: str) -> int:
        """How many commits the output repo has."""
        return len(self.world.log(name))

    def provenance(self, branch: str) -> list[str]:
        with self.world.pfs.read() as tx:
            found = branches.inspect(tx, at(branch)).direct_provenance
        return [str(source).removeprefix("default/") for source in found]

    def end_jobs(self) -> None:
        """Let all jobs succeed without doing anything, inputs first."""
        catch_up(self.world.pfs)
        with self.world.pfs.transaction() as txn:
            for info in jobs.unfinished(txn.tx):
                for state in (JobState.STARTING, JobState.RUNNING, JobState.FINISHING):
                    info = move(txn, info, state)
                for commit in commits_of(info.job):
                    commits.finish(txn, commit, force=True)
                move(txn, info, JobState.SUCCESS)

    def fsck(self) -> list[str]:
        every = [*fsck.checks(self.world.pfs, verify=True), *checks.checks(self.world.pfs)]
        return [str(found) for found in fsck.run(self.world.pfs, every)]


def pipeline(name: str) -> Pipeline:
    return Pipeline("default", name)


def crossed(repos: list[str]) -> dict[str, Any]:
    leaves = [{"pfs": {"repo": repo, "glob": "/*"}} for repo in repos]
    return leaves[0] if len(leaves) == 1 else {"cross": leaves}
