"""Composing the statement about what a job made: an in-toto Statement whose predicate is SLSA provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from calf.kit import rfc3339
from calf.model.pps_infos import Image, JobInfo, PipelineInfo
from calf.model.refs import Commit
from calf.model.spec.parts import SecretMount
from calf.model.statement.facts import ImageFacts, Machine
from calf.model.statement.redacting import redact, redact_text, redact_variables

STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
BUILD = "https://calf.dev/job/v1"
ENGINE = "https://calf.dev/engine"
ANNOTATIONS = "calf.dev/"
EMPTY = "empty"
"""Stands for the digest of a commit without files, which has no tree."""


@dataclass(frozen=True, slots=True)
class Material:
    """A commit that something is made from, the root of its tree, and the SHA-256 (hex) of its statement.

    Commits of users have none, so it is empty.
    """

    commit: Commit
    root: bytes | None
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """All that a statement tells of: `job` made `root`, from `materials`, as `pipeline` says.

    `base` is the job whose output the job took over for the datums that it skipped; `secrets` says of those
    that it was given when they were made, which tells of nothing that is in them.
    """

    job: JobInfo
    pipeline: PipelineInfo
    image: Image
    facts: ImageFacts
    machine: Machine
    environment: Mapping[str, str]
    root: bytes | None
    materials: Sequence[Material]
    base: Material | None = None
    secrets: Mapping[str, float] = field(default_factory=dict)


def compose(made: Made) -> dict[str, Any]:
    """The statement as a document. No value of a secret is in it."""
    job = made.job
    return {
        "_type": STATEMENT,
        "subject": [_resource("name", Material(job.output_commit, made.root))],
        "predicateType": PROVENANCE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD,
                "externalParameters": _external(made.pipeline),
                "internalParameters": _internal(made),
                "resolvedDependencies": [_dependency(material) for material in made.materials],
            },
            "runDetails": {
                "builder": {"id": ENGINE, "version": {"calf": made.machine.engine}},
                "metadata": {
                    "invocationId": job.job.id,
                    "startedOn": rfc3339.format(job.started or job.finished),
                    "finishedOn": rfc3339.format(job.finished),
                },
            },
        },
    }


def uri(commit: Commit) -> str:
    """How statements name a commit."""
    return f"pfs:{commit}"


def digest_of(root: bytes | None) -> str:
    """How they name what it holds."""
    return EMPTY if root is None else root.hex()


def _external(pipeline: PipelineInfo) -> dict[str, Any]:
    spec = _redacted(pipeline.effective_spec_json or "{}")
    named = {"pipeline": str(pipeline.pipeline), "version": pipeline.version, "spec": spec}
    return {**named, "salt": pipeline.salt} if pipeline.salt else named


@lru_cache(maxsize=64)
def _redacted(spec: str) -> Any:
    """For reading only: one document for all who ask."""
    return redact(json.loads(spec))


def _internal(made: Made) -> dict[str, Any]:
    job, machine, counts = made.job, made.machine, made.job.counts
    annotations = made.pipeline.spec.metadata.annotations if made.pipeline.spec.metadata else {}
    told: dict[str, Any] = {
        "job": job.job.id,
        "detached": job.detached,
        "isolation": job.isolation,
        "limits": {limit.name: {"value": limit.value, "by": limit.by} for limit in job.limits},
        "datums": {
            "total": counts.total,
            "processed": counts.processed,
            "skipped": counts.skipped,
            "recovered": counts.recovered,
        },
        "environment": _environment(made),
        "secrets": {name: rfc3339.format(at) for name, at in made.secrets.items()},
        "image": _image(made.image, made.facts),
        "cpu": {"model": machine.cpu_model, "features": sorted(machine.cpu_features)},
        "kernel": machine.kernel,
        "engine": machine.engine,
        "determinism": {
            name: redact_text(value) for name, value in annotations.items() if name.startswith(ANNOTATIONS)
        },
    }
    return {**told, "base": _dependency(made.base)} if made.base else told


def _environment(made: Made) -> dict[str, Any]:
    transform = made.pipeline.spec.transform
    named = transform.secrets if transform else ()
    secrets = {secret.env_var: _secret(secret) for secret in named if secret.env_var}
    return {**redact_variables(made.environment), **secrets}


def _secret(secret: SecretMount) -> dict[str, str]:
    return {"secret": secret.name, "key": secret.key}


def _image(image: Image, facts: ImageFacts) -> dict[str, Any]:
    source = facts.source
    told = {
        "name": image.name,
        "digest": image.digest,
        "kind": image.kind,
        "files": dict(facts.files),
        "packages": list(facts.packages),
        "python": facts.python,
        "source": {"commit": source.commit, "dirty": source.dirty, "changed": list(source.changed)},
    }
    known = {"manifest": facts.manifest, "sources": facts.sources}
    told |= {name: digest for name, digest in known.items() if digest}
    return {**told, "identity": facts.identity} if facts.identity and _is_plain(facts.identity) else told


def _is_plain(identity: Sequence[Any]) -> bool:
    """Whether nothing of it must be withheld: a variable of the image may hold a password."""
    variables: Mapping[str, str] = identity[2]["env"]
    return redact_variables(variables) == variables


def _dependency(material: Material) -> dict[str, Any]:
    resource = _resource("uri", material)
    return {**resource, "annotations": {"statement": material.statement}} if material.statement else resource


def _resource(key: str, material: Material) -> dict[str, Any]:
    return {key: uri(material.commit), "digest": {"blake3": digest_of(material.root)}}
