"""Changes to pictures after which a model should say the same, or what it should say is known.

All take and give images (n, size, size, 3) uint8.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageFilter


def brightened(images: Any, change: int) -> Any:
    """Add to every value, within 0..255: uint8."""
    return np.clip(images.astype(np.int16) + change, 0, 255).astype(np.uint8)


def shifted(images: Any, move: int) -> Any:
    """Move pictures down and right (or up and left) by pixels; the outermost row and column are repeated."""
    line = np.clip(np.arange(images.shape[1]) - move, 0, images.shape[1] - 1)
    return images[:, line][:, :, line]


def blurred(images: Any, radius: float) -> Any:
    """Blur pictures with a Gaussian of this radius in pixels."""
    return np.stack(
        [np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius))) for image in images]
    )
