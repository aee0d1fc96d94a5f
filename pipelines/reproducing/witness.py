"""What a stage really saw of a run's circumstances: one more pipeline, whose output is never compared."""

from __future__ import annotations

from typing import Any

NAME = "witness"
_PROGRAM = """
import json, os, time
seen = {
    "cores": len(os.sched_getaffinity(0)),
    "user": os.getuid(),
    "home": os.environ.get("HOME"),
    "folder": os.getcwd(),
    "locale": os.environ.get("LC_ALL") or os.environ.get("LANG"),
    "zone": time.strftime("%z"),
    "date": time.strftime("%Y-%m-%d"),
    "umask": oct(os.umask(0)),
}
with open("/pfs/out/seen.json", "w") as file:
    json.dump(seen, file)
"""


def spec() -> dict[str, Any]:
    """The pipeline, in the image of ingest, on the smallest input that there is."""
    return {
        "pipeline": {"name": NAME},
        "transform": {"image": "calf/ingest", "cmd": ["python", "-c", _PROGRAM]},
        "input": {"pfs": {"repo": "params", "branch": "master", "glob": "/ingest.yaml"}},
        "datum_tries": 1,
    }


def sentence(seen: dict[str, Any] | None) -> str:
    """What was seen, in a line."""
    if seen is None:
        return "the witness saw nothing"
    return ", ".join(f"{name} {value}" for name, value in seen.items())
