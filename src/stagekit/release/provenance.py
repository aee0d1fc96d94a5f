"""What the bundle was made from, as an in-toto statement with SLSA's predicate.

Its subjects are all files of the bundle but itself, by SHA-256; its materials all that the stage read, and
from the engine's signed statements every commit and image behind that. The stage has no key and signs
nothing: the signatures are those in `proof.json`, which is one of the subjects.
"""

from __future__ import annotations

import json
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
_BESIDE = ("pfs:params:/", "pfs:proofs:/", "pfs:serving:/", "pfs:split:/")
"""What the stage reads beside evaluate's output, as `Read.others` names it."""


@dataclass(frozen=True, slots=True)
class Read:
    """What the stage read: evaluate's files by path (`/a`) with their SHA-256, and files of other repos."""

    evaluated: Mapping[str, str]
    others: Mapping[str, Path]


def statement(
    bundle: Mapping[str, str], read: Read, evidence: Evidence, params: ReleaseParams
) -> dict[str, Any]:
    """Give the statement about a bundle, whose files are given by name with their SHA-256."""
    subject = [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(bundle.items())]
    return _framed(subject, params.model_dump(mode="json"), [*_files(read, evidence), *_behind(evidence)])


def faults(content: bytes, evidence: Evidence) -> Iterator[str]:
    """Tell where a statement is not what this stage would write, or names other origins than the proof.

    What no signature that is in the bundle covers is taken as it is: the policy, and the digests of what was
    read beside evaluate's files.
    """
    try:
        told = json.loads(content)
        build = told["predicate"]["buildDefinition"]
        read = build["resolvedDependencies"]
        framed = _framed(told["subject"], build["externalParameters"]["policy"], read)
        behind = [each for each in read if not str(each["uri"]).startswith(_BESIDE)]
    except (ValueError, KeyError, TypeError, RecursionError):
        yield f"{NAME} is none of release's"
        return
    if told != framed or canonical.json_bytes(told) != content:
        yield f"{NAME} is not as release writes it"
    files = evidence.proof.files if evidence.proof else {}
    if behind != [*_files(Read(files, {}), evidence), *_behind(evidence)]:
        yield f"{NAME} names other origins than the proof"


def _framed(subject: Any, policy: Any, read: Any) -> dict[str, Any]:
    return {
        "_type": STATEMENT,
        "subject": subject,
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD_TYPE,
                "externalParameters": {"policy": policy},
                "internalParameters": {},
                "resolvedDependencies": read,
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
