"""Which datums run and which are carried over, and what the output holds (spec F1)."""

from __future__ import annotations

from tests.pps.stages import Visit, copy
from tests.pps.workshop import Open, Workshop, counts


def test_an_empty_commit_skips_everything_and_runs_no_code(workshop: Workshop) -> None:
    workshop.put("in", {"/file": "foo"})
    first = workshop.wait("p", workshop.pipeline("p"))
    second = workshop.wait("p", workshop.put("in"))
    assert (counts(first), counts(second)) == ({"processed": 1}, {"skipped": 1})
    assert second.state.name == "SUCCESS"
    assert sum(workshop.runner.attempts.values()) == 1


def test_a_pipeline_over_an_empty_input_has_a_job_without_datums(workshop: Workshop) -> None:
    info = workshop.wait("p", workshop.pipeline("p"))
    assert (info.state.name, info.counts.total) == ("SUCCESS", 0)
    assert workshop.files("p") == {}


def test_the_output_is_that_of_the_datums_of_this_commit_and_of_no_other(workshop: Workshop) -> None:
    workshop.pipeline("p")
    workshop.wait("p", workshop.put("in", {"/file": "foo"}))
    assert workshop.files("p") == {"/file": "foo"}
    workshop.wait("p", workshop.put("in", {"/file": "bar"}, delete=["/file"]))
    assert workshop.files("p") == {"/file": "bar"}
    workshop.wait("p", workshop.put("in", {"/file2": "foo"}, delete=["/file"]))
    assert workshop.files("p") == {"/file2": "foo"}
    assert workshop.states("p") == ["SUCCESS"] * 4


def test_a_skipped_datum_says_in_which_job_it_ran(workshop: Workshop) -> None:
    workshop.pipeline("p")
    first = workshop.put("in", {"/file": "1"})
    workshop.wait("p", first)
    second = workshop.put("in", {"/file2": "2"})
    assert counts(workshop.wait("p", second)) == {"processed": 1, "skipped": 1}
    by_state = {info.state.name: info for info in workshop.datums("p", second)}
    assert set(by_state) == {"SUCCESS", "SKIPPED"}
    assert by_state["SKIPPED"].datum.job.id == first
    assert by_state["SKIPPED"].inputs[0].path == "/file"


def test_listing_and_inspecting_datums_agree(workshop: Workshop) -> None:
    workshop.pipeline("p")
    workshop.wait("p", workshop.put("in", {f"/a{n}": str(n) for n in range(10)}))
    second = workshop.put("in", {f"/b{n}": str(n) for n in range(10)})
    workshop.wait("p", second)
    listed = workshop.datums("p", second)
    assert [info.state.name for info in listed].count("SKIPPED") == 10
    assert len(listed) == 20
    assert [info.datum.id for info in listed] == sorted(info.datum.id for info in listed)
    assert all(workshop.datum("p", second, info.datum.id) == info for info in listed)


def test_a_deleted_file_takes_its_datum_and_its_output_along(workshop: Workshop) -> None:
    workshop.pipeline("p")
    workshop.wait("p", workshop.put("in", {"/a": "1", "/b": "2"}))
    last = workshop.put("in", delete=["/a"])
    workshop.wait("p", last)
    assert [info.inputs[0].path for info in workshop.datums("p", last)] == ["/b"]
    assert workshop.files("p") == {"/b": "2"}


def test_every_job_runs_everything_when_the_spec_says_so(workshop: Workshop) -> None:
    workshop.pipeline("p", reprocess_spec="every_job")
    workshop.wait("p", workshop.put("in", {"/a": "1"}))
    assert counts(workshop.wait("p", workshop.put("in", {"/b": "2"}))) == {"processed": 2}
    assert workshop.files("p") == {"/a": "1", "/b": "2"}


def test_the_glob_of_the_root_makes_one_datum_of_everything(workshop: Workshop) -> None:
    workshop.pipeline("p", "in:/")
    workshop.wait("p", workshop.put("in", {"/a": "1", "/b/c": "2"}))
    info = workshop.wait("p", workshop.put("in", {"/d": "3"}))
    assert counts(info) == {"processed": 1}
    assert workshop.files("p") == {"/a": "1", "/b/c": "2", "/d": "3"}


def test_a_changed_directory_replaces_the_whole_output_of_its_datum(open_workshop: Open) -> None:
    def names(visit: Visit) -> dict[str, bytes]:
        return {f"/{visit.env['in'].rsplit('/', 1)[1]}-{data.decode()}": b"" for data in visit.files.values()}

    workshop = open_workshop({"names": names})
    workshop.repo("in")
    workshop.pipeline("p", stage="names")
    workshop.wait("p", workshop.put("in", {"/a/x": "1", "/b/x": "1"}))
    info = workshop.wait("p", workshop.put("in", {"/a/x": "2"}, delete=["/a/x"]))
    assert counts(info) == {"processed": 1, "skipped": 1}
    assert set(workshop.files("p")) == {"/a-2", "/b-1"}


def test_the_meta_commit_keeps_each_datums_record_inputs_and_output(workshop: Workshop) -> None:
    workshop.pipeline("p")
    first = workshop.put("in", {"/foo": "1"})
    workshop.wait("p", first)
    (foo,) = workshop.datums("p", first)
    home = f"/pfs/{foo.datum.id}"
    files = workshop.files("p.meta")
    assert set(files) == {f"/meta/{foo.datum.id}/meta", f"{home}/.env", f"{home}/in/foo", f"{home}/out/foo"}
    assert f"in=/pfs/in/foo\nin_COMMIT={first}\n" in files[f"{home}/.env"]
    assert '"state": "PROCESSED"' in files[f"/meta/{foo.datum.id}/meta"]
    second = workshop.put("in", {"/bar": "2"}, delete=["/foo"])
    workshop.wait("p", second)
    (bar,) = workshop.datums("p", second)
    assert {path.split("/")[2] for path in workshop.files("p.meta")} == {bar.datum.id}


def test_a_reference_input_may_change_without_running_anything(workshop: Workshop) -> None:
    workshop.repo("ref")
    workshop.put("in", {"/a": "1"})
    workshop.put("ref", {"/r": "1"})
    leaves = [{"repo": "in", "glob": "/*"}, {"repo": "ref", "glob": "/*", "reference": True}]
    workshop.wait("p", workshop.pipeline("p", {"cross": [{"pfs": leaf} for leaf in leaves]}, "nothing"))
    changed = workshop.wait("p", workshop.put("ref", {"/r": "2"}, delete=["/r"]))
    assert counts(changed) == {"skipped": 1}
    assert counts(workshop.wait("p", workshop.put("in", {"/a": "2"}, delete=["/a"]))) == {"processed": 1}


def test_new_datums_may_write_what_old_ones_wrote_once_these_are_gone(open_workshop: Open) -> None:
    def first_input(visit: Visit) -> dict[str, bytes]:
        return {path.removeprefix("/in"): data for path, data in visit.files.items() if path[:4] == "/in/"}

    workshop = open_workshop({"first_input": first_input})
    workshop.repo("in", "other")
    workshop.put("in", {"/a": "1", "/b": "2"})
    workshop.put("other", {"/o": "x"})
    workshop.wait("p", workshop.pipeline("p"))
    crossed = workshop.wait("p", workshop.pipeline("p", "in:/* other:/", "first_input", update=True))
    assert crossed.state.name == "SUCCESS"
    assert workshop.files("p") == {"/a": "1", "/b": "2"}


def test_a_deleted_job_is_no_base_any_more_and_leaves_nothing_twice(workshop: Workshop) -> None:
    workshop.pipeline("p")
    first = workshop.put("in", {"/a": "1"})
    workshop.wait("p", first)
    workshop.delete_job("p", first)
    info = workshop.wait("p", workshop.put("in", {"/b": "2"}))
    assert counts(info) == {"processed": 2}
    assert workshop.files("p") == {"/a": "1", "/b": "2"}
    assert first not in {each.job.id for each in workshop.jobs("p")}


def test_the_stage_sees_only_what_its_glob_matched(open_workshop: Open) -> None:
    seen: dict[str, set[str]] = {}

    def look(visit: Visit) -> dict[str, bytes]:
        seen[visit.env["in"]] = set(visit.files)
        return copy(visit)

    workshop = open_workshop({"look": look})
    workshop.repo("in")
    workshop.put("in", {"/d/x": "1", "/d/y": "2", "/e": "3"})
    workshop.wait("p", workshop.pipeline("p", stage="look"))
    assert seen == {"/pfs/in/d": {"/in/d/x", "/in/d/y"}, "/pfs/in/e": {"/in/e"}}
