"""Secrets that a stage prints: their values are masked in its log and in the reasons that it gives.

What a stage writes to `/pfs/out` is data and stays as it is.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote, quote_plus

from calf.model.limits import Limit
from calf.model.ports import Cancel, DatumRun, Log, Outcome, Worker

MASK = "***"
SHORTEST = 4
"""Characters of a value, or of one of its lines, that are masked: fewer would mask half of a log."""


def masker(secrets: Iterable[bytes]) -> Callable[[str], str]:
    """What masks these values in a text, and each of their lines: plain, base64, quoted for URLs and JSON."""
    forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
    pattern = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))) or r"(?!)")
    return lambda text: pattern.sub(MASK, text)


class MaskingWorker:
    """Implements `ports.Worker` around another that is given secrets."""

    def __init__(self, worker: Worker, secrets: Iterable[bytes]) -> None:
        self._worker = worker
        self._mask = masker(secrets)

    @property
    def isolation(self) -> str:
        """See `ports.Worker`."""
        return self._worker.isolation

    @property
    def limits(self) -> tuple[Limit, ...]:
        """See `ports.Worker`."""
        return self._worker.limits

    def run(self, datum: DatumRun, log: Log, cancel: Cancel) -> Outcome:
        """See `ports.Worker`."""
        outcome = self._worker.run(datum, lambda line, user: log(self._mask(line), user), cancel)
        return replace(outcome, reason=self._mask(outcome.reason))

    def end_set(self) -> None:
        """See `ports.Worker`."""
        self._worker.end_set()

    def close(self) -> None:
        """See `ports.Worker`."""
        self._worker.close()


def _forms(secret: bytes) -> Iterator[str]:
    yield b64encode(secret).decode()
    text = secret.decode(errors="replace")  # as output is read
    for line in {text.strip(), *(line.strip() for line in text.splitlines())}:
        if len(line) < SHORTEST:
            continue
        yield from (line, quote(line, safe=""), quote_plus(line), json.dumps(line)[1:-1])
        yield json.dumps(line, ensure_ascii=False)[1:-1]
        yield b64encode(line.encode()).decode()
