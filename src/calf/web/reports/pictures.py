"""The pictures that a result holds beside its figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from calf.client.connection import Client
from calf.web.lineage.spots import Spot
from calf.wire.messages import pfs

_PATTERNS = ("/*.{png,jpg,jpeg}", "/{figures,plots,images}/*.{png,jpg,jpeg}")
_MOST = 40


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a commit; equal hashes are equal pictures."""

    path: str
    hash: str
    size: int


@lru_cache(maxsize=512)
def pictures(client: Client, spot: Spot) -> tuple[Picture, ...]:
    """Pictures at the top of a finished commit and in its folder of figures; the worst cases first."""
    found: list[Picture] = []
    for pattern in _PATTERNS:
        request = pfs.GlobFileRequest(commit=spot.message, pattern=pattern)
        found += [
            Picture(info.file.path, info.hash.hex(), int(info.size_bytes))
            for info in islice(client.pfs.GlobFile(request), _MOST)
        ]
    return tuple(sorted(found[:_MOST], key=lambda each: ("worst" not in each.path.lower(), each.path)))
