"""Picking datums by what they read."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from calf.model.pps_infos import DatumInput


def reads(inputs: Sequence[DatumInput], filters: Sequence[str]) -> bool:
    """Whether each filter (a path, or a content hash in hex or base64) is one of the inputs."""
    return all(any(wanted in _names(item) for item in inputs) for wanted in filters)


def _names(item: DatumInput) -> tuple[str, ...]:
    return item.path, item.path.rstrip("/"), item.hash.hex(), base64.b64encode(item.hash).decode()
