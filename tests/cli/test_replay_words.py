"""What is said of replays: the environment of two runs compared, tolerances, one line for a match."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from calf.cli.replay import ended_in_order
from calf.model.errors import InvalidArgument
from calf.model.statement.replays import DIFFERS, REPRODUCED, WITHIN_TOLERANCE
from calf.model.tolerance import read_tolerance
from calf.views.replay.outcome import FileDifference, Outcome
from calf.views.replay.words import words
from calf.views.replay_statements import what_changed

JOB = "default/train@" + "1f2e3d4c" * 4


def build(**internal: Any) -> dict[str, Any]:
    """The definition of a build, as statements have it."""
    return {
        "externalParameters": {
            "pipeline": "default/train",
            "version": 1,
            "spec": {"transform": {"cmd": ["a"]}},
        },
        "internalParameters": {
            "job": "1",
            "detached": False,
            "isolation": "sandbox/bubblewrap",
            "environment": {"LANG": "C.UTF-8"},
            "image": {
                "name": "calf/train",
                "digest": "sha256:1",
                "files": {"/a.py": "1", "/b.py": "2"},
                "packages": ["numpy==2.4.6", "old==1"],
                "python": "3.11.7",
            },
            "cpu": {"model": "one", "features": ["avx", "avx2"]},
            "engine": "0.1.0",
        }
        | internal,
        "resolvedDependencies": [{"uri": "pfs:default/in@1", "digest": {"blake3": "1"}}],
    }


def test_two_runs_of_the_same_differ_in_nothing() -> None:
    assert what_changed(build(), build(job="2", detached=True, datums={"total": 2})) == ()


def test_limits_are_compared_where_both_statements_tell_of_them() -> None:
    old, new = ({"memory": {"value": "1GiB", "by": by}} for by in ("control group v1", "nothing"))
    assert what_changed(build(limits=old), build(limits=new)) == (
        "limits.memory.by: control group v1 → nothing",
    )
    assert what_changed(build(), build(limits=new)) == ()


def test_a_job_that_skipped_every_datum_ran_nowhere_and_within_no_limits() -> None:
    limits = {"memory": {"value": "1GiB", "by": "control group v1"}}
    assert what_changed(build(isolation="", limits={}), build(isolation="sandbox", limits=limits)) == ()


def test_everything_that_changed_is_named() -> None:
    new = build(
        isolation="process",
        environment={"LANG": "C.UTF-8", "THREADS": "2"},
        image={
            "name": "calf/train",
            "digest": "sha256:2",
            "files": {"/a.py": "9", "/c.py": "3"},
            "packages": ["numpy==2.4.5", "new==1"],
            "python": "3.11.8",
        },
        cpu={"model": "two", "features": ["avx", "fma"]},
        engine="0.2.0",
    )
    new["externalParameters"] = {
        "pipeline": "default/train",
        "version": 2,
        "spec": {"transform": {"cmd": ["b"]}},
    }
    new["resolvedDependencies"] = []
    assert what_changed(build(), new) == (
        "image calf/train: sha256:1 → sha256:2",
        "/a.py of image calf/train is not the one that made the recorded output",
        "/b.py of image calf/train is missing",
        "/c.py of image calf/train was added",
        "(no new) → 1 of image calf/train",
        "numpy==2.4.6 → 2.4.5 of image calf/train",
        "old==1 → (none) of image calf/train",
        "Python: 3.11.7 → 3.11.8",
        "processor: one → two",
        "the processor's features: -avx2 +fma",
        "isolation: sandbox/bubblewrap → process",
        "environment.THREADS: (none) → 2",
        "engine: 0.1.0 → 0.2.0",
        "version: 1 → 2",
        "spec.transform.cmd[0]: a → b",
        'input pfs:default/in@1: {"blake3": "1"} → (none)',
    )


def test_a_secret_that_was_replaced_is_named() -> None:
    then, now = build(secrets={"hub": "2026-01-01T00:00:00Z"}), build(secrets={"hub": "2026-02-01T00:00:00Z"})
    (line,) = what_changed(then, now)
    assert line == "secret hub is another one: made at 2026-01-01T00:00:00Z → 2026-02-01T00:00:00Z"
    assert what_changed(then, then) == ()
    assert what_changed(build(), now) == (
        "secret hub: which one the recorded run was given is not on record",
    )


def test_without_a_statement_nothing_is_claimed() -> None:
    (line,) = what_changed(None, build())
    assert line.startswith("no statement about the recorded output can be read, so processor")


def test_of_many_changes_the_first_are_named() -> None:
    new = build(environment={f"V{n}": "1" for n in range(40)})
    assert what_changed(build(), new)[20:] == ("and 21 more",)


def test_a_tolerance_names_globs_and_reasons() -> None:
    tolerance = read_tolerance({"calf.dev/tolerance": json.dumps({"/log/**": "tells the time", "/x.*": ""})})
    assert tolerance.reason("/log/a/b.txt") == "tells the time"
    assert tolerance.reason("/x.txt")
    assert tolerance.reason("/model.bin") == ""
    assert read_tolerance({"calf.dev/reproducible": "bitwise"}).reason("/x") == ""
    for text, said in (
        ("{", "is no JSON"),
        ('["/a"]', "is of another form"),
        ('{"/a": null}', "another form"),
    ):
        with pytest.raises(InvalidArgument, match=said):
            read_tolerance({"calf.dev/tolerance": text})


@pytest.mark.parametrize(
    ("size", "seconds", "said"),
    [
        (31_200_000, 41.4, "12 files, 29.75MiB, 41 s"),
        (999, 0.04, "12 files, 999B, 0.0 s"),
        (1500, 9.96, "12 files, 1.465KiB, 10.0 s"),
        (7_000_000_000_000, 100, "12 files, 6.366TiB, 100 s"),
    ],
)
def test_a_match_is_one_line(size: int, seconds: float, said: str) -> None:
    outcome = Outcome(JOB, REPRODUCED, files=12, size=size, seconds=seconds)
    assert list(words(outcome)) == [f"train@1f2e3d4c…: reproduced, bit for bit ({said})"]
    other = Outcome(JOB.replace("default", "other"), REPRODUCED, files=1)
    assert next(words(other)).startswith("other/train@1f2e3d4c…: reproduced, bit for bit (1 file, 0B, ")


def test_a_difference_says_where_how_and_why() -> None:
    first = FileDifference("/a.png", "picture", ("2 of 60 pixels differ",), Path("/tmp/a.png"))
    outcome = Outcome(
        *(JOB, DIFFERS, 12, 100, 2.0),
        shown=(first,),
        differing=("/a.png", *(f"/{n}" for n in range(19))),
        number=30,
        tolerated={"/t": "tells the time"},
        environment=("processor: one → two",),
        scratch="2" * 32,
    )
    assert list(words(outcome)) == [
        "train@1f2e3d4c…: differs in 30 files (2.0 s)",
        "  /a.png (picture)",
        "    2 of 60 pixels differ",
        "    recorded, again and the difference: /tmp/a.png",
        "  also /0, /1, /2, /3, /4 and 24 more",
        "  within tolerance: /t: tells the time",
        "  around the stage: processor: one → two",
        f"  kept as train@{'2' * 32}",
    ]
    assert outcome.detail == "/a.png: 2 of 60 pixels differ, and 29 more"
    assert not outcome.ok


def test_a_request_to_end_clears_away_first() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit, match="143"), ended_in_order():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_details_for_proofs_are_one_line() -> None:
    assert Outcome(JOB, REPRODUCED, files=3, size=7).detail == "3 files, 7 bytes"
    tolerated = Outcome(JOB, WITHIN_TOLERANCE, tolerated={"/t": "time"})
    assert (tolerated.ok, tolerated.detail) == (True, "/t: time")
    assert Outcome(JOB, DIFFERS, ran=False, faults=("a", "b")).detail == "not run: a; b"
    assert Outcome(JOB, DIFFERS, failure="failure: x").detail == "the new run failed: failure: x"
    assert json.dumps(tolerated.document())
