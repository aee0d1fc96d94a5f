"""The trimap: 1 pet, 2 background, 3 the border between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from data.drawing.noise import Field

PET, BACKGROUND, BORDER = 1, 2, 3
_BORDER_SHARE = 0.014


def make_trimap(alpha: Field) -> Any:
    """Give the classes (uint8) of a visible animal, whose alpha is 0 to 1.

    The border is a band on both sides of the outline, about three per cent of the picture's side wide, as in
    the real set.
    """
    # Fur makes the outline ragged: smoothed, as a person would draw it.
    seen = _blurred(alpha > 0.5, 2) > 127
    near = _blurred(seen, max(1, round(_BORDER_SHARE * min(alpha.shape))))
    trimap = np.full(alpha.shape, BORDER, np.uint8)
    trimap[near == 255] = PET
    trimap[near == 0] = BACKGROUND
    return trimap


def _blurred(seen: Any, radius: int) -> Any:
    """Average over a square window; 255 and 0 remain only where the whole window agrees."""
    return np.asarray(Image.fromarray(seen.astype(np.uint8) * 255).filter(ImageFilter.BoxBlur(radius)))
