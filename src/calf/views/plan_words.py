"""What a job would do, and why, in words."""

from __future__ import annotations

import re

from calf.views.words import printable, shorten
from calf.wire.messages import Message

_LONGEST = 120
_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")
_WORDS = {
    "new": "new",
    "failed": "failed before",
    "every_job": "reprocess_spec says every_job",
    "salt": "all to be reprocessed",
    "rule": "the rule of identity changed",
    "inputs": "inputs changed",
}


def summary(plan: Message, verb: str = "would run") -> str:
    """`3 of 10 datums would run, 7 skipped, the output of 1 removed`."""
    if plan.unknown and not plan.total:
        return str(plan.unknown)
    parts = [f"{plan.run} of {_datums(plan.total)} {verb}", f"{plan.skip} skipped"]
    if plan.remove:
        parts.append(f"the output of {plan.remove} removed")
    return ", ".join(parts)


def reasons(plan: Message) -> list[str]:
    """A line for each reason: `2 datums: inputs changed`, `1 datum: image changed: a -> b`."""
    lines = [f"{_datums(each.datums)}: {words(each.part, each.detail)}" for each in plan.reasons]
    if plan.unknown and plan.total:
        lines.append(f"but {plan.unknown}")
    return lines


def words(part: str, detail: str) -> str:
    """What of an identity differs; of digests the start tells them apart."""
    text, detail = _WORDS.get(part, f"{part} changed"), _DIGEST.sub(r"\1", detail)
    return printable(shorten(f"{text}: {detail}" if detail else text, _LONGEST))


def _datums(count: int) -> str:
    return "1 datum" if count == 1 else f"{count} datums"
