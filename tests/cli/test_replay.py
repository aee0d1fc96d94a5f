"""`pachctl replay`: jobs of the past run again, and what is said when they do not make the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

SPEC = """\
pipeline:
  name: {name}
metadata:
  annotations: {annotations}
transform:
  image: {image}
  cmd: [sh]
  stdin:
    - {line}
datum_tries: 1
input:
  pfs:
    repo: {repo}
    glob: {glob}
"""
SORT = "cat /pfs/in/* | sort > /pfs/out/all"
CLOCK = "date +%s%N > /pfs/out/time; cat /pfs/in/* > /pfs/out/all"


class Desk:
    """Short words for what nearly every test does."""

    def __init__(self, pachctl: Any, answer: Any, folder: Path) -> None:
        self.pachctl, self._answer, self._folder = pachctl, answer, folder

    def put(self, path: str, text: str, repo: str = "in") -> None:
        self._answer(text)
        self.pachctl("put", "file", f"{repo}@master:{path}")

    def pipeline(self, name: str, line: str, verb: str = "create", code: int = 0, **more: str) -> str:
        """Create or update a pipeline; the id of its newest job, once that has ended."""
        more = {"image": "host", "repo": "in", "glob": "/", "annotations": "{}"} | more
        path = self._folder / f"{name}.yaml"
        path.write_text(SPEC.format(name=name, line=json.dumps(line), **more))
        self.pachctl(verb, "pipeline", "-f", str(path))
        self.pachctl("wait", "commit", f"{name}@master", code=code)
        return self.newest(name)

    def newest(self, name: str) -> str:
        return str(self.pachctl("list", "job", "-p", name).rows[0][2])

    def heads(self, repo: str) -> list[str]:
        return [row[1] for row in self.pachctl("list", "branch", repo).rows]

    def jobs(self) -> list[str]:
        return [row[0] for row in self.pachctl("list", "job").rows]

    def replay(self, *args: str, code: int = 0) -> list[str]:
        return list(self.pachctl("replay", *args, code=code).out.splitlines())


@pytest.fixture
def desk(pachctl: Any, answer: Any, tmp_path: Path) -> Desk:
    """A repo `in` with two files."""
    made = Desk(pachctl, answer, tmp_path)
    pachctl("create", "repo", "in")
    made.put("/a", "2\n")
    made.put("/b", "1\n")
    return made


def test_what_was_made_before_ten_further_commits_is_made_again(desk: Desk) -> None:
    first = desk.pipeline("sort", SORT)
    for number in range(10):
        desk.put(f"/{number}", f"{number}\n")
    desk.pachctl("wait", "commit", "sort@master")
    heads, jobs = desk.heads("sort"), desk.jobs()
    (line,) = desk.replay(f"sort@{first}")
    assert line.startswith(f"sort@{first[:8]}…: reproduced, bit for bit (1 file, 4B, ")
    assert desk.replay("sort@master^10")[0].startswith(line.partition("(")[0])
    assert desk.heads("sort") == heads
    assert desk.jobs() == jobs, "nothing is left behind"


def test_a_stage_that_is_not_the_same_twice_is_told_of(desk: Desk) -> None:
    job = desk.pipeline("clock", CLOCK)
    lines = desk.replay(f"clock@{job}", code=104)
    assert lines[0].startswith(f"clock@{job[:8]}…: differs in /time (")
    assert lines[1] == "  /time (text)"
    assert [line[:7] for line in lines[3:5]] == ["    - 1", "    + 1"]
    assert lines[-1].startswith("  around the stage: nothing that is recorded: image, processor, ")
    assert desk.jobs() == [job]


def test_files_that_came_and_went_are_told_of_even_where_they_may_differ(desk: Desk) -> None:
    may = json.dumps({"calf.dev/tolerance": json.dumps({"/**": "named after the time"})})
    job = desk.pipeline("clock", "echo 1 > /pfs/out/$(date +%s%N).txt", annotations=may)
    lines = desk.replay(f"clock@{job}", code=104)
    assert lines[0].startswith(f"clock@{job[:8]}…: differs in 2 files (")
    assert lines[1].startswith("  /1")
    assert lines[1].endswith(".txt (files)")
    assert lines[2] == "    missing in the new output (2B)"
    assert lines[3].startswith("  also /1")


def test_what_may_differ_is_no_difference(desk: Desk) -> None:
    may = json.dumps({"calf.dev/tolerance": json.dumps({"/t*": "it tells the time"})})
    job = desk.pipeline("clock", CLOCK, annotations=may)
    lines = desk.replay(f"clock@{job}")
    assert lines[0].startswith(f"clock@{job[:8]}…: reproduced within tolerance (2 files, ")
    assert lines[1:] == ["  within tolerance: /time: it tells the time"]


def test_an_annotation_that_cannot_be_read_is_told_of(desk: Desk) -> None:
    for number, broken in enumerate(["{", "[]", '{"/a": 1}']):
        may = json.dumps({"calf.dev/tolerance": broken})
        job = desk.pipeline(f"p{number}", SORT, annotations=may)
        assert "calf.dev/tolerance is " in desk.pachctl("replay", f"p{number}@{job}", code=2).err
    assert len(desk.jobs()) == 3


def test_a_former_version_is_run_and_said(desk: Desk) -> None:
    old = desk.pipeline("sort", SORT)
    new = desk.pipeline("sort", f"{SORT} -r", "update")
    assert desk.replay(f"sort@{new}")[1:] == []
    assert desk.replay(f"sort@{old}")[1:] == [
        "  with version 1 of the pipeline, as the job did; it is at version 2 now"
    ]


def test_all_jobs_of_a_set_are_replayed_upstream_first(desk: Desk) -> None:
    desk.pipeline("one", SORT)
    desk.pipeline("two", "cp /pfs/one/* /pfs/out/", repo="one")
    desk.pipeline("clock", CLOCK.replace("/in/", "/one/"), repo="one")
    desk.put("/c", "3\n")
    desk.pachctl("wait", "commit", "two@master")
    desk.pachctl("wait", "commit", "clock@master")
    job = desk.newest("two")
    said = desk.replay("--all", job, code=104)
    lines = [line.split("@")[0] for line in said[1:-1] if not line.startswith(" ")]
    assert (lines[0], sorted(lines)) == ("one", ["clock", "one", "two"])
    assert said[0] == f"3 jobs behind commit set {job}"
    assert said[-1] == "2 of 3 reproduced, 1 differs"


def test_all_goes_back_into_other_sets(desk: Desk) -> None:
    """What a pipeline reads may have been made in an earlier set, as evaluate was before its proof came."""
    first = desk.pipeline("sort", SORT)
    second = desk.pipeline("last", SORT, repo="sort")
    assert first != second
    for named in (second, "last@master", f"last@{second}"):
        said = desk.replay("--all", named)
        assert said[0] == f"2 jobs behind commit set {second}; of other commit sets: sort@{first[:8]}…"
        assert [line.split("@")[0] for line in said[1:-1]] == ["sort", "last"]
        assert said[-1] == "2 of 2 reproduced"


def test_the_new_commit_can_be_kept(desk: Desk) -> None:
    job = desk.pipeline("sort", SORT)
    kept = desk.replay(f"sort@{job}", "--keep")[1].removeprefix("  kept as ")
    assert desk.pachctl("get", "file", f"{kept}:/all").out == "1\n2\n"
    assert desk.heads("sort") == [job]


def test_documents_for_programs(desk: Desk) -> None:
    job = desk.pipeline("clock", CLOCK)
    document = json.loads("".join(desk.replay(f"clock@{job}", "-o", "json", code=104)))
    assert document["job"] == f"default/clock@{job}"
    assert document["result"] == "differs"
    assert document["detail"] == "/time: line 1"
    assert [each["kind"] for each in document["differences"]] == ["text"]
    assert (document["files"], document["number_differing"], document["differing"]) == (2, 1, ["/time"])
    same = desk.pipeline("sort", SORT)
    document = json.loads("".join(desk.replay(f"sort@{same}", "-o", "json")))
    assert (document["result"], document["differences"]) == ("reproduced", [])


def test_what_cannot_be_replayed_is_said(desk: Desk, tmp_path: Path) -> None:
    job = desk.pipeline("sort", SORT)
    assert "not found" in desk.pachctl("replay", f"sort@{'0' * 32}", code=4).err
    assert "not found" in desk.pachctl("replay", f"none@{job}", code=4).err
    assert "name PIPELINE@JOB" in desk.pachctl("replay", code=2).err
    assert "name PIPELINE@JOB" in desk.pachctl("replay", f"sort@{job}", "--all", job, code=2).err
    path = tmp_path / "bad.yaml"
    path.write_text(
        SPEC.format(name="bad", line="exit 1", image="host", repo="in", glob="/", annotations="{}")
    )
    desk.pachctl("create", "pipeline", "-f", str(path))
    desk.pachctl("wait", "commit", "bad@master", code=6)
    said = desk.pachctl("replay", f"bad@{desk.newest('bad')}", code=6).err
    assert "is FAILURE, so there is no output to compare with" in said
    assert "`pachctl run pipeline bad --job " in said
    said = desk.pachctl("replay", "--all", desk.newest("bad"), code=6)
    assert " is not replayed: job default/bad@" in said.err
    assert said.out.splitlines()[-1] == "0 of 1 reproduced, 1 not run"


def test_a_bad_head_says_so_wherever_it_is_asked(desk: Desk) -> None:
    """What it shows is from before, and whoever reads it must know."""
    good = desk.pipeline("sort", SORT)
    desk.pipeline("last", SORT, repo="sort")
    desk.put("/c", "3\n")
    desk.pachctl("wait", "commit", "last@master")
    desk.pipeline("sort", "exit 1", "update", code=6)
    bad = desk.heads("sort")[0]
    assert bad != good
    listed = desk.pachctl("list", "commit", "sort").rows
    assert [row[-1][:6] for row in listed] == ["error:", "", ""]
    assert (
        f"Note: its job did not succeed; what it shows may be what sort@{listed[1][2]} held"
        in desk.pachctl("inspect", "commit", "sort@master").out
    )
    assert f"sort@{listed[1][2]} is the last good one" in desk.pachctl("replay", "sort@master", code=6).err
    assert f"`pachctl verify sort@{listed[1][2]}`" in desk.pachctl("verify", "sort@master", code=4).out
    said = desk.pachctl("run", "pipeline", "last").err
    assert f"warning: input sort@{bad} has an error, so the job cannot run" in said


def test_a_pipeline_is_run_on_commits_of_the_past(desk: Desk) -> None:
    first = desk.pipeline("sort", SORT)
    old = desk.heads("in")[0]
    desk.put("/c", "3\n")
    desk.pipeline("sort", f"{SORT} -r", "update")
    head = desk.heads("sort")
    ended = desk.pachctl("run", "pipeline", "sort", f"in@{old}")
    job = ended.out.strip()
    assert ended.err == f"version 2 of sort reads in@{old}\n"
    desk.pachctl("wait", "job", job)
    assert desk.pachctl("get", "file", f"{job}:/all").out == "2\n1\n"
    again = desk.pachctl("run", "pipeline", "sort", "--job", first).out.strip()
    desk.pachctl("wait", "job", again)
    assert desk.pachctl("get", "file", f"{again}:/all").out == "1\n2\n"
    assert desk.heads("sort") == head


def test_how_a_replay_came_out_is_kept_and_told_later(desk: Desk) -> None:
    job = desk.pipeline("sort", SORT)
    target = f"sort@{job}"

    def said() -> list[str]:
        shown = desk.pachctl("inspect", "job", target).out.splitlines()
        shown += desk.pachctl("why", f"{target}:/all").out.splitlines()
        return [line for line in map(str.strip, shown) if line.startswith("Replayed:")]

    assert said() == []
    assert "run again" not in desk.pachctl("verify", target).out
    desk.replay(target)
    assert len(found := said()) == 2
    assert all(re.search(r": +reproduced [0-9l].* ago, signed by this engine$", line) for line in found)
    assert "run again and the same: 1 of 1 job" in desk.pachctl("verify", target).out
    assert json.loads(desk.pachctl("verify", target, "-o", "json").out)["replayed"] == [f"default/{target}"]


def test_a_replay_that_differs_is_kept_as_well(desk: Desk) -> None:
    job = desk.pipeline("clock", CLOCK)
    desk.replay(f"clock@{job}", code=104)
    (line,) = [
        line
        for line in desk.pachctl("inspect", "job", f"clock@{job}").out.splitlines()
        if line.startswith("Replayed:")
    ]
    assert re.match(r"Replayed: differs .* ago, signed by this engine$", line)
    assert "run again" not in desk.pachctl("verify", f"clock@{job}").out


def test_a_job_that_came_out_both_ways_says_both(desk: Desk, offline: Any) -> None:
    job = desk.pipeline("coin", "echo $(( $(od -An -N1 -tu1 /dev/urandom) % 2 )) > /pfs/out/side")
    codes: set[int] = set()
    for _ in range(60):
        newest = offline("replay", f"coin@{job}").code
        codes.add(newest)
        if len(codes) == 2:
            break
    assert codes == {0, 104}
    first, second = ("reproduced", "differs") if newest == 0 else ("differs", "reproduced")
    shown = desk.pachctl("inspect", "job", f"coin@{job}").out
    assert re.search(rf"^Replayed: {first} .* ago, signed by this engine; {second} .* ago$", shown, re.M)


def test_of_a_long_chain_every_replay_is_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.pipeline("sort", SORT)
    job = desk.pipeline("again", "cp /pfs/sort/* /pfs/out/", repo="sort")
    desk.replay("sort@master")
    desk.replay("again@master")
    monkeypatch.setattr("calf.views.replay.kept._AT_ONCE", 1)
    assert "run again and the same: 2 of 2 jobs" in desk.pachctl("verify", f"again@{job}").out
