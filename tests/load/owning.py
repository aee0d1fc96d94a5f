"""Clients that each own a pipeline or two: they put, update, stop, delete, and know what must come out."""

from __future__ import annotations

import io
import json
import random
import tarfile
import time
from collections.abc import Mapping

from calf.client.connection import Client
from calf.wire.messages import Message, pfs, pps
from tests.load.diary import Diary, Work
from tests.load.sharing import NEVER, at, branch, commit, modify, read_tar, repo

BATCHED = "load-batched"
"""The image of a stage that takes its datums one after the other in one process."""
_EACH = 'for f in /pfs/in/*; do echo "$WORD $(cat $f)" > /pfs/out/$(basename $f); done'
_ALL = "cat /pfs/in/* | sort > /pfs/out/all"


def pipeline(name: str) -> Message:
    return pps.Pipeline(name=name, project=pfs.Project(name="default"))


def stage(name: str, reads: str, lines: str, word: str, glob: str = "/*") -> dict[str, object]:
    """A spec of a stage of shell lines."""
    return {
        "pipeline": {"name": name},
        "transform": {"image": "host", "cmd": ["sh"], "stdin": [lines], "env": {"WORD": word}},
        "input": {"pfs": {"name": "in", "repo": reads, "glob": glob}},
    }


def batched(name: str, reads: str, word: str, python: str) -> dict[str, object]:
    """A spec of the same in one process."""
    spec = stage(name, reads, "", word)
    command = [python, "/app/batched_stage.py"]
    spec["transform"] = {"image": BATCHED, "cmd": command, "env": {"WORD": word}, "datumBatching": True}
    return spec


def files_in(archive: bytes) -> dict[str, str]:
    """Name and text of each file."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        found = ((member, opened.extractfile(member)) for member in opened)
        return {member.name.lstrip("/"): file.read().decode() for member, file in found if file}


def mapped(files: Mapping[str, str], word: str) -> dict[str, str]:
    """What the first stage makes of its input."""
    return {name: f"{word} {text}\n" for name, text in files.items()}


def gathered(files: Mapping[str, str]) -> dict[str, str]:
    """What the second one makes of the first one's output."""
    return {"all": "".join(sorted(files.values()))} if files else {}


class Owner:
    """One of them, with repo `in…`, pipeline `map…` and, for every other one, `sum…` behind it."""

    def __init__(self, number: int, client: Client, diary: Diary, prefix: str, python: str = "") -> None:
        self.client, self.diary, self._python = client, diary, python
        self.dice = random.Random(f"{prefix}owner{number}")
        self.source, self.map, self.sum = (f"{prefix}{name}{number}" for name in ("in", "map", "sum"))
        self._two = number % 2 == 0
        self._files: dict[str, str] = {}
        self._count = 0
        self._word = ""

    def works(self) -> list[Work]:
        """What it does, and how often; nobody else touches what it owns."""
        return [
            (8, self.change, NEVER),
            (1, self.update, NEVER),
            (1, self.stop_and_start, NEVER),
            (1, self.make_anew, NEVER),
            (1, self.end_a_job, NEVER),
            (1, self.take_back, NEVER),
        ]

    def begin(self) -> None:
        """The repo and the pipelines; to be called before anything else."""
        self.client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo(self.source)))
        self._put()
        self._create()

    def change(self) -> None:
        """New files, other contents, one gone; what follows is right in the end."""
        began = time.monotonic()
        self._put()
        self._wait_and_check()
        self.diary.jobs.append(time.monotonic() - began)

    def update(self) -> None:
        """Another word is another stage: all is made anew."""
        self._create(update=True, reprocess=self.dice.random() < 0.5)
        self._wait_and_check()

    def stop_and_start(self) -> None:
        """What was put meanwhile is made up for."""
        self.client.pps.StopPipeline(pps.StopPipelineRequest(pipeline=pipeline(self.map)))
        self._put()
        self.client.pps.StartPipeline(pps.StartPipelineRequest(pipeline=pipeline(self.map)))
        self._wait_and_check()

    def make_anew(self) -> None:
        """Pipelines go, with what they made, and come again."""
        for name in (self.sum, self.map)[0 if self._two else 1 :]:
            request = pps.DeletePipelineRequest(pipeline=pipeline(name), force=self.dice.random() < 0.5)
            self.client.pps.DeletePipeline(request)
        self._create()
        self._wait_and_check()

    def end_a_job(self) -> None:
        """A job that is ended is a bad commit, on which nothing is built."""
        self._put()
        head = self._head(self.source)
        self.client.pps.StopJob(pps.StopJobRequest(job=pps.Job(pipeline=pipeline(self.map), id=head)))
        self._put()
        self._wait_and_check()

    def take_back(self) -> None:
        """A commit is dropped with all that was made from it."""
        before = dict(self._files)
        self._put()
        gone = pfs.CommitSet(id=self._head(self.source))
        if self.dice.random() < 0.5:
            list(self.client.pfs.InspectCommitSet(pfs.InspectCommitSetRequest(commit_set=gone, wait=True)))
        self.client.pfs.DropCommitSet(pfs.DropCommitSetRequest(commit_set=gone))
        self._files = before
        for name, text in before.items():
            self.diary.keep(f"{self.source}:/{name}", text)
        for known in [key for key in self.diary.kept if key.startswith(f"{self.source}:/")]:
            self.diary.keep(known, before.get(known.partition(":/")[2]))
        self._wait_and_check()

    def _put(self) -> None:
        changes: list[tuple[str, str | None]] = []
        for name in self.dice.sample("abcdefgh", self.dice.randrange(1, 4)):
            self._count += 1
            gone = name in self._files and len(self._files) > 3 and self.dice.random() < 0.3
            changes.append((name, None if gone else f"{name}{self._count}"))
        for name, text in changes:
            self.diary.try_to_keep(f"{self.source}:/{name}", text)
        modify(self.client, commit("master", self.source), *((f"/{name}", text) for name, text in changes))
        for name, text in changes:
            self.diary.keep(f"{self.source}:/{name}", text)
            self._files.pop(name, None)
            if text is not None:
                self._files[name] = text

    def _create(self, *, update: bool = False, reprocess: bool = False) -> None:
        self._count += 1
        self._word = f"w{self._count}"
        specs = [stage(self.map, self.source, _EACH, self._word)]
        if self._python:
            specs = [batched(self.map, self.source, self._word, self._python)]
        if self._two and not update:
            specs.append(stage(self.sum, self.map, _ALL, "", glob="/"))
        for spec in specs:
            request = pps.CreatePipelineV2Request(
                create_pipeline_request_json=json.dumps(spec), update=update, reprocess=reprocess
            )
            self.client.pps.CreatePipelineV2(request)

    def _head(self, of: str) -> str:
        info = self.client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=branch("master", of)))
        return str(info.head.id)

    def _wait_and_check(self) -> None:
        """Wait for the last output; it must be a pure function of the input, whatever went on around it."""
        expected = {self.map: mapped(self._files, self._word)}
        if self._two:
            expected[self.sum] = gathered(expected[self.map])
        for name, files in expected.items():
            head = self._head(name)
            wait = pfs.InspectCommitRequest(commit=at(head, name), wait=pfs.CommitState.Value("FINISHED"))
            info = self.client.pfs.InspectCommit(wait)
            found = {} if info.error else files_in(read_tar(self.client, at(head, name)))
            if found != files:
                said = info.error or f"{found} and not {files}"
                self.diary.broken.append(f"{name}@{head} is {said}")
