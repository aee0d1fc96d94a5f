"""A store whose threads go one at a time: each stops before whatever another one may change or rely on."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any

from calf.pfs.engine import Pfs
from calf.pfs.locks import KeyedLocks
from calf.storage.holds import Holds
from calf.storage.remote import Remotes
from calf.storage.store import Store
from tests.fresh_folder import lay
from tests.pps.stepping import Conductor, SteppedDatabase, Strand

ASKED_AND_CHANGED = ("has", "known", "add", "forget", "lying_in", "move", "rows")
BURSTS = (1, 2, 5, 20, 60)


def open_stepped(root: Path, conductor: Conductor) -> Pfs:
    """A data folder in which strands stop at each transaction, question to the index, hold and lock."""
    lay(root)
    ticks = itertools.count(1_700_000_000)
    database = SteppedDatabase.open_for(conductor, root / "metadata.sqlite")
    store = Store.open(root / "storage")
    pfs = Pfs(
        database,
        store,
        lambda: float(next(ticks)),
        lambda: uuid.uuid4().hex,
        Remotes(),
        SteppedLocks(conductor),
    )

    def stop() -> None:
        if database._current("write") is None and not publishing.held:
            conductor.stop_here(lambda: True)

    shelf = store._shelf
    publishing = SteppedLock(conductor)
    object.__setattr__(shelf, "publishing", publishing)
    object.__setattr__(shelf, "holds", SteppedHolds(conductor))
    for name in ASKED_AND_CHANGED:
        setattr(shelf.index, name, partial(_after, stop, getattr(shelf.index, name)))
    return pfs


def _after(stop: Callable[[], None], act: Callable[..., Any], *args: Any) -> Any:
    stop()
    return act(*args)


class SteppedHolds(Holds):
    def __init__(self, conductor: Conductor) -> None:
        super().__init__()
        self._conductor = conductor

    def _wait_for(self, looks: set[object]) -> None:
        self._conductor.stop_here(lambda: not looks & self._looks)


class SteppedLock:
    """Satisfies `threading.Lock`, as far as it is used in a `with`."""

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor
        self.held = False
        self.wanted = False

    def __enter__(self) -> None:
        self.wanted = True
        self._conductor.stop_here(lambda: not self.held)
        self.held, self.wanted = True, False

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.held = False


class SteppedLocks(KeyedLocks):
    def __init__(self, conductor: Conductor) -> None:
        super().__init__()
        self._conductor = conductor
        self._taken: dict[object, SteppedLock] = {}

    @contextmanager
    def hold(self, key: object) -> Iterator[None]:
        with self._taken.setdefault(key, SteppedLock(self._conductor)):
            yield


def play(
    conductor: Conductor, strands: dict[str, Callable[[], None]], draw: Random, steps: int = 9999
) -> int:
    """Let strands go on, drawn one at a time, for a step or many, until all have left; gives the steps."""
    for name, act in strands.items():
        Strand(conductor, act, name).start()
    taken = 0
    while (ready := conductor.ready()) and taken < steps:
        strand = draw.choice(ready)
        for _ in range(draw.choice(BURSTS)):
            if taken < steps and strand.is_alive() and strand.ready:
                strand.go_on()
                taken += 1
    if not ready:
        assert not conductor.strands, "they wait for each other"
    return taken
