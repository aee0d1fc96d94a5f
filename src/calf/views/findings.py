"""The lines of `fsck` by kind, and what cures each: a server sends no more than the lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from calf.views.words import many


@dataclass(frozen=True, slots=True)
class Kind:
    """Findings that one thing cures. `cure` is empty for those of which we know nothing."""

    name: str
    cure: str = ""
    pattern: str = ""


DATA = Kind(
    "stored data",
    "after `calf down`, `calf repair --from BACKUP` takes good copies from a backup, and from what an earlier"
    " repair set aside",
    r"object [0-9a-f]+ |pack \S+ is damaged|the tree of commit |the output of datum |open commit ",
)
RECORDS = Kind(
    "records",
    "no repair makes them good again: `calf restore BACKUP --home NEW` gives those of a backup",
    r"the metadata is damaged|.* was changed behind the engine's back$"
    r"|the (head of branch|provenance of|parent|inputs of job|outcome of job) "
    r"|datum \S+ of job .* was skipped|path .* has several owners",
)
LEFTOVERS = Kind(
    "outputs of deleted datums",
    "`pachctl rerun pipeline PIPELINE --reprocess` makes the output again",
    r"commit \S+ contains output from datum ",
)
STATEMENTS = Kind(
    "statements",
    "`pachctl verify REPO@COMMIT` says more; a key that was lost can be laid back from a backup",
    r"the statement about commit ",
)
REPLAYS = Kind(
    "replays",
    "`pachctl replay PIPELINE@COMMIT` runs the job again, and the new result takes their place",
    r"what is kept of a replay ",
)
IMAGES = Kind("images", "`calf image build` makes them again from their sources", r"pipeline \S+: ")
OTHERS = Kind("other things")
KINDS = (DATA, RECORDS, LEFTOVERS, STATEMENTS, REPLAYS, IMAGES)


def kind_of(line: str) -> Kind:
    """What a line of `fsck` is about."""
    said = line.removeprefix("consistency error: ")
    return next((kind for kind in KINDS if re.match(kind.pattern, said)), OTHERS)


def counted(lines: Iterable[Kind]) -> list[str]:
    """How many findings there are of each kind; then the cures, a line each."""
    counts = Counter(lines)
    total = many(sum(counts.values()), "finding")
    each = ", ".join(f"{count} of {kind.name}" for kind, count in counts.most_common())
    cures = [f"hint: {kind.name}: {kind.cure}" for kind, _ in counts.most_common() if kind.cure]
    return [f"{total}: {each}", *cures]
