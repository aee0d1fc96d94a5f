"""Whether an image that a statement names is the one whose files it tells of: its digest says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def hash_of_identity(identity: Any) -> str:
    """The digest of what an image is: the SHA-256 of its JSON with sorted keys, no spaces, in ASCII."""
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"))
    return f"sha256:{sha256(canonical.encode()).hexdigest()}"


def image_fault(internal: Mapping[str, Any]) -> str:
    """Why the job cannot have run the image that its statement names; empty when it can, and for statements
    that do not say what the digest is the hash of.
    """
    image = internal["image"]
    identity = image.get("identity")
    if not identity or hash_of_identity(identity) == image["digest"]:
        return ""
    return f"the job ran image {image['name']} when its files were not as {image['digest']} says"
