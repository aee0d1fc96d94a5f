"""What the model was made from, as an in-toto statement with SLSA's predicate.

The stage can speak of content only: the digests of what it read and wrote. Which commits, jobs and images
these came from changes from run to run, and would make equal releases differ; the engine keeps that, and
the statement says how to ask for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stagekit import canonical
from stagekit.release.model import Model
from stagekit.release.params import ReleaseParams

_STATEMENT = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://slsa.dev/provenance/v1"
_BUILD_TYPE = "https://calf.dev/stages/release/v1"
_BUILDER = "https://calf.dev/stagekit"


def statement(
    model: Model, name: str, evaluated: Path, policy: Path, params: ReleaseParams
) -> dict[str, Any]:
    """Give the statement about a model's files; `evaluated` and `policy` are what the stage read."""
    materials = [
        {"uri": f"pfs:evaluate:/{path}", "digest": {"sha256": digest}}
        for path, digest in canonical.tree_digests(evaluated).items()
    ]
    materials.append(
        {"uri": f"pfs:params:/{policy.name}", "digest": {"sha256": canonical.sha256_file(policy)}}
    )
    return {
        "_type": _STATEMENT,
        "subject": [
            {"name": f"{name}/{path}", "digest": {"sha256": digest}} for path, digest in model.digests.items()
        ],
        "predicateType": _PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD_TYPE,
                "externalParameters": {"policy": params.model_dump(mode="json")},
                "internalParameters": {"commits": "pachctl list commit <id of the release commit>"},
                "resolvedDependencies": materials,
            },
            "runDetails": {"builder": {"id": _BUILDER}},
        },
    }
