"""A perceptual hash in whole numbers, so that every machine computes the same one."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

SIDE = 8


def difference_hash(photo: Any) -> str:
    """Give 64 bits as 16 hexadecimal digits: does the brightness fall from each cell to its right?

    The cells are those of a 9 x 8 grid. Scaling, recompression and small changes of colour flip few bits.
    """
    small = np.asarray(photo.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)).astype(np.int16)
    bits = (small[:, :-1] > small[:, 1:]).flatten()
    packed: bytes = np.packbits(bits).tobytes()
    return packed.hex()
