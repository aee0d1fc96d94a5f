from __future__ import annotations

import re

import pytest

from tests.web.reports.world import World


def test_reports_are_listed_newest_first_with_figures_decision_and_what_was_changed(world: World) -> None:
    old, new = world.sets
    data = world.twin("/p/default/reports")
    assert [row["commit"] for row in data["rows"]] == [new, old]
    row = data["rows"][0]
    (mean, *_) = row["figures"]
    assert (mean["name"], mean["value"], mean["before"], mean["word"]) == ("mean_iou", 0.5, 0.7, "worse")
    assert (mean["low"], mean["high"], mean["good"]) == (0.1, 0.9, "higher is better")
    assert row["decision"]["accepted"] is False
    assert row["decision"]["against"] == ["mean_iou against 0.6"]
    assert row["changes"]["shown"] == ["limits.score: 0.7 → 0.5"]
    assert data["rows"][1]["decision"]["accepted"] is True


def test_an_old_report_has_its_decision_behind_any_number_of_newer_ones(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("listing", "opening"):
        monkeypatch.setattr(f"calf.web.reports.{module}._RELEASES", 1)
    old = world.sets[0]
    rows = {row["commit"]: row for row in world.twin("/p/default/reports")["rows"]}
    opened = world.twin("/p/default/reports/evaluate", commit=old)
    for decided in (rows[old]["decision"], opened["decision"]):
        assert (decided["commit"], decided["accepted"], decided["alike"]) == (old, True, False)


def test_a_release_is_compared_with_one_that_stands_on_the_next_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = world.sets
    both = world.shown("/p/default/releases")
    assert f'href="#release-release-{old}">{old[:8]}' in both
    monkeypatch.setattr("calf.web.reports.releases._ROWS", 1)
    monkeypatch.setattr("calf.web.reports.releases._OLDER", 1)
    (row,) = world.twin("/p/default/releases")["rows"]
    assert (row["commit"], row["before"]) == (new, old)
    assert f'href="/p/default/releases/release?commit={old}">{old[:8]}' in world.shown("/p/default/releases")


def test_the_first_screen_says_how_good_where_it_fails_and_what_data_made_it(world: World) -> None:
    found = world.twin("/p/default/reports")["summary"]
    assert found["decision"]["words"] == "refused"
    assert [each["name"] for each in found["weakest"]["slices"]] == ["cat"], "a fox alone says nothing"
    assert found["weakest"]["classes"][0]["name"] == "border"
    assert [each["name"] for each in found["worst"]] == ["cat", "good, <b>one"]
    assert found["picture"] == "/figures/worst.png"
    assert {each["repo"] for each in found["data"]} == {"pets", "params"}
    page = world.shown("/p/default/reports")
    assert "good, &lt;b&gt;one" in page
    assert "species cat" in page


def test_a_report_is_opened_in_a_frame_that_may_do_nothing(world: World) -> None:
    commit = world.sets[1]
    page = world.shown("/p/default/reports/evaluate", commit=commit)
    assert '<iframe class="report" sandbox src="/p/default/repos/evaluate/raw?' in page
    assert "alert(1)" not in page
    data = world.twin("/p/default/reports/evaluate", commit=commit)
    assert data["parameters"] == {"params:/evaluate.yaml": {"seed": 1, "limits.score": 0.5}}
    assert data["older"] == world.sets[0]
    assert {each["repo"] for each in data["jobs"]} == {"evaluate", "ingest"}


def test_a_commit_without_a_report_says_what_one_is(world: World) -> None:
    answer = world.dashboard.get("/p/default/reports/ingest", params={"commit": world.sets[0]})
    assert answer.status_code == 404
    assert "holds no report" in answer.text


def test_a_project_without_reports_says_how_to_get_one(world: World) -> None:
    from calf.wire.messages import pfs

    world.client.pfs.CreateProject(pfs.CreateProjectRequest(project=pfs.Project(name="empty")))
    for name in ("reports", "metrics", "releases", "compare"):
        assert 'class="empty"' in world.shown(f"/p/empty/{name}")


def test_releases_tell_the_decision_with_its_reasons_and_lead_to_the_report(world: World) -> None:
    refused, accepted = world.twin("/p/default/releases")["rows"]
    assert (refused["words"], refused["failed"], refused["waived"]) == ("refused", 1, 1)
    assert (refused["figure"]["name"], refused["figure"]["word"]) == ("mean_iou", "worse")
    assert (refused["before"], accepted["before"]) == (world.sets[0], "")
    assert accepted["doubts"][-1] == "waived: dirty"
    assert accepted["report"] == {"project": "default", "repo": "evaluate", "commit": world.sets[0]}


def test_a_release_has_gates_card_and_statement(world: World) -> None:
    commit = world.sets[0]
    data = world.twin("/p/default/releases/release", commit=commit)
    outcomes = [(each["name"], each["outcome"]) for each in data["decision"]["checks"]]
    assert outcomes == [("optimised", "passed"), ("at least", "passed"), ("clean", "waived")]
    assert data["signed"]["of"] == f"pfs:default/release@{commit}"
    page = world.shown("/p/default/releases/release", commit=commit)
    about = re.findall(r'<th scope="row">mean_iou<br><span class="muted">([^<]+)</span></th>', page)
    assert about == ["what the model was chosen by", "limit"], "two gates of one figure are told apart"
    assert f'href="/p/default/repos/release/lineage?commit={commit}&amp;path=%2F"' in page
    assert "A card &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_the_first_screen_says_what_ran_last(world: World) -> None:
    (last,) = world.twin("/p/default/reports")["summary"]["last"]
    assert {each["pipeline"]: each["processed"] for each in last["jobs"]} == {"evaluate": 1, "release": 1}
    assert (last["set"], last["report"]) == (world.sets[1], True)
    assert all(each["seconds"] is not None for each in last["jobs"])


def test_what_speaks_against_a_model_stands_beside_the_decision(world: World) -> None:
    found = world.twin("/p/default/summary")["summary"]
    assert found["doubts"][1:] == ["waived: dirty"], "the intervals of both overlap"
    assert found["older"]["words"] == "accepted"
    page = world.shown("/p/default/summary")
    assert "Is the model good?" in page
    assert "<html" not in page


def test_worst_samples_lead_to_what_the_job_read_and_to_what_people_put_in(world: World) -> None:
    worst = world.twin("/p/default/reports")["summary"]["worst"]
    cat = next(each for each in worst if each["name"] == "cat")
    assert [(each["repo"], each["path"]) for each in cat["places"]] == [
        ("ingest", "/samples/cat.png"),
        ("pets", "/cat.png"),
    ]
    assert cat["value"] == 0.1
    assert next(each for each in worst if "good" in each["name"])["places"] == []


def test_values_that_a_search_chose_stand_beside_those_that_were_given(world: World) -> None:
    found = world.twin("/p/default/reports")["summary"]
    assert [(each["repo"], each["path"]) for each in found["settings"]] == [("params", "/evaluate.yaml")]
    assert found["chosen"] == [
        {
            "name": "seed",
            "value": 4,
            "from": "evaluate:/best.json",
            "given": 1,
            "given_in": "params:/evaluate.yaml",
        }
    ]


def test_a_branch_stands_for_its_head_and_not_for_what_was_that_before(world: World) -> None:
    data = world.twin("/p/default/reports/evaluate", commit="master")
    assert data["commit"] == world.sets[1]


def test_a_project_that_is_not_there_is_an_error(world: World) -> None:
    for name in ("reports", "metrics", "releases", "compare"):
        assert world.dashboard.get(f"/p/nowhere/{name}").status_code == 404


def test_a_move_within_the_intervals_is_no_verdict(world: World) -> None:
    (mean, *_) = world.twin("/p/default/metrics")["rows"][0]["cells"]
    assert (mean["word"], mean["apart"]) == ("worse", False)
    for where in ("summary", "reports", "metrics", "releases"):
        page = world.shown(f"/p/default/{where}")
        (moved,) = re.findall(r'<span class="moved ([^"]*)"[^>]*>-0.2 worse([^<]*)<', page)[:1]
        assert moved == ("muted", ", intervals overlap"), where
    old, new = world.sets
    assert '<span class="moved muted" title=' in world.shown("/p/default/compare", old=old, new=new)
