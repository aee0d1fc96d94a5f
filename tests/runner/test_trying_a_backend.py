"""What a trial of a backend says of it, and what it does not."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from calf.runner import backends
from calf.runner.backends import Backend, Detector
from calf.runner.plan import Launch, Launcher, Plan

KILLED = 'echo x >> "$0"; if [ "$(wc -l < "$0")" -lt 3 ]; then %s; fi'


@pytest.mark.parametrize("end", ["kill -9 $$", "exit 137"])
def test_a_trial_that_somebody_kills_is_made_again(tmp_path: Path, end: str) -> None:
    """Itself, or what it started for the trial: then it tells of that by its exit code."""
    tries = tmp_path / "tries"

    def launcher(_plan: Plan) -> Launcher:
        return lambda _inside: Launch(("sh", "-c", KILLED % end, str(tries)))

    backend = Backend("x", "x", False, launcher, lambda _binds: str)
    assert Detector(tmp_path / "probes", Path("/etc")).complaint(backend) == ""
    assert tries.read_text() == "x\n" * 3


def test_a_trial_for_which_there_is_no_memory_says_nothing_of_the_backend(tmp_path: Path) -> None:
    lacking = [True]

    def launcher(_plan: Plan) -> Launcher:
        if lacking:
            lacking.clear()
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        return lambda _inside: Launch(("true",))

    backend = Backend("x", "x", False, launcher, lambda _binds: str)
    detector = Detector(tmp_path / "probes", Path("/etc"))
    with pytest.raises(OSError, match="annot allocate memory"):
        detector.complaint(backend)
    assert detector.complaint(backend) == ""


def test_the_engine_that_was_chosen_stays_though_a_better_one_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pipelines have images that the one knows, and the other need not."""
    works = {"podman": "false", "docker": "true"}
    fakes = {
        name: Backend(name, name, True, lambda plan: _ends(works, plan), lambda _binds: str, kept=True)
        for name in works
    }
    monkeypatch.setitem(backends._ANY_OF, "container", tuple(fakes.values()))
    detector = Detector(tmp_path / "probes", Path("/etc"), again_after=0.0)
    assert detector.choose("container").name == "docker"
    works["podman"] = "true"
    assert detector.complaint(fakes["podman"]) == ""
    assert detector.choose("container").name == "docker"


def _ends(works: dict[str, str], plan: Plan) -> Launcher:
    return lambda _inside: Launch((works[plan.place.name.removeprefix("probe-")],))


def test_an_engine_that_did_not_work_is_tried_again_later_and_a_sandbox_is_not(tmp_path: Path) -> None:
    """Its service may have been down, while whether a kernel allows namespaces stays as it is."""
    tries: list[str] = []

    def launcher(plan: Plan) -> Launcher:
        tries.append(plan.place.name)
        return lambda _inside: Launch(("true" if len(tries) > 2 else "false",))

    engine = Backend("engine", "x", True, launcher, lambda _binds: str, kept=True)
    sandbox = replace(engine, name="sandbox", kept=False)
    soon, late = (Detector(tmp_path / "probes", Path("/etc"), again_after=after) for after in (0.0, 600.0))
    assert soon.complaint(sandbox) == soon.complaint(sandbox) == "sandbox: exit code 1"
    assert late.complaint(engine) == late.complaint(engine) == "engine: exit code 1"
    tries.pop()
    assert soon.complaint(engine) == "engine: exit code 1"
    assert soon.complaint(engine) == soon.complaint(engine) == ""
    assert tries == ["probe-sandbox", "probe-engine", "probe-engine"]
