"""What the bundle was made from, as an in-toto statement with SLSA's predicate.

Its subjects are all files of the bundle but itself, by SHA-256; its materials all that the stage read, and
from the engine's signed statements every commit and image behind that. The stage has no key and signs
nothing: the signatures are those in `proof.json`, which is one of the subjects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit import canonical
from stagekit.release.chain import PREDICATE, STATEMENT, Image
from stagekit.release.evidence import Evidence
from stagekit.release.params import ReleaseParams

NAME = "provenance.json"
_BUILD_TYPE = "https://calf.dev/stages/release/v1"
_BUILDER = "https://calf.dev/stagekit"


@dataclass(frozen=True, slots=True)
class Read:
    """What the stage read: evaluate's files by path (`/a`) with their SHA-256, and files of other repos."""

    evaluated: Mapping[str, str]
    others: Mapping[str, Path]


def statement(
    bundle: Mapping[str, str], read: Read, evidence: Evidence, params: ReleaseParams
) -> dict[str, Any]:
    """Give the statement about a bundle, whose files are given by name with their SHA-256."""
    return {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(bundle.items())],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD_TYPE,
                "externalParameters": {"policy": params.model_dump(mode="json")},
                "internalParameters": {},
                "resolvedDependencies": [*_files(read, evidence), *_behind(evidence)],
            },
            "runDetails": {"builder": {"id": _BUILDER}},
        },
    }


def _files(read: Read, evidence: Evidence) -> Iterator[dict[str, Any]]:
    whose = evidence.proof.commit if evidence.proof else "pfs:evaluate"
    for path, digest in sorted(read.evaluated.items()):
        yield {"uri": f"{whose}:{path}", "digest": {"sha256": digest}}
    for uri, file in sorted(read.others.items()):
        yield {"uri": uri, "digest": {"sha256": canonical.sha256_file(file)}}


def _behind(evidence: Evidence) -> Iterator[dict[str, Any]]:
    """Name the outputs of all jobs with their images, then the commits of users."""
    images: dict[str, dict[str, Any]] = {}
    for job in evidence.chain.statements:
        yield {"uri": job.uri, "digest": dict(job.digest), "annotations": {"statement": job.sha256}}
        images[job.image.name] = _image(job.image)
    for dep in evidence.chain.origins:
        yield {"uri": dep.uri, "digest": dict(dep.digest)}
    yield from (images[name] for name in sorted(images))


def _image(image: Image) -> dict[str, Any]:
    kind, _, value = image.digest.rpartition(":")
    code = {"commit": image.commit, "dirty": image.dirty}
    return {"uri": f"image:{image.name}", "digest": {kind or "sha256": value}, "annotations": code}
