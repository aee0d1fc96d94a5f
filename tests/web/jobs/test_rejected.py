from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.web import links
from tests.web import runs

INGEST = """
mkdir -p /pfs/out/rejected /pfs/out/samples
for file in /pfs/in/*; do
  name=$(basename $file)
  case $name in
    bad*) why='{"reason": "image_unreadable", "message": "<b>cannot</b> be decoded"}'
      echo "$why" > /pfs/out/rejected/$name.json;;
    odd*) echo '["no reason' > /pfs/out/rejected/$name.json;;
    *) cp $file /pfs/out/samples/;;
  esac
done
"""
EVALUATE = ["echo '{\"mean_iou\": 0.5}' > /pfs/out/metrics.json", "touch /pfs/out/report.html"]


def test_what_a_stage_rejected_is_counted_on_job_set_and_first_page_with_its_reasons(
    dashboard: TestClient, client: Client
) -> None:
    runs.create(client, "ingest", INGEST.splitlines(), glob="/")
    runs.create(client, "evaluate", EVALUATE, input={"pfs": {"repo": "ingest", "glob": "/"}})
    good = runs.put(client, {"/good": b"1"})
    bad = runs.put(client, {"/bad": b"2", "/odd": b"3"})

    before = dashboard.get(links.job("default", "ingest", good)).text
    assert "rejected" not in before

    link = links.files("default", "ingest", bad, "/rejected/").replace("&", "&amp;")
    for page in (links.job("default", "ingest", bad), links.job_set("default", bad)):
        shown = dashboard.get(page).text
        assert f'href="{link}"' in shown, page
        assert "2 rejected</a>" in shown, page
    for page in ("summary", "reports"):
        shown = dashboard.get(f"/p/default/{page}").text
        assert f'href="{link}"' in shown, page
        assert "2 rejected by ingest</a>" in shown, page

    told = dashboard.get(links.job("default", "ingest", bad) + ".json").json()["rejected"]["told"]
    assert [(each["name"], each["reason"], each["message"]) for each in told] == [
        ("bad", "image_unreadable", "<b>cannot</b> be decoded"),
        ("odd", "", ""),
    ]
    page = dashboard.get(links.job("default", "ingest", bad)).text
    assert "image unreadable" in page
    assert "&lt;b&gt;cannot&lt;/b&gt; be decoded" in page


def test_the_datum_that_was_rejected_is_told_apart_from_those_that_were_not(
    dashboard: TestClient, client: Client
) -> None:
    runs.create(client, "ingest", INGEST.splitlines(), glob="/*")
    job = runs.put(client, {"/good.jpg": b"1", "/bad": b"2"})
    data = dashboard.get(links.datums("default", "ingest", job) + ".json").json()
    said = {each["inputs"][0]["path"]: each["rejected"] for each in data["datums"]}
    assert said == {"/good.jpg": "", "/bad": "/rejected/bad.json"}
    assert "1 rejected</a>" in dashboard.get(links.datums("default", "ingest", job)).text
    for datum in data["datums"]:
        page = dashboard.get(links.datum("default", "ingest", job, datum["id"])).text
        assert (">rejected</a>" in page) is bool(datum["rejected"])
    panel = dashboard.get("/p/default", params={"node": "default/ingest"}).text
    assert "1 rejected</a>" in panel


def test_a_count_that_was_not_taken_to_its_end_says_so(
    dashboard: TestClient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calf.web.reports.rejected._MOST", 2)
    monkeypatch.setattr("calf.web.reports.rejected._TOLD", 1)
    runs.create(client, "ingest", INGEST.splitlines(), glob="/")
    job = runs.put(client, {"/bad1": b"1", "/bad2": b"2", "/bad3": b"3"})
    page = dashboard.get(links.job("default", "ingest", job)).text
    assert "2+ rejected</a>" in page
    assert "All 2 and more</a>" in page


@pytest.mark.parametrize("others", [0, 50])
def test_a_file_that_is_called_like_the_folder_rejects_nothing(
    dashboard: TestClient, client: Client, others: int
) -> None:
    runs.create(client, "odd", [f"touch /pfs/out/rejected $(seq -f /pfs/out/%g {others})"], glob="/")
    job = runs.put(client, {"/a": b"1"})
    assert dashboard.get(links.job("default", "odd", job) + ".json").json()["rejected"] is None
