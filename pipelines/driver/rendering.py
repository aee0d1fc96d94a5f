"""Specs as a cluster needs them: images by registry and digest, and what an environment lays over them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calf.kit import strict_yaml
from calf.model.spec.merging import merge
from driver.checkout import StepFailedError

Spec = dict[str, Any]
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def read_digests(path: Path) -> dict[str, str]:
    """The images of `images/digests.lock` by name: a line each, `NAME sha256:...`; `#` begins a comment.

    Raises `StepFailedError` for a line that says anything else, and where there is no file.
    """
    if not path.is_file():
        raise StepFailedError(f"{path} is not there: no image has a digest yet (make images)")
    digests: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or not _DIGEST.fullmatch(words[1]):
            raise StepFailedError(f"{path}:{number}: expected NAME sha256:<64 hex digits>")
        if words[0] in digests:
            raise StepFailedError(f"{path}:{number}: {words[0]} stands there twice")
        digests[words[0]] = words[1]
    return digests


def render(spec: Spec, registry: str, digests: Mapping[str, str], overlay: Spec | None = None) -> Spec:
    """A spec for a cluster; `overlay` wins where it says something, and null takes a field away (RFC 7396).

    Raises `StepFailedError` when the image has no digest: a tag can change what a pipeline runs.
    """
    rendered = merge(spec, overlay or {})
    name = rendered["transform"]["image"]
    if name not in digests:
        raise StepFailedError(
            f"{spec['pipeline']['name']}: {name} has no digest in images/digests.lock (make images)"
        )
    transform = {**rendered["transform"], "image": f"{registry}/{name}@{digests[name]}"}
    return {**rendered, "transform": transform}


def read_specs(folder: Path) -> list[Spec]:
    """Every spec of a folder, in the order of the files' names, which is that of the data."""
    files = sorted(folder.glob("[0-9]-*.yaml"))
    return [
        document.value for path in files for document in strict_yaml.load_all(path.read_text(), str(path))
    ]


def read_overlays(folder: Path) -> dict[str, Spec]:
    """What is laid over pipelines, by their names; none where there is no such folder."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        (document,) = strict_yaml.load_all(path.read_text(), str(path))
        found[path.stem] = document.value
    return found


def render_all(specs: Path, registry: str, digests: Mapping[str, str], overlays: Path) -> list[Spec]:
    """All specs of a folder for a cluster. An overlay for a pipeline that is not there is an error."""
    laid = read_overlays(overlays)
    rendered = [
        render(spec, registry, digests, laid.pop(spec["pipeline"]["name"], None))
        for spec in read_specs(specs)
    ]
    if not rendered:
        raise StepFailedError(f"{specs} has no specs")
    if laid:
        raise StepFailedError(f"there is no pipeline {', '.join(laid)} to lay something over")
    return rendered
