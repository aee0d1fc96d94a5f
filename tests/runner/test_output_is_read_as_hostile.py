"""What comes out of `/pfs/out`, and what is refused with which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.runner.benches import Bench

UNREPRESENTABLE = "cannot upload file produced by the user code because its name cannot be represented in PFS"


def test_empty_folders_are_dropped(best: Bench) -> None:
    assert best.read(best.sh("mkdir -p /pfs/out/a/b")) == {}


def test_files_without_rights_are_read_all_the_same(bench: Bench) -> None:
    script = "mkdir /pfs/out/d; echo x >/pfs/out/d/f; chmod 0 /pfs/out/d/f /pfs/out/d"
    assert bench.read(bench.sh(script)) == {"/d/f": b"x\n"}


def test_link_to_an_input_is_kept_by_reference(bench: Bench) -> None:
    outcome = bench.sh("ln -s /pfs/in/f /pfs/out/l", {"/in/f": b"data"})
    assert bench.read(outcome) == {"/l": b"data"}
    assert outcome.output[0].content == bench.inputs({"/in/f": b"data"})[0].content


def test_relative_link_to_an_input_works(bench: Bench) -> None:
    assert bench.read(bench.sh("ln -s ../in/f /pfs/out/l", {"/in/f": b"data"})) == {"/l": b"data"}


def test_link_to_an_input_folder_brings_what_is_below(bench: Bench) -> None:
    files = {"/in/d/a": b"1", "/in/d/e/b": b"2", "/in/dd": b"3"}
    assert bench.read(bench.sh("ln -s ../in/d /pfs/out/l", files)) == {"/l/a": b"1", "/l/e/b": b"2"}


def test_link_through_links_is_resolved_as_the_stage_saw_it(best: Bench) -> None:
    script = "cd /pfs/out; mkdir d; echo x >d/f; ln -s d e; ln -s e/f l"
    assert best.read(best.sh(script)) == {"/d/f": b"x\n", "/e/f": b"x\n", "/l": b"x\n"}


def test_link_to_the_stages_own_temporary_file_brings_its_content(bench: Bench) -> None:
    assert bench.read(bench.sh('echo x >"$TMPDIR/f"; ln -s "$TMPDIR/f" /pfs/out/l')) == {"/l": b"x\n"}


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/etc/passwd", "outside of this datum"),
        ("../../../../../etc/passwd", "outside of this datum"),
        ("/pfs/in/missing", "where nothing is"),
        ("missing", "where nothing is"),
        ("/pfs", "the whole datum"),
        ("/", "outside of this datum"),
        ("l", "in circles"),
        (".", "is a link to a folder that it lies in"),
        ("/pfs/in/f/g", "where nothing is"),
        ("/proc/self/environ", "outside of this datum"),
    ],
)
def test_link_that_leads_elsewhere_fails_the_datum(isolated: Bench, target: str, words: str) -> None:
    outcome = isolated.sh(f"ln -s {target} /pfs/out/l", {"/in/f": b"1"})
    assert not outcome.ok
    assert words in outcome.reason
    assert "/pfs/out/l" in outcome.reason


def test_link_to_the_hosts_passwd_does_not_leak_without_a_sandbox_either(bench: Bench) -> None:
    outcome = bench.sh("ln -s /etc/passwd /pfs/out/l")
    assert "/etc/passwd, outside of this datum" in outcome.reason
    assert outcome.output == ()


def test_links_to_folders_that_multiply_are_bounded(best: Bench) -> None:
    script = (
        "cd /pfs/out; mkdir d0; i=1; while [ $i -lt 30 ]; do "
        "mkdir d$i; ln -s ../d$((i-1)) d$i/a; ln -s ../d$((i-1)) d$i/b; i=$((i+1)); done"
    )
    assert best.sh(script).reason == "more than 50 folders in /pfs/out, links to folders counted"


def test_named_pipe_fails_the_datum_at_once(best: Bench) -> None:
    outcome = best.sh("mkfifo /pfs/out/p")
    assert outcome.reason == "/pfs/out/p is a named pipe; only files, folders and links can be kept"


def test_socket_fails_the_datum(best: Bench) -> None:
    script = "import os, socket; os.chdir('/pfs/out'); socket.socket(socket.AF_UNIX).bind('s')"
    assert best.python(script).reason.startswith("/pfs/out/s is a socket")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a*b", "(*)"), ("caf\u00e9", "caf\\xe9"), ("new\nline", "new\\nline"), ("(1)", "(()")],
)
def test_names_that_pfs_cannot_hold_fail_the_datum(best: Bench, name: str, shown: str) -> None:
    outcome = best.sh('touch "/pfs/out/$NAME"', env={"NAME": name})
    assert outcome.reason.startswith(UNREPRESENTABLE)
    assert shown in outcome.reason
    assert outcome.reason.isascii()
    assert outcome.reason.isprintable()


def test_bytes_that_are_no_text_fail_the_datum_by_name(isolated: Bench) -> None:
    outcome = isolated.python("open(b'/pfs/out/\\xff', 'w')", env={"PYTHONUTF8": "1"})
    assert UNREPRESENTABLE in outcome.reason
    assert "\\udcff" in outcome.reason


def test_too_many_files_fail_the_datum(best: Bench) -> None:
    assert best.sh("cd /pfs/out; seq 51 | xargs touch").reason == "more than 50 files in /pfs/out"


def test_sparse_file_counts_as_large_as_it_says(best: Bench) -> None:
    assert best.sh("truncate -s 1T /pfs/out/f").reason == "more than 1MiB in /pfs/out"


def test_many_files_that_are_large_together_fail_the_datum(best: Bench) -> None:
    script = "cd /pfs/out; for i in 1 2 3; do head -c 400000 /dev/zero >$i; done"
    assert best.sh(script).reason == "more than 1MiB in /pfs/out"


def test_deep_folders_fail_the_datum_and_are_removed(bench: Bench) -> None:
    script = "import os\nos.chdir('/pfs/out')\nfor _ in range(150):\n os.mkdir('d'); os.chdir('d')"
    worker = bench.worker("python3", "-c", script)
    assert "folders in /pfs/out" in bench.datum(worker).reason
    assert "folders in /pfs/out" in bench.datum(worker).reason


def test_output_that_cannot_be_kept_stores_nothing(best: Bench) -> None:
    best.sh("echo unique-content >/pfs/out/a; mkfifo /pfs/out/z")
    with best.store.writer() as writer:
        chunk = writer.content(b"unique-content\n").chunks[0]
    assert not best.store.has(chunk)
