"""Stage images without a container engine: a locked environment and code, built once, addressed by digest.

An image is a Dockerfile of a few plain instructions, so that a container engine builds the same stage from
the same file.
"""

from calf.runner.images.build import build_image, find_context
from calf.runner.images.store import DEFAULT_HOST_PATTERNS, ImageStore

__all__ = ["DEFAULT_HOST_PATTERNS", "ImageStore", "build_image", "find_context"]
