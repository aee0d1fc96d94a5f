"""Descriptors for what is started: none is where that finds its lifeline, none is lost when there are few."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from calf.kit.cancel import CancelToken
from calf.model.ports import DatumRun
from calf.runner import bubblewrap
from calf.runner.batch import Conversation
from calf.runner.output import Lines
from calf.runner.plan import Inside, Launch, Plan
from calf.runner.process import LIFELINE, Command, start
from calf.runner.worker import Attempt
from tests.runner.benches import Bench, descriptors, few_descriptors


def test_the_lifelines_number_is_left_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where that is the lowest free one, as when a database has closed a connection."""
    (tmp_path / "bwrap").touch(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    launcher = bubblewrap.launcher(Plan(tmp_path, ()))
    with _lowest_free_is(LIFELINE):
        launch = launcher(Inside(("true",), {}, "/"))
        _close(launch)
    assert len(launch.handed) == 2
    assert LIFELINE not in launch.handed


@pytest.mark.parametrize("left", range(5))
def test_a_launch_that_lacks_a_descriptor_keeps_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    (tmp_path / "bwrap").touch(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    launcher = bubblewrap.launcher(Plan(tmp_path, ()))
    before = descriptors()
    with suppress(OSError), few_descriptors(left):
        _close(launcher(Inside(("true",), {}, "/")))
    assert descriptors() == before


@pytest.mark.parametrize("left", range(8))
def test_a_start_that_lacks_a_descriptor_leaves_no_process_and_keeps_none(tmp_path: Path, left: int) -> None:
    before = descriptors()
    with suppress(OSError), few_descriptors(left):
        child = start(Command(("true",), {"PATH": os.defpath}, tmp_path), Lines(lambda _line: None))
        child.kill()
        child.close()
    assert descriptors() == before


def _close(launch: Launch) -> None:
    for fd in launch.handed:
        os.close(fd)
    launch.finish()


@contextmanager
def _lowest_free_is(number: int) -> Iterator[None]:
    with ExitStack() as back:
        with suppress(OSError):
            kept = os.dup(number)
            back.callback(os.close, kept)
            back.callback(os.dup2, kept, number, os.get_inheritable(number))
            os.close(number)
        while (filler := os.open(os.devnull, os.O_RDONLY)) < number:
            back.callback(os.close, filler)
        os.close(filler)
        yield


@pytest.mark.parametrize("left", range(3))
def test_a_conversation_that_lacks_a_descriptor_keeps_none(bench: Bench, left: int) -> None:
    worker: Any = bench.worker("true", batching=True)
    this = Attempt(DatumRun("d1", {}, ()), lambda _line, _user: None, CancelToken(), {})
    before = descriptors()
    with pytest.raises(OSError, match="Too many open files"), few_descriptors(left):
        Conversation(worker._worker._slot, lambda _socket, _next: lambda: None, this)
    assert descriptors() == before
