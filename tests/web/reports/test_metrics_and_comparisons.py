from __future__ import annotations

from calf.wire.messages import pfs
from tests.web.reports.world import World, repo


def test_metrics_mark_the_best_and_tell_the_difference_to_the_one_before(world: World) -> None:
    data = world.twin("/p/default/metrics", names="mean_iou,test.loss")
    new, old = (row["cells"] for row in data["rows"])
    assert [cell["best"] for cell in new] == [False, True], "a lower loss is better"
    assert [cell["best"] for cell in old] == [True, False]
    assert (new[0]["before"], new[0]["word"], new[1]["word"]) == (0.7, "worse", "better")
    assert "best</span>" in world.shown("/p/default/metrics")


def test_metrics_are_found_by_a_part_of_their_name_and_by_split(world: World) -> None:
    def offered(**query: str) -> list[str]:
        found = world.twin("/p/default/metrics", names="ece", **query)["offered"]
        return [each["name"] for each in found if not each["on"]]

    assert offered(split="test") == ["test.loss"]
    assert offered(find="BORDER") == ["iou.border"]
    assert not {"odd", "v", "mean_iou_interval.low"} & set(offered())


def test_two_runs_are_compared_with_what_differs_first(world: World) -> None:
    old, new = world.sets
    data = world.twin("/p/default/compare", old=old, new=new)
    assert data["parameters"] == [
        {"file": "params:/evaluate.yaml", "name": "limits.score", "old": 0.7, "new": 0.5}
    ]
    assert [(each["file"], each["name"]) for each in data["same_parameters"]] == [
        ("params:/evaluate.yaml", "seed"),
        ("evaluate:/best.json", "seed"),
    ]
    (results,) = data["results"]
    mean = results["first"][0]
    assert (mean["name"], round(mean["difference"], 6), mean["word"]) == ("mean_iou", -0.2, "worse")
    assert mean["overlap"] is True
    assert "ece" not in [each["name"] for each in results["other"]]
    assert [(each["path"], each["same"]) for each in data["pictures"]] == [("/figures/worst.png", True)]
    assert [each["repo"] for each in data["data"]] == ["params"]
    assert data["code"] == []
    assert [side["words"] for side in data["sides"]] == ["accepted", "refused"]


def test_what_a_stage_read_that_is_no_part_of_one_run_is_left_out(world: World) -> None:
    commits = world.client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo("ingest")))
    early, late = list(commits)[-1].commit.id, world.sets[1]
    data = world.twin("/p/default/compare", old=early, new=late)
    assert data["parameters"] == []
    assert [each["repo"] for each in data["data"]] == ["pets"]
    assert [sorted(stages) for stages in data["absent"]] == [["evaluate", "release"], []]
    page = world.shown("/p/default/compare", old=late, new=early)
    assert f"were no part of {early[:8]}: what only they read is left out." in page
    assert "(none)" not in page


def test_without_a_choice_the_two_newest_reports_are_compared(world: World) -> None:
    data = world.twin("/p/default/compare")
    assert (data["old"], data["new"]) == world.sets
    assert "intervals overlap" in world.shown("/p/default/compare")


def test_a_set_that_is_not_there_is_an_error_that_says_so(world: World) -> None:
    answer = world.dashboard.get("/p/default/compare", params={"old": world.sets[0], "new": "0" * 32})
    assert answer.status_code == 404
