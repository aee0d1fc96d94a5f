"""What every backend gives a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calf.kit.cancel import CancelToken
from calf.model.ports import DatumRun
from tests.runner.benches import HOST

if TYPE_CHECKING:
    from tests.runner.benches import Bench


def test_inputs_are_laid_out_and_output_comes_back(bench: Bench) -> None:
    outcome = bench.sh("mkdir -p /pfs/out/a && cat /pfs/in/x/y.txt >/pfs/out/a/b", {"/in/x/y.txt": b"hello"})
    assert bench.read(outcome) == {"/a/b": b"hello"}
    assert {entry.tag for entry in outcome.output} == {"d1"}
    assert outcome.exit_code == 0
    assert outcome.stats.download_bytes == outcome.stats.upload_bytes == 5


@pytest.mark.sample
def test_outputs_are_those_of_every_other_backend_byte_for_byte(bench: Bench, best: Bench) -> None:
    script = (
        "cd pfs/out; date +%Z >zone; umask >umask; ls ../in | sort >sorted; ulimit -n >files\n"
        "sha256sum ../in/* >sums; python3 -c 'import sys; print(sys.version, sys.flags, sys.path)' >python\n"
    )
    files = {"/in/B": b"1", "/in/a": bytes(range(256)), "/in/\u00e4": b"3"}
    assert bench.read(bench.sh(script, files)) == best.read(best.sh(script, files))


def test_output_is_durable_when_the_outcome_is_known(bench: Bench) -> None:
    outcome = bench.sh("echo kept >/pfs/out/f")
    assert all(bench.store.has(chunk) for entry in outcome.output for chunk in entry.content.chunks)


def test_lines_of_both_streams_reach_the_log(bench: Bench) -> None:
    bench.sh("echo out; echo err >&2; printf unfinished")
    assert sorted(bench.said().splitlines()) == ["err", "out", "unfinished"]


def test_standard_input_is_given_line_by_line(bench: Bench) -> None:
    assert bench.read(bench.sh("cat >/pfs/out/f", stdin=("one", "two"))) == {"/f": b"one\ntwo\n"}


def test_without_standard_input_there_is_none_to_wait_for(bench: Bench) -> None:
    assert bench.read(bench.sh("cat >/pfs/out/f")) == {"/f": b""}


def test_standard_input_that_nobody_reads_is_no_error(bench: Bench) -> None:
    assert bench.sh("true", stdin=("x" * 100_000,)).ok


@pytest.mark.sample
def test_environment_is_an_allow_list(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "1")
    worker = bench.worker("sh", "-c", "env >/pfs/out/env", env={"FROM_SPEC": "a=b"})
    seen = bench.read(bench.datum(worker, env={"FROM_DATUM": "d"}))["/env"].decode()
    names = {line.partition("=")[0] for line in seen.splitlines()}
    allowed = {
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "TZ",
        "PWD",
        "FROM_SPEC",
        "FROM_DATUM",
        "CALF_PFS",
        "SHLVL",
        "_",
    }
    assert names - allowed - {"OLDPWD"} == set()
    assert "FROM_SPEC=a=b" in seen
    assert "FROM_DATUM=d" in seen


def test_dotenv_file_holds_the_environment(bench: Bench) -> None:
    worker = bench.worker("sh", "-c", "cp /pfs/.env /pfs/out/env", env={"PLAIN": "x", "HARD": 'a "b"\nc'})
    lines = bench.read(bench.datum(worker))["/env"].decode().splitlines()
    assert "PLAIN=x" in lines
    assert 'HARD="a \\"b\\"\\nc"' in lines


def test_dotenv_file_is_that_of_the_datum_at_hand(bench: Bench) -> None:
    worker = bench.worker("sh", "-c", "tail -n 1 /pfs/.env >/pfs/out/env")
    for value in ("long" * 1000, "short", "longer"):
        assert bench.read(bench.datum(worker, env={"ZZ": value}))["/env"].decode() == f"ZZ={value}\n"


def test_input_variables_name_places_that_exist(bench: Bench) -> None:
    worker = bench.worker("sh", "-c", 'cp "$in" /pfs/out/copy')
    assert bench.read(bench.datum(worker, {"/in/f": b"1"}, {"in": "/pfs/in/f"})) == {"/copy": b"1"}


def test_relative_paths_start_at_the_root(bench: Bench) -> None:
    assert bench.read(bench.sh("cp pfs/in/f pfs/out/f", {"/in/f": b"1"})) == {"/f": b"1"}


def test_working_dir_of_the_spec_is_used(bench: Bench) -> None:
    assert bench.read(bench.sh("pwd >/pfs/out/f", working_dir="/usr")) == {"/f": b"/usr\n"}


def test_exit_code_fails_the_datum_in_words(bench: Bench) -> None:
    outcome = bench.sh("exit 3")
    assert (outcome.ok, outcome.reason, outcome.exit_code) == (False, "exit code 3", 3)


def test_death_by_signal_is_named(bench: Bench) -> None:
    assert bench.sh("kill -SEGV $$").reason == "exit code 139 (killed by SIGSEGV)"


def test_accepted_exit_codes_are_success(bench: Bench) -> None:
    assert bench.sh("exit 3", accept_return_code=(3,)).ok


def test_missing_program_is_named(bench: Bench) -> None:
    outcome = bench.datum(bench.worker("no-such-program"))
    assert outcome.reason == f"the program no-such-program is not in image {HOST.name}"
    assert (bench.said(), bench.noted().splitlines()[-1:]) == ("", [outcome.reason])
    assert bench.sh("no-such-program").reason == "exit code 127"


@pytest.mark.sample
def test_err_cmd_sees_what_the_stage_left_and_recovers(bench: Bench) -> None:
    outcome = bench.sh(
        "echo x >/pfs/out/f; exit 1", err_cmd=("sh", "-c", "cat /pfs/out/f; grep y"), err_stdin=("y",)
    )
    assert (outcome.ok, outcome.recovered, outcome.reason) == (False, True, "exit code 1")
    assert [entry.path for entry in outcome.output] == ["/f"]  # kept for the meta repo only
    assert bench.said() == "x\ny"


def test_err_cmd_that_fails_does_not_recover(bench: Bench) -> None:
    assert not bench.sh("exit 1", err_cmd=("false",)).recovered


@pytest.mark.sample
def test_datums_do_not_see_each_other(bench: Bench) -> None:
    script = "cd /pfs; ls in; ls out; ls /tmp; touch out/f /tmp/left"
    worker = bench.worker("sh", "-c", script)
    bench.datum(worker, {"/in/a": b"1"})
    bench.lines.clear()
    bench.datum(worker, {"/in/b": b"1"})
    assert bench.said() == "b"


def test_inputs_that_stay_the_same_are_not_written_again(isolated: Bench) -> None:
    worker = isolated.worker("sh", "-c", "cat /pfs/weights/w /pfs/in/* >/pfs/out/f")
    first = isolated.datum(worker, {"/weights/w": b"heavy", "/in/a": b"1"})
    second = isolated.datum(worker, {"/weights/w": b"heavy", "/in/b": b"2"})
    assert isolated.read(second) == {"/f": b"heavy2"}
    assert (first.stats.download_bytes, second.stats.download_bytes) == (6, 1)


def test_changed_content_at_the_same_path_is_written_again(bench: Bench) -> None:
    worker = bench.worker("sh", "-c", "cat /pfs/in/f >/pfs/out/f")
    bench.datum(worker, {"/in/f": b"old"})
    assert bench.read(bench.datum(worker, {"/in/f": b"new"})) == {"/f": b"new"}


def test_a_file_where_the_last_datum_had_a_folder(bench: Bench) -> None:
    worker = bench.worker("sh", "-c", "find /pfs/in -type f | wc -l >/pfs/out/f")
    bench.datum(worker, {"/in/f/g/h": b"1"})
    assert bench.read(bench.datum(worker, {"/in/f": b"1"}))["/f"].strip() == b"1"


def test_two_inputs_that_claim_one_place_fail_the_datum(bench: Bench) -> None:
    worker = bench.worker("true")
    inputs = (*bench.inputs({"/in/f": b"1"}), *bench.inputs({"/in/f": b"2"}))
    outcome = worker.run(DatumRun("d", {}, inputs), lambda *_: None, CancelToken())
    assert outcome.reason == "two inputs of the datum claim /pfs/in/f with different contents"


def test_file_and_folder_of_one_name_fail_the_datum(bench: Bench) -> None:
    outcome = bench.sh("true", {"/in/f": b"1", "/in/f/g": b"1"})
    assert outcome.reason == "/pfs/in/f is both a file and a folder in this datum"
