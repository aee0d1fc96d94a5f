"""Starting the scripts of `inside` that read what to do from a file."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from calf.runner.plan import Inside, Launch


def launch_described(words: Sequence[str], place: Path, described: Mapping[str, object]) -> Launch:
    """A script of ours, which reads its plan from a file that nobody else may see."""
    number, path = tempfile.mkstemp(".json", "plan-", place)
    with os.fdopen(number, "w") as file:
        json.dump(described, file)
    return Launch((*words, path), finish=partial(Path(path).unlink, missing_ok=True))


def describe(inside: Inside) -> dict[str, object]:
    """A process, for a script of ours."""
    return {"argv": inside.argv, "env": dict(inside.env), "cwd": inside.cwd, "limits": dict(inside.limits)}
