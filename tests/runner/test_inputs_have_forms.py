"""Lazy inputs, which are fetched when opened, and empty ones, which stand for their content (spec B3, C4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calf.kit.cancel import CancelToken
from calf.model.ports import DatumRun, Form, Outcome, Worker
from tests.runner.benches import Bench

BIG = bytes(range(256)) * 4096
FILES = {"/in/a": b"one\n", "/in/d/b": b"two\n"}


def run(bench: Bench, worker: Worker, files: dict[str, bytes], form: Form) -> Outcome:
    inputs = tuple(replace(file, form=form) for file in bench.inputs(files))
    return worker.run(
        DatumRun("d1", {}, inputs, 20.0), lambda line, user: bench.lines.append((line, user)), CancelToken()
    )


def test_a_lazy_file_gives_its_content_to_whoever_opens_it(bench: Bench) -> None:
    script = "cat /pfs/in/a /pfs/in/d/b /pfs/in/a >/pfs/out/f; test -p /pfs/in/a"
    outcome = run(bench, bench.worker("sh", "-c", script), FILES, "lazy")
    assert bench.read(outcome) == {"/f": b"one\ntwo\none\n"}
    assert outcome.stats.download_bytes == 12


def test_what_is_not_opened_is_not_fetched(bench: Bench) -> None:
    outcome = run(bench, bench.worker("sh", "-c", "cat /pfs/in/a >/pfs/out/f"), FILES, "lazy")
    assert (bench.read(outcome), outcome.stats.download_bytes) == ({"/f": b"one\n"}, 4)


def test_large_lazy_files_are_read_side_by_side(bench: Bench) -> None:
    script = "cmp /pfs/in/a /pfs/in/b; cat /pfs/in/a >/pfs/out/a"
    outcome = run(bench, bench.worker("sh", "-c", script), {"/in/a": BIG, "/in/b": BIG}, "lazy")
    assert (bench.read(outcome), bench.said()) == ({"/a": BIG}, "")


def test_a_reader_that_stops_early_harms_nobody(bench: Bench) -> None:
    script = "head -c 10 /pfs/in/a >/dev/null; exec 3</pfs/in/a; cat /pfs/in/a >/pfs/out/a"
    outcome = run(bench, bench.worker("sh", "-c", script), {"/in/a": BIG}, "lazy")
    assert bench.read(outcome) == {"/a": BIG}


def test_the_next_datum_has_its_own_lazy_files(bench: Bench) -> None:
    worker = bench.worker("sh", "-c", "cat /pfs/in/* >/pfs/out/f")
    assert bench.read(run(bench, worker, {"/in/a": b"1"}, "lazy")) == {"/f": b"1"}
    assert bench.read(run(bench, worker, {"/in/a": b"2", "/in/b": b"3"}, "lazy")) == {"/f": b"23"}
    assert bench.read(run(bench, worker, {"/in/a": b"4"}, "file")) == {"/f": b"4"}


def test_a_link_to_a_lazy_or_empty_file_stands_for_its_content(bench: Bench) -> None:
    worker = bench.worker("sh", "-c", "ln -s /pfs/in/a /pfs/out/x; ln -s /pfs/in/d /pfs/out/y")
    for form in ("lazy", "empty"):
        outcome = run(bench, worker, FILES, form)
        assert bench.read(outcome) == {"/x": b"one\n", "/y/b": b"two\n"}
        assert outcome.stats.download_bytes == 0


def test_an_empty_file_looks_empty(bench: Bench) -> None:
    script = "wc -c </pfs/in/a >/pfs/out/size; cp /pfs/in/a /pfs/out/copy"
    outcome = run(bench, bench.worker("sh", "-c", script), FILES, "empty")
    assert {path: data.strip() for path, data in bench.read(outcome).items()} == {"/size": b"0", "/copy": b""}


def test_what_a_failed_stage_had_put_out_is_kept_to_look_at(bench: Bench) -> None:
    outcome = bench.sh("echo half >/pfs/out/f; exit 3")
    assert not outcome.ok
    assert [entry.path for entry in outcome.output] == ["/f"]


@pytest.mark.parametrize("path", ["/in/" + "x" * 256, "/in" + ("/" + "x" * 200) * 25])
def test_names_too_long_for_this_machine_fail_the_datum_and_the_next_one_runs(best: Bench, path: str) -> None:
    worker = best.worker("ls", "/pfs/in")
    outcome = best.datum(worker, {"/in/a": b"1", path: b"2"})
    assert (outcome.ok, outcome.reason) == (False, f"/pfs{path} cannot be laid out: File name too long")
    assert best.datum(worker, {"/in/a": b"1"}).ok
    assert best.said() == "a"
