"""Lines that libraries print of themselves when they begin: folded, where nobody looks for something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

_NOISE = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IW] \S+:\d+\] "  # TensorFlow
    r"|[IW]\d{4} \d\d:\d\d:\d+\.\d+ +\d+ \S+:\d+\] "  # glog, absl
    r"|WARNING: All log messages before absl::InitializeLog\(\)"
    r"|To enable the following instructions: )"
)


def fold(lines: Sequence[dict[str, Any]]) -> None:
    """Marks where lines begin that libraries printed of themselves (`folds`), two or more, and end."""
    for noisy, group in groupby(lines, key=lambda line: _NOISE.match(line["text"]) is not None):
        same = list(group)
        if noisy and len(same) > 1:
            same[0]["folds"], same[-1]["unfolds"] = len(same), True
