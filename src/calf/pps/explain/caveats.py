"""What a plan must be read with: why its job would not start, or keeps what other code made."""

from __future__ import annotations

from collections.abc import Iterator

from calf.model.pps_infos import PipelineInfo
from calf.pps.datums import code_of
from calf.pps.explain.differences import of_code

STOPPED = "the pipeline is stopped: nothing runs until it is started"


def of_stopping(current: PipelineInfo | None) -> str:
    """A word about a pipeline that is stopped; an update leaves it so."""
    return STOPPED if current is not None and current.stopped else ""


def of_old_code(former: PipelineInfo | None, new: PipelineInfo, skipped: int) -> str:
    """A word about datums that keep what the code of a `former` version made, as Pachyderm's rule has it.

    By calf's own rule there are none: other code makes another identity.
    """
    parts = list(_changed(former, new)) if former is not None and skipped else []
    if not parts:
        return ""
    kept = f"the {skipped} skipped keep what the code of version {former.version if former else 0} made"
    return f"{kept}: by Pachyderm's rule a changed {' or '.join(parts)} runs nothing again; --reprocess does"


def _changed(former: PipelineInfo, new: PipelineInfo) -> Iterator[str]:
    old, code = code_of(former), code_of(new)
    if old is not None and code is not None:
        yield from dict.fromkeys(difference.part for difference in of_code(old, code))
