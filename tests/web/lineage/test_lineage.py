from __future__ import annotations

from typing import Any

from calf.client.connection import Client
from calf.model.errors import Unimplemented
from calf.web.lineage.namesakes import names_in, namesake
from calf.web.lineage.pages import show_lineage
from calf.web.lineage.spots import Spot
from calf.web.pages import Ask
from tests.web.reports.world import World


def lineage(world: World, repo: str, commit: str, path: str) -> Any:
    return world.twin(f"/p/default/repos/{repo}/lineage", commit=commit, path=path)


def test_a_release_leads_step_by_step_to_the_photo(world: World) -> None:
    at, steps = ("release", world.sets[0], "/decision.json"), []
    for source in ("evaluate", "ingest", "pets"):
        data = lineage(world, *at)
        (run,) = data["origins"]["runs"]
        steps.append(run["pipeline"])
        (read,) = [each for each in run["inputs"] if each["repo"] == source]
        at = (source, read["commit"], "/samples/cat.png" if source == "ingest" else read["path"])
    assert steps == ["release", "evaluate", "ingest"]
    assert at[2] == "/cat.png"
    (put,) = lineage(world, *at)["origins"]["runs"]
    assert (put["kind"], put["repo"]) == ("put", "pets")


def test_what_made_a_file_is_told_with_its_code_and_the_values_of_its_parameters(world: World) -> None:
    (run,) = lineage(world, "evaluate", world.sets[1], "/metrics.json")["origins"]["runs"]
    assert run["command"] == "sh"
    assert run["digest"]
    (settings,) = [each["settings"] for each in run["inputs"] if each["repo"] == "params"]
    assert "  score: 0.5" in settings


def test_a_skipped_datum_leads_to_the_run_that_wrote_the_file(world: World) -> None:
    commit = world.sets[0]
    (run,) = lineage(world, "ingest", commit, "/samples/cat.png")["origins"]["runs"]
    assert run["job"] != commit
    assert run["earlier"] is True
    assert "since then the datum was skipped" in world.shown(
        "/p/default/repos/ingest/lineage", commit=commit, path="/samples/cat.png"
    )


def test_forwards_it_tells_which_datum_read_a_photo_and_what_that_wrote(world: World) -> None:
    photo = lineage(world, "pets", "master", "/cat.png")
    for use in photo["uses"]["jobs"]:
        assert use["pipeline"] == "ingest"
        assert use["files"] == ["/samples/cat.png"]
        assert use["datum"]
    report = lineage(world, "evaluate", world.sets[0], "/metrics.json")
    assert [(use["pipeline"], use["job"]) for use in report["uses"]["jobs"]] == [("release", world.sets[0])]


def test_the_graph_holds_every_stage_before_and_after(world: World) -> None:
    data = lineage(world, "ingest", world.sets[0], "/samples/cat.png")["chain"]
    names = {node["repo"] for node in data["nodes"]}
    assert names == {"pets", "ingest", "evaluate", "release"}
    (here,) = [node for node in data["nodes"] if node["here"]]
    assert (here["repo"], here["path"], here["kind"]) == ("ingest", "/samples/cat.png", "made")
    (photo,) = [node for node in data["nodes"] if node["repo"] == "pets"]
    assert (photo["path"], photo["kind"]) == ("/cat.png", "put")


def test_a_release_tells_its_decision_and_leads_back_to_the_photo_that_one_came_from(world: World) -> None:
    first = lineage(world, "ingest", world.sets[0], "/samples/cat.png")["chain"]
    decided = {node["commit"]: node for node in first["nodes"] if node["repo"] == "release"}
    assert (decided[world.sets[0]]["path"], decided[world.sets[0]]["verdict"]["words"]) == ("/", "accepted")
    query = {"commit": world.sets[0], "path": "/", "about": first["about"]}
    whole = world.twin("/p/default/repos/release/lineage", **query)
    assert whole["verdict"]["accepted"] is True
    assert {node["repo"]: node["path"] for node in whole["chain"]["nodes"]}["ingest"] == "/samples/cat.png"
    page = world.shown("/p/default/repos/release/lineage", **query)
    assert f'href="/p/default/releases/release?commit={world.sets[0]}">accepted</a>' in page
    assert "&amp;about=cat" in page
    assert lineage(world, "release", world.sets[0], "/")["chain"]["about"] == "", "nobody follows anything"


def test_a_file_that_was_read_with_a_whole_folder_is_not_said_to_have_been_used(world: World) -> None:
    data = lineage(world, "ingest", world.sets[0], "/samples/cat.png")
    assert {(use["pipeline"], use["whole"]) for use in data["uses"]["jobs"]} == {("evaluate", "/")}
    page = world.shown("/p/default/repos/ingest/lineage", commit=world.sets[0], path="/samples/cat.png")
    assert "Read as a part of a whole" in page
    assert "No job has read it by itself." in page
    (photo,) = [node for node in data["chain"]["nodes"] if node["repo"] == "pets"]
    assert photo["same_name"] is False, "it is known to be what was read"


def test_a_folder_offers_its_files(world: World) -> None:
    data = lineage(world, "ingest", world.sets[0], "/samples")
    assert data["path"] == "/samples/"
    assert data["files"]["paths"] == ["/samples/cat.png", "/samples/dog.png"]
    assert len(data["origins"]["runs"]) == 2


def test_verify_reads_everything_and_says_what_it_found(world: World) -> None:
    url = f"/p/default/repos/release/verify?commit={world.sets[0]}"
    alone = {"origin": "http://127.0.0.1:4000", "sec-fetch-site": "same-origin"}
    part = world.dashboard.post(url, headers={**alone, "hx-request": "true"})
    assert part.status_code == 200
    assert "verified</span>" in part.text
    assert "<html" not in part.text
    page = world.dashboard.post(url, headers=alone)
    assert "verified</span>" in page.text
    assert "<html" in page.text
    assert world.dashboard.get(url).status_code == 405


def test_a_file_that_is_not_there_is_an_error_page(world: World) -> None:
    answer = world.dashboard.get(
        "/p/default/repos/release/lineage", params={"commit": "master", "path": "/nothing"}
    )
    assert answer.status_code == 404


class Foreign(Client):
    """A connection to a server that knows none of our own calls."""

    def call(self, path: str, request: Any) -> Any:
        if path.startswith("/calf"):
            raise Unimplemented(f"unknown service {path}")
        return super().call(path, request)


def test_a_pachyderm_without_our_calls_shows_what_its_provenance_says(world: World) -> None:
    with Foreign(world.client.target) as client:
        query = {"commit": world.sets[1], "path": "/metrics.json"}
        ask = Ask(client, {"project": "default", "name": "evaluate"}, query)
        data = show_lineage(ask).data
    assert data["origins"]["by"] == "provenance"
    (run,) = data["origins"]["runs"]
    assert (run["pipeline"], run["job"]) == ("evaluate", world.sets[1])
    settings = next(each for each in run["inputs"] if each["repo"] == "params")
    assert (settings["path"], settings["exact"]) == ("/evaluate.yaml", True)
    assert "  score: 0.5" in settings["settings"]
    assert data["signed"]["problem"].startswith("this server signs no statements")


def test_names_lead_from_a_sample_to_itself_in_another_stage(world: World) -> None:
    ingest = Spot("default", "ingest", world.sets[0])
    assert namesake(world.client, ingest, "dog") == "/samples/dog.png"
    assert namesake(world.client, ingest, "do") == ""
    assert namesake(world.client, ingest, "{dog,cat}*") == "", "a name is no pattern"
    assert names_in("/test/Snow_2/image.png") == ["image", "Snow_2"]
    assert names_in("/metrics.json") == []
