"""What the threads of this process are doing: now, or counted over a while."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from types import FrameType

from calf.kit.cancel import CancelToken

INTERVAL = 0.01
LONGEST = 60.0
"""Seconds that a profile takes at most."""


def stacks() -> str:
    """The stack of every thread, by its name."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    return "\n".join(
        f"{names.get(number, number)}\n{''.join(traceback.format_stack(frame))}"
        for number, frame in sorted(_frames().items())
    )


def profile(seconds: float, cancel: CancelToken, sleep: Callable[[float], None] = time.sleep) -> str:
    """Stacks seen in `seconds`, one a line with its count: what flame graphs are drawn from.

    Threads that wait are counted too, so the thread's name comes first. Ends early when `cancel` fires.
    """
    seen: Counter[str] = Counter()
    own = threading.get_ident()
    for _ in range(max(1, round(min(seconds, LONGEST) / INTERVAL))):
        if cancel.cancelled:
            break
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        for number, frame in _frames().items():
            if number != own:
                seen[";".join([names.get(number) or str(number), *_collapse(frame)])] += 1
        sleep(INTERVAL)
    return "".join(f"{stack} {count}\n" for stack, count in seen.most_common())


def _frames() -> dict[int, FrameType]:
    return sys._current_frames()  # noqa: SLF001 - the documented way, in spite of its name


def _collapse(frame: FrameType) -> list[str]:
    """`module:function` from the outermost call to the innermost."""
    return [
        f"{inner.f_globals.get('__name__', '?')}:{inner.f_code.co_name}"
        for inner, _ in reversed(list(traceback.walk_stack(frame)))
    ]
