"""From the document of a create-pipeline request to a spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calf.model.refs import DEFAULT_PROJECT, Pipeline
from calf.model.spec import scalars
from calf.model.spec.errors import FieldError
from calf.model.spec.inputs import Input
from calf.model.spec.keys import by_key
from calf.model.spec.pipeline import PipelineSpec
from calf.model.spec.reading import field_types, mapping, read, read_input

FLAGS = ("update", "reprocess", "dry_run")
"""What may stand beside a spec in the document of a request."""
IGNORED = ("spec_commit", "details_json")
"""Keys of the message that say nothing to a server."""
PIPELINE_KEYS, PROJECT_KEYS = ("project", "name"), ("name",)


@dataclass(frozen=True, slots=True)
class PipelineRequest:
    """A spec with the flags that may stand beside it in one document."""

    spec: PipelineSpec
    update: bool = False
    reprocess: bool = False
    dry_run: bool = False


def parse_request(document: Mapping[str, object], project: str = DEFAULT_PROJECT) -> PipelineRequest:
    """Read the document of a request: a spec, and perhaps `update`, `reprocess` and `dry_run`.

    `project` is that of a pipeline that names none. Keys are snake_case or camelCase, numbers may be
    quoted, durations are strings. Raises `FieldError` (an `InvalidSpec`) with the path of the field; what a
    field's *value* must satisfy beyond its type is checked by `validate`.
    """
    hints = field_types(PipelineSpec)
    found = by_key(mapping(document, ""), (*hints, *FLAGS, *IGNORED, "tf_job"), "")
    if "tf_job" in found:
        raise FieldError("embedding TFJobs in pipelines is not supported yet", "tf_job", "use transform")
    if "pipeline" not in found:
        raise FieldError("no pipeline specified", "pipeline", 'say {"pipeline": {"name": "..."}}')
    values: dict[str, Any] = {
        hints[key][0]: _value(key, hints[key][1], value, project)
        for key, value in found.items()
        if key in hints
    }
    flags = {key: scalars.flag(found[key], key) for key in FLAGS if key in found}
    return PipelineRequest(PipelineSpec(**values), **flags)


def parse(document: Mapping[str, object], project: str = DEFAULT_PROJECT) -> PipelineSpec:
    """The spec of a document, as `parse_request` reads it."""
    return parse_request(document, project).spec


def parse_input(document: object) -> Input:
    """An input that stands alone, as in listing the datums of a pipeline that does not exist yet."""
    return read_input(document, "input")


def _value(key: str, kind: Any, value: object, project: str) -> Any:
    return _pipeline(value, project) if key == "pipeline" else read(kind, value, key)


def _pipeline(value: object, project: str) -> Pipeline:
    found = by_key(mapping(value, "pipeline"), PIPELINE_KEYS, "pipeline")
    inside = by_key(mapping(found.get("project", {}), "pipeline.project"), PROJECT_KEYS, "pipeline.project")
    return Pipeline(
        scalars.text(inside.get("name", ""), "pipeline.project.name") or project,
        scalars.text(found.get("name", ""), "pipeline.name"),
    )
