"""A batching stage as the documentation of pachyderm-sdk shows; test_stages_with_the_sdk.py runs it."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

from pachyderm_sdk import Client, batch_all_datums

INPUT = "in"
turns = count(1)


@batch_all_datums
def process(greeting: str) -> None:
    """Note which process and which of its datums this is; fail a datum that says `bad`."""
    turn = next(turns)
    (path,) = Path("/pfs", INPUT).iterdir()
    print(greeting, path.name, os.environ["PACH_DATUM_ID"], flush=True)
    if path.read_text() == "bad":
        raise ValueError(f"{path.name} is bad")
    Path("/pfs/out", path.name).write_text(f"{os.environ[INPUT]} {os.environ[f'{INPUT}_COMMIT']} {turn}")


if __name__ == "__main__":
    if os.environ.get("BY_HAND"):
        client = Client()
        assert client.worker.status() is not None
        while True:
            with client.worker.batch_datum():
                Path("/pfs/out", os.environ["PACH_DATUM_ID"]).touch()
    process("hello")
