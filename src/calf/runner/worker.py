"""Runs datums one after another in one workspace: lay out, run, take in, run `err_cmd` when it failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from calf.kit.errors import InvalidArgument
from calf.model.content import Content, Entry
from calf.model.limits import Limit
from calf.model.ports import Cancel, DatumRun, Log, Outcome, Port, WorkerSpec
from calf.model.pps_infos import Stats
from calf.runner.capture import BadOutput, Limits, capture
from calf.runner.capture.places import close_places, open_places
from calf.runner.ending import Ending, failure, is_not_found, not_found, says_not_found
from calf.runner.environment import as_dotenv
from calf.runner.feeding import feeding
from calf.runner.layout import Layout
from calf.runner.output import Lines, Wake
from calf.runner.sandbox import Sandbox
from calf.runner.ways import Way
from calf.runner.workspace import Workspace, empty
from calf.storage.store import Store


@dataclass(frozen=True, slots=True)
class Slot:
    """What a worker works with, and closes."""

    spec: WorkerSpec
    sandbox: Sandbox
    workspace: Workspace
    store: Store
    limits: Limits
    notes: tuple[str, ...]

    def close(self) -> None:
        """Leave nothing behind."""
        self.sandbox.close()
        self.workspace.remove()


@dataclass(slots=True)
class Attempt:
    """One attempt at one datum; `endless` when there is no limit to what it may print. `missing` says, once
    it is known, that there is no such program in `image`.
    """

    datum: DatumRun
    log: Log
    cancel: Cancel
    env: dict[str, str]
    endless: bool = False
    image: str = ""
    missing: str = ""
    port: Port | None = None

    def lines(self) -> Lines:
        """Where the stage's output goes."""
        return Lines(self._take, self.endless)

    def _take(self, line: str) -> None:
        program = says_not_found(line)
        if program:
            self.missing = not_found(program, self.image)
        ours = program or (self.port is not None and line in (self.port.silent, self.port.heard))
        self.log(self.missing if program else line, not ours)


class PlainWorker:
    """Implements `ports.Worker`: a fresh process for every datum."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._layout = Layout(slot.workspace.pfs, slot.store, slot.sandbox.isolated)
        slot.sandbox.prepare(slot.spec.cmd, slot.spec.stdin)

    @property
    def isolation(self) -> str:
        """See `ports.Worker`."""
        return self._slot.sandbox.level

    @property
    def limits(self) -> tuple[Limit, ...]:
        """See `ports.Worker`."""
        return self._slot.sandbox.limits

    def run(self, datum: DatumRun, log: Log, cancel: Cancel) -> Outcome:
        """See `ports.Worker`."""
        empty(self._slot.workspace.tmp)
        return attempt(self._slot, self._layout, Attempt(datum, log, cancel, {}), self._process)

    def end_set(self) -> None:
        """See `ports.Worker`; there is a process for each datum anyway."""

    def close(self) -> None:
        """See `ports.Worker`."""
        self._layout.close()
        self._slot.close()

    def _process(self, attempt: Attempt) -> tuple[str, Ending]:
        spec = self._slot.spec
        ending = run_once(self._slot.sandbox, spec.cmd, spec.stdin, attempt, another=attempt.datum.followed)
        return failure(ending, spec, attempt.datum.timeout), ending


def attempt(
    slot: Slot, layout: Layout, this: Attempt, process: Callable[[Attempt], tuple[str, Ending]]
) -> Outcome:
    """One attempt from layout to sealed output. `process` does the stage's part, giving why it failed."""
    for note in slot.notes:
        this.log(note, False)
    this.env, this.image = slot.sandbox.environment(this.datum.env), slot.spec.image.name
    began = time.monotonic()
    try:
        laid_out = layout.show(this.datum.inputs, as_dotenv(this.env))
    except InvalidArgument as error:
        return Outcome(ok=False, reason=error.message)
    with feeding(slot.workspace.pfs, slot.workspace.plan, slot.store, this.datum.inputs) as fetched:
        started = time.monotonic()
        reason, ending = process(this)
        ended = time.monotonic()
        if reason and is_not_found(ending):
            reason = this.missing or reason
        outcome = _conclude(slot, this, reason, ending)
    stats = Stats(started - began, ended - started, 0.0, laid_out + fetched(), 0)
    return replace(outcome, stats=stats + outcome.stats)


def _conclude(slot: Slot, this: Attempt, reason: str, ending: Ending) -> Outcome:
    """What comes of a process that ended, `reason` saying why it failed; costs are those of the upload."""
    if ending.cancelled:
        return Outcome(ok=False, cancelled=True, reason="cancelled")
    began = time.monotonic()
    if not reason:
        try:
            output = take_in(slot, this.datum)
        except BadOutput as error:
            reason = str(error)
        else:
            size = sum(entry.content.size for entry in output)
            stats = Stats(upload_time=time.monotonic() - began, upload_bytes=size)
            return Outcome(ok=True, exit_code=ending.code, output=output, stats=stats)
    recovered = _recover(slot, this) if slot.spec.err_cmd else False
    remains = _remains(slot, this.datum)
    return Outcome(ok=False, reason=reason, recovered=recovered, exit_code=ending.code, output=remains)


def _remains(slot: Slot, datum: DatumRun) -> tuple[Entry, ...]:
    """What a failed stage had put out so far, to find the reason by; nothing if it cannot be kept."""
    try:
        return take_in(slot, datum)
    except BadOutput:
        return ()


def run_once(
    sandbox: Sandbox,
    argv: Sequence[str],
    stdin: Sequence[str],
    this: Attempt,
    ways: Sequence[Way] = (),
    another: bool = False,
) -> Ending:
    """Run one process to its end, its time limit or its cancelling; nothing of it is left afterwards.

    Meanwhile `another` is made ready to follow.
    """
    wake = Wake()
    forget = this.cancel.on_cancel(wake.ring)
    lines = this.lines()
    try:
        running = sandbox.start(argv, stdin, this.env, lines, ways)
        try:
            if another:
                sandbox.prepare(argv, stdin)
            code = running.wait(this.datum.timeout or None, (wake.watched,))
            cancelled = code is None and this.cancel.cancelled
        finally:
            starved = running.end()
    finally:
        forget()
        wake.close()
    tell_dropped(lines, this.log)
    return Ending(code, code is None and not cancelled, cancelled, starved)


def tell_dropped(lines: Lines, log: Log) -> None:
    """Say how much of the output went over the limit."""
    if lines.dropped:
        log(f"{lines.dropped} more bytes of output were not kept", False)


def take_in(slot: Slot, datum: DatumRun) -> tuple[Entry, ...]:
    """Store what the stage put out, as the datum asks. Raises `BadOutput`, and `NoSpace` for a full disk."""
    inputs: dict[str, Content] = {file.path: file.content for file in datum.inputs}
    folders = {"pfs": slot.workspace.pfs, "tmp": slot.workspace.tmp}
    places = open_places(folders, slot.sandbox.aliases)
    try:
        if datum.into is not None:
            return capture(places, inputs, datum.into, datum.datum_id, slot.limits)
        with slot.store.writer(datum.hold) as writer:
            entries = capture(places, inputs, writer, datum.datum_id, slot.limits)
            writer.seal()
            return entries
    finally:
        close_places(places)


def _recover(slot: Slot, this: Attempt) -> bool:
    """Run `err_cmd` in what the stage left behind; whether it says that all is well."""
    ending = run_once(slot.sandbox, slot.spec.err_cmd, slot.spec.err_stdin, this)
    return failure(ending, slot.spec, this.datum.timeout) == ""
