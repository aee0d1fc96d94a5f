"""Knowing that somebody waits, before what ends the wait is done."""

from __future__ import annotations

import threading
from collections.abc import Callable

from calf.kit.cancel import CancelToken


class NoticingToken(CancelToken):
    """Notices when somebody begins to wait with it."""

    def __init__(self) -> None:
        super().__init__()
        self.noticed = threading.Event()

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        self.noticed.set()
        return super().on_cancel(callback)
