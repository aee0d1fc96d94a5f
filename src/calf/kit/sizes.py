"""Sizes in bytes as people write them: Kubernetes' quantities in, Docker's notation out."""

from __future__ import annotations

import re

_QUANTITY = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([kKMGTPE]?)(i?)[bB]?")
_POWERS = "KMGTPE"
_MOST_DIGITS = 40


def parse(text: str) -> int:
    """Bytes of `"512"`, `"1.5Gi"`, `"64MB"`: `K` is 1000 and `Ki` 1024. ValueError tells the forms."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or (match[3] and not match[2]) or len(match[1]) > _MOST_DIGITS:
        raise ValueError(
            f'"{text}" is not a size; write a number with K, M, G, T or Ki, Mi, Gi, Ti, such as "512Mi"'
        )
    power = _POWERS.index(match[2].upper()) + 1 if match[2] else 0
    factor: int = (1024 if match[3] else 1000) ** power
    if "." in match[1]:
        return int(float(match[1]) * factor)
    return int(match[1]) * factor


def format(size: int) -> str:  # noqa: A001 - read as sizes.format, beside durations.format
    """The size in binary units with four digits, as pachctl prints it: `57.27KiB`."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_POWERS):
        value /= 1024
        unit += 1
    return f"{value:.4g}{_POWERS[unit - 1] + 'iB' if unit else 'B'}"
