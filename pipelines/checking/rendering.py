"""A spec as each place is given it: calf as it stands, a cluster with images from a registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calf.model.spec.merging import merge
from driver.checkout import ROOT
from driver.rendering import read_digests, render

DIGESTS = ROOT / "images/digests.lock"
GPU = ROOT / "cluster-conf/delivery/gpu"
NO_DIGESTS = (
    "no image of ours has a digest: {} is not there. A cluster needs one for each, since a tag can change "
    "what a pipeline runs; `make specs-check TAG=...` checks with a tag instead"
)


@dataclass(frozen=True, slots=True)
class Images:
    """Where a cluster has our images from; a tag stands in for digests that there are not, if it is given."""

    registry: str
    digests: Mapping[str, str]
    tag: str = ""

    def put(self, spec: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
        """The spec for a cluster. Raises `StepFailedError` for an image without a digest, unless tags do."""
        transform = spec.get("transform")
        name = str(transform.get("image", "")) if isinstance(transform, Mapping) else ""
        if self.tag and name not in self.digests and is_ours(name):
            image = f"{self.registry}/{name}:{self.tag}"
            return merge(merge(dict(spec), dict(overlay)), {"transform": {"image": image}})
        if is_ours(name):
            return render(dict(spec), self.registry, self.digests, dict(overlay))
        return merge(dict(spec), dict(overlay))


def is_ours(image: str) -> bool:
    """Whether it is an image that stands in `images/digests.lock` by that very name."""
    return image.startswith("calf/") and ":" not in image and "@" not in image


def read_lock(path: Path) -> Mapping[str, str]:
    """The digests of our images; none where they are not built yet. Raises `StepFailedError`."""
    return read_digests(path) if path.exists() else {}


def is_built(image: str) -> bool:
    """Whether there is a stage to build an image of ours from."""
    return (ROOT / "stages" / image.removeprefix("calf/")).is_dir()
