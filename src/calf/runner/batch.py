"""Runs datums through one process that asks for each: `transform.datum_batching`.

The process asks over the worker API, or over a socket of its own (`direct`). Each question ends the datum
before it, so between two questions the process is the datum's, and while a question waits for its answer,
`/pfs` is ours: it is read, emptied and filled for the next.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from calf.model.limits import Limit
from calf.model.ports import Cancel, DatumRun, Log, Outcome
from calf.runner.direct import DirectLine
from calf.runner.ending import Ending, failure
from calf.runner.environment import as_lines
from calf.runner.layout import Layout
from calf.runner.questions import NextDatum, Questions
from calf.runner.running import Running
from calf.runner.ways import DIRECT_SOCKET, TO_WORKER, WORKER_SOCKET
from calf.runner.worker import Attempt, Slot, attempt, tell_dropped

WorkerApi = Callable[[Path, NextDatum], Callable[[], None]]
EXITED = "user code exited prematurely"


class Conversation:
    """One process and the way out of its sandbox."""

    def __init__(self, slot: Slot, api: WorkerApi, this: Attempt) -> None:
        self.lines = this.lines()
        self._unheard = False
        with ExitStack() as undo:
            self.questions = Questions()
            undo.callback(self.questions.close)
            self._folder = os.open(slot.workspace.api, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            undo.callback(os.close, self._folder)
            # the path of a socket may be 107 bytes long, that of a data folder is anybody's guess
            folder = Path(f"/proc/self/fd/{self._folder}")
            for name in (DIRECT_SOCKET, WORKER_SOCKET):
                (slot.workspace.api / name).unlink(missing_ok=True)
            self._direct = DirectLine(folder / DIRECT_SOCKET)
            undo.callback(self._direct.close)
            undo.callback(api(folder / WORKER_SOCKET, self.questions.ask))
            spec = slot.spec
            self.running: Running = slot.sandbox.start(
                spec.cmd, spec.stdin, this.env, self.lines, (TO_WORKER,)
            )
            self._close_api = undo.pop_all().close

    def asking(self) -> bool:
        """Whether the process waits for an answer, as far as it was heard."""
        return self._direct.question is not None or self.questions.asking()

    def error(self) -> str:
        """What the process said was wrong with the datum that its question ended."""
        asked = self._direct.question
        return self.questions.error if asked is None else asked

    def answer(self, env: tuple[str, ...]) -> None:
        """Answer the question."""
        self._unheard = False
        if self._direct.question is not None:
            self._direct.answer(env)
        else:
            self._unheard = not self.questions.answer(env)

    @property
    def unheard(self) -> bool:
        """Whether the last answer was lost: the process gave up its question, and is to be answered again."""
        return self._unheard or self._direct.unheard

    def wait_until_asked(self, timeout: float, cancel: Cancel) -> Ending | None:
        """Wait for the process' question; how it ended if it did not ask."""
        deadline = time.monotonic() + timeout if timeout else None
        bell = self.questions.bell
        while not self.asking():
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            code = self.running.wait(left, (bell.watched, self._direct.watched))
            bell.clear()
            self._direct.go_on()
            if self.asking():
                break
            if code is not None:
                return Ending(code=code)
            if cancel.cancelled:
                return Ending(cancelled=True)
            if left == 0.0:
                return Ending(timed_out=True)
        return None

    def end(self) -> bool:
        """End the process tree; whether the kernel killed in it for memory."""
        starved = self.running.end()
        self._close_api()
        return starved


class BatchWorker:
    """Implements `ports.Worker`: one process for all datums of a set, started anew when it died."""

    def __init__(self, slot: Slot, api: WorkerApi) -> None:
        self._slot = slot
        self._api = api
        self._layout = Layout(slot.workspace.pfs, slot.store, slot.sandbox.isolated)
        self._talk: Conversation | None = None

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
        self._end_unless_waiting()
        return attempt(self._slot, self._layout, Attempt(datum, log, cancel, {}), self._process)

    def end_set(self) -> None:
        """See `ports.Worker`."""
        self._end()

    def close(self) -> None:
        """See `ports.Worker`."""
        self._end()
        self._layout.close()
        self._slot.close()

    def _end_unless_waiting(self) -> None:
        """A process that is neither done with the last datum nor quiet now does not see the next one."""
        if self._talk is None:
            return
        try:
            self._layout.empty_out()
            waiting = self._talk.asking()
        except OSError:  # it goes on writing while it waits
            waiting = False
        if not waiting:
            self._end()
            self._layout.empty_out()

    def _process(self, this: Attempt) -> tuple[str, Ending]:
        talk = self._talk
        if talk is None:
            talk = self._talk = Conversation(self._slot, self._api, this)
        else:
            talk.lines = this.lines()
            talk.running.hand_over(talk.lines)
        forget = this.cancel.on_cancel(talk.questions.bell.ring)
        try:
            ending = talk.wait_until_asked(this.datum.timeout, this.cancel)
            while ending is None:
                talk.answer(as_lines(this.env))
                ending = talk.wait_until_asked(this.datum.timeout, this.cancel)
                if not talk.unheard:
                    break
        finally:
            forget()
        return self._judge(talk, ending, this)

    def _judge(self, talk: Conversation, ending: Ending | None, this: Attempt) -> tuple[str, Ending]:
        if ending is None:
            talk.running.hand_over(talk.lines)
            tell_dropped(talk.lines, this.log)
            return talk.error(), Ending(code=0)
        starved = self._end()
        tell_dropped(talk.lines, this.log)
        if starved:
            return failure(Ending(code=ending.code, starved=True), self._slot.spec, 0.0), ending
        if ending.code is not None:
            return f"{EXITED}: {failure(ending, self._slot.spec, 0.0) or 'exit code 0'}", ending
        return failure(ending, self._slot.spec, this.datum.timeout), ending

    def _end(self) -> bool:
        talk, self._talk = self._talk, None
        return talk.end() if talk is not None else False
