"""What became of a replay, as a value, as one line and as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calf.model.statement.replays import DIFFERS, WITHIN_TOLERANCE
from calf.views.words import many


@dataclass(frozen=True, slots=True)
class FileDifference:
    """A file that is another one: what it was read as, how it differs, and a picture of that."""

    path: str
    kind: str
    lines: tuple[str, ...]
    picture: Path | None = None

    def document(self) -> dict[str, Any]:
        """All of it, for programs."""
        picture = str(self.picture) if self.picture else None
        return {"path": self.path, "kind": self.kind, "lines": list(self.lines), "picture": picture}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the replay of a job, `project/pipeline@id`; `result` is one of the words above.

    `files` and `size` (bytes) are those of the recorded output, `seconds` is what the new run took. Of the
    files that differ there are the first ones and their number, and `shown` says how the first one does, and
    the first of each other kind; `tolerated` are those that are allowed to, with the reason. `faults` are
    what was found changed before the run, and without `ran` there was none; when something is `gone` there
    can be none. `environment` says what changed around the stage, `notes` what else one should know.
    `scratch` is the id of the new commit if it was kept. `signed` is the envelope in which the server says
    how it came out.
    """

    job: str
    result: str
    files: int = 0
    size: int = 0
    seconds: float = 0.0
    ran: bool = True
    gone: bool = False
    shown: tuple[FileDifference, ...] = ()
    differing: tuple[str, ...] = ()
    number: int = 0
    tolerated: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""
    faults: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    scratch: str = ""
    signed: Mapping[str, Any] | None = None

    @property
    def ok(self) -> bool:
        """Whether the output was made again, but for what is allowed to differ."""
        return self.result != DIFFERS

    @property
    def detail(self) -> str:
        """What there is to say beside the result, in one line."""
        if not self.ran:
            return f"not run: {'; '.join(self.faults)}"
        if self.failure:
            return f"the new run failed: {self.failure}"
        if self.result == DIFFERS:
            first = f": {self.shown[0].lines[0]}" if self.shown else ""
            more = f", and {self.number - 1} more" if self.number > 1 else ""
            return f"{self.differing[0]}{first}{more}"
        if self.result == WITHIN_TOLERANCE:
            return "; ".join(f"{path}: {reason}" for path, reason in self.tolerated.items())
        return f"{many(self.files, 'file')}, {many(self.size, 'byte')}"

    def document(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "job": self.job,
            "result": self.result,
            "detail": self.detail,
            "ran": self.ran,
            "files": self.files,
            "size_bytes": self.size,
            "seconds": round(self.seconds, 3),
            "differences": [each.document() for each in self.shown],
            "differing": list(self.differing),
            "number_differing": self.number,
            "tolerated": dict(self.tolerated),
            "failure": self.failure or None,
            "faults": list(self.faults),
            "environment": list(self.environment),
            "notes": list(self.notes),
            "scratch_commit": self.scratch or None,
        }
