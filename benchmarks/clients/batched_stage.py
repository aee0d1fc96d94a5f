"""A batching stage that does next to nothing: `upper` writes inputs in capitals, `nothing` not even that."""

import os
import sys

from stagekit.batching import run_datums


def upper() -> None:
    """Copy the datum's files, in capitals."""
    for name in os.listdir("/pfs/in"):  # noqa: PTH208 - pathlib would be a part of what is timed
        with open(f"/pfs/in/{name}", "rb") as source, open(f"/pfs/out/{name}", "wb") as out:  # noqa: PTH123 - it is timed
            out.write(source.read().upper())


def nothing() -> None:
    """Leave no output."""


if __name__ == "__main__":
    run_datums({"upper": upper, "nothing": nothing}[sys.argv[1]])
