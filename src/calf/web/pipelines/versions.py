"""The versions of a pipeline, newest first, with what each changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from calf.views.labels import image_words
from calf.web import links
from calf.web.jobs.shapes import pipeline_of
from calf.web.pages import Ask, Page
from calf.web.pipelines.overview import crumbs
from calf.web.pipelines.shapes import inspect, pipeline_data
from calf.web.pipelines.version_changes import changes_between
from calf.wire.messages import Message, pps

ROWS = 20


def show_versions(ask: Ask) -> Page:
    """A page of versions, each against the one before it."""
    name = ask.path["pipeline"]
    newest, _ = inspect(ask.client, ask.project, name)
    before = ask.number("before", 1, 10**9) if ask.text("before") else newest.version + 1
    infos: list[Message] = []
    request = pps.ListPipelineRequest(pipeline=pipeline_of(ask.project, name), history=-1, details=True)
    for info in ask.client.pps.ListPipeline(request):
        if info.version < before:
            infos.append(info)
        if len(infos) > ROWS:
            break
    shown = infos[:ROWS]
    data = {
        "pipeline": pipeline_data(newest),
        "newest_version": newest.version,
        "versions": [_version(info, infos, place) for place, info in enumerate(shown)],
        "next": links.versions(ask.project, name, shown[-1].version) if len(infos) > ROWS else "",
    }
    return Page("pipelines/versions.html", name, data, crumbs(ask.project), False, "pipelines")


def _version(info: Message, infos: Sequence[Message], place: int) -> dict[str, Any]:
    old = infos[place + 1] if place + 1 < len(infos) else None
    told = pipeline_data(info)
    kept = {key: told[key] for key in ("version", "updated", "image", "state")}
    if old is None:
        return kept | {"first": True, "changes": [], "image_changed": "", "salted": False}
    specs = [json.loads(each.effective_spec_json or "{}") for each in (old, info)]
    other_image = old.calf.image.digest and old.calf.image.digest != info.calf.image.digest
    return kept | {
        "first": False,
        "changes": changes_between(*specs),
        "image_changed": f"{image_words(old.calf.image)} → {image_words(info.calf.image)}"
        if other_image
        else "",
        "salted": specs[0].get("salt") != specs[1].get("salt"),
    }
