"""What the boxes of the graph say, given what the server said."""

from __future__ import annotations

from typing import Any

from calf.client.connection import Client
from calf.web.dag.comparing import compare
from calf.web.dag.figure import LARGE, figure
from calf.web.dag.nodes import nodes_now, plain, state_of_set
from calf.web.dag.reading import Now, Then
from calf.wire.messages import Message, pfs, pps

PROJECT = pfs.Project(name="cats")


def info(name: str, source: Message, state: int = pps.PIPELINE_RUNNING, **more: Any) -> Message:
    made = pps.PipelineInfo(pipeline=pps.Pipeline(project=PROJECT, name=name), state=state, version=2, **more)
    made.details.input.CopyFrom(source)
    return made


def repo(name: str, project: str = "cats") -> Message:
    return pps.Input(pfs=pps.PFSInput(repo=name, project=project, glob="/"))


def job(name: str, state: int, **more: Any) -> Message:
    return pps.JobInfo(
        job=pps.Job(pipeline=pps.Pipeline(project=PROJECT, name=name), id="1" * 32), state=state, **more
    )


def box(pipeline: Message, newest: Message | None = None) -> dict[str, Any]:
    key = f"cats/{pipeline.pipeline.name}"
    nodes, _ = nodes_now(Now({key: pipeline}, {}, {key: newest} if newest else {}), "cats")
    return nodes[key]


def test_a_pipeline_stands_as_its_newest_job_does() -> None:
    found = box(
        info("p", repo("photos")), job("p", pps.JOB_RUNNING, data_processed=2, data_skipped=1, data_total=9)
    )
    assert (found["state"], found["version"]) == ("running", 2)
    assert (found["counts"]["done"], found["counts"]["total"]) == (3, 9)


def test_one_that_is_stopped_or_broken_says_that_instead() -> None:
    done = job("p", pps.JOB_SUCCESS)
    assert box(info("p", repo("photos"), pps.PIPELINE_PAUSED), done)["state"] == "paused"
    broken = box(info("p", repo("photos"), pps.PIPELINE_CRASHING, reason="no image"), done)
    assert (broken["state"], broken["why"]) == ("crashing", "no image")
    assert box(info("p", repo("photos"), pps.PIPELINE_STANDBY))["state"] == "standby"


def test_services_and_spouts_say_what_they_are_and_that_they_run() -> None:
    service = info("p", repo("photos"), type=pps.PipelineInfo.PIPELINE_TYPE_SERVICE)
    found = box(service, job("p", pps.JOB_SUCCESS))
    assert (found["type"], found["state"], found["counts"]) == ("service", "running", None)
    spout = pps.PipelineInfo(
        pipeline=pps.Pipeline(project=PROJECT, name="s"), state=pps.PIPELINE_RUNNING,
        type=pps.PipelineInfo.PIPELINE_TYPE_SPOUT,
    )  # fmt: skip
    assert box(spout)["type"] == "spout"


def test_clocks_and_repos_of_other_projects_are_boxes_too() -> None:
    cron = pps.Input(cron=pps.CronInput(name="tick", repo="p_tick", spec="@daily", project="cats"))
    both = pps.Input(cross=[cron, repo("photos", "dogs")])
    nodes, edges = nodes_now(Now({"cats/p": info("p", both)}, {}, {}), "cats")
    assert set(edges) == {("cats/p_tick", "cats/p"), ("dogs/photos", "cats/p")}
    assert (nodes["cats/p_tick"]["kind"], nodes["cats/p_tick"]["clock"]) == ("cron", "@daily")
    assert nodes["dogs/photos"]["elsewhere"]
    assert nodes["dogs/photos"]["label"] == "dogs/photos"
    assert nodes["dogs/photos"]["link"] == "/p/dogs/repos/photos"


def test_a_repo_that_nobody_reads_is_there() -> None:
    alone = pfs.RepoInfo(repo=pfs.Repo(name="alone", type="user", project=PROJECT), size_bytes_upper_bound=7)
    nodes, _ = nodes_now(Now({}, {"cats/alone": alone}, {}), "cats")
    assert (nodes["cats/alone"]["kind"], nodes["cats/alone"]["size"]) == ("repo", 7)


def test_a_set_is_as_good_as_the_worst_of_its_jobs_once_none_runs() -> None:
    assert state_of_set({"success": 6, "failure": 1, "running": 1}) == "running"
    assert state_of_set({"success": 6, "unrunnable": 1}) == "failure"
    assert state_of_set({"success": 6, "killed": 1}) == "killed"
    assert state_of_set({"success": 7}) == "success"
    assert state_of_set({}) == "finished"


def test_boxes_are_as_wide_as_the_longest_name_but_not_endless() -> None:
    def width(name: str, number: int = 1) -> int:
        nodes = {f"cats/{at}": plain(f"cats/{name}", "cats", "repo") for at in range(number)}
        return int(figure(nodes, [])["nodes"][0]["width"])

    assert width("a") == width("b" * 10) < width("c" * 25) < width("d" * 60) == width("e" * 51)
    assert width("a", LARGE) > width("a")


def test_boxes_with_numbers_stand_in_the_order_of_the_numbers() -> None:
    names = [f"s{number}" for number in range(12)]
    nodes = {f"cats/{name}": plain(f"cats/{name}", "cats", "repo") for name in sorted(names)}
    shown = figure(nodes, [])["nodes"]
    assert [node["name"] for node in sorted(shown, key=lambda node: int(node["y"]))] == names


def test_a_set_without_a_commit_that_is_shown_is_before_all_that_there_is(client: Client) -> None:
    photos = pfs.Repo(name="photos", type="user", project=PROJECT)
    now = Now({}, {"cats/photos": pfs.RepoInfo(repo=photos, created={"seconds": 5})}, {})
    made = pfs.CommitInfo(commit=pfs.Commit(repo=photos, id="1" * 32), started={"seconds": 6})
    nodes, _ = nodes_now(now, "cats")
    (row,) = compare(client, nodes, now, Then("1" * 32, {}, {"cats/photos": made}), Then("2" * 32, {}, {}))
    assert (row["label"], row["change"]) == ("photos", "new")
