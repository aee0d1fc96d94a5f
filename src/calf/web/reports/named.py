"""What the data of a release are, in the words of its own settings: no figure says that photos were drawn."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from calf.client.connection import Client
from calf.web.lineage.behind import made_by
from calf.web.lineage.spots import Spot
from calf.web.reports.documents import flat_file, readable
from calf.web.reports.runs import SETTINGS

_LONGEST = 200


def named(client: Client, release: Spot) -> dict[str, Any] | None:
    """The name, and the source if one is given, under `data` in a file that an input of a release names.

    It is what the model card says; None where no file does.
    """
    made = made_by(client, release)
    for read in made.reads if made else ():
        if read.exact and PurePosixPath(read.path).suffix in SETTINGS:
            values = flat_file(client, read.spot, read.path)
            words = {
                key: readable(str(values.get(f"data.{key}") or ""))[:_LONGEST] for key in ("name", "source")
            }
            if words["name"]:
                return {**read.spot.data, "path": read.path, **words}
    return None
