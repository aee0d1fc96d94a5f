"""Creates the pipelines, and updates those whose spec or image changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from calf.client.connection import Client
from calf.kit import strict_yaml
from calf.model.errors import NotFound
from calf.wire.messages import Message, pfs, pps


def apply(client: Client, inside: Client, specs: list[Path], digests: dict[str, str]) -> dict[str, str]:
    """Bring each spec into force, at the end of the transaction that `inside` gathers for.

    Gives what is done by pipeline: `created`, `updated` or `unchanged`.

    `digests` are those of the images that were built, by name: a pipeline pinned to another one is updated.
    """
    done = {}
    for path in specs:
        for document in strict_yaml.load_all(path.read_text(), str(path)):
            spec = document.value
            name = spec["pipeline"]["name"]
            done[name] = apply_spec(client, inside, spec, digests.get(spec["transform"]["image"], ""))
    return done


def find_pipeline(client: Client, name: str) -> Message | None:
    """The pipeline's record, None when there is none."""
    pipeline = pps.Pipeline(name=name, project=pfs.Project(name="default"))
    try:
        return client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=pipeline, details=True))
    except NotFound:
        return None


def apply_spec(client: Client, inside: Client, spec: dict[str, Any], digest: str | None = None) -> str:
    """Bring one spec into force; gives what is done. Without a digest, that of the image is not looked at."""
    text = json.dumps(spec, sort_keys=True)
    before = find_pipeline(client, str(spec["pipeline"]["name"]))
    if (
        before is not None
        and json.loads(before.user_spec_json or "{}") == spec
        and digest in {None, before.calf.image.digest}
    ):
        return "unchanged"
    request = pps.CreatePipelineV2Request(create_pipeline_request_json=text, update=before is not None)
    inside.pps.CreatePipelineV2(request)
    return "created" if before is None else "updated"
