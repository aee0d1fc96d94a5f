"""What a pipeline declares that its output may differ in: its annotation `calf.dev/tolerance`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from calf.model.errors import InvalidArgument
from calf.model.glob import Glob, compile_glob

TOLERANCE = "calf.dev/tolerance"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The files of an output that may differ from run to run, and why."""

    globs: tuple[tuple[Glob, str], ...] = ()

    def reason(self, path: str) -> str:
        """Why a file may differ; empty when it may not."""
        return next((reason for glob, reason in self.globs if glob.matches(path)), "")


def read_tolerance(annotations: Mapping[str, str]) -> Tolerance:
    """What a pipeline's annotation allows. Raises `InvalidArgument` for one that is not of its form."""
    text = annotations.get(TOLERANCE, "")
    if not text:
        return Tolerance()
    form = 'it is a JSON object of globs and reasons, such as {"/log.txt": "tells the time"}'
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InvalidArgument(f"annotation {TOLERANCE} is no JSON: {error}", form) from None
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise InvalidArgument(f"annotation {TOLERANCE} is of another form", form)
    return Tolerance(tuple((compile_glob(glob), reason or "allowed to") for glob, reason in found.items()))
