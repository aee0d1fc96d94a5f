"""The spec of a pipeline, field by field: what was asked for, what is filled in, what each field means."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from calf.views.spec_docs import doc_of
from calf.web.pages import Ask, Page
from calf.web.pipelines.overview import crumbs
from calf.web.pipelines.shapes import inspect, pipeline_data

_OPENED = frozenset(
    {"transform", "resource_requests", "resource_limits", "scheduling_spec", "datum_set_spec"}
    | {"parallelism_spec", "sidecar_resource_requests", "sidecar_resource_limits", "service", "metadata"}
)
"""Fields whose parts have lines of their own."""
_FIRST = ("pipeline", "description", "transform", "input")
_LINE = 80
_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")


def show_spec(ask: Ask) -> Page:
    """A line a field of the effective spec; those that the user gave are told from those filled in."""
    name = ask.path["pipeline"]
    version = ask.number("version", 1, 10**9) if ask.text("version") else 0
    info, newest = inspect(ask.client, ask.project, name, version)
    given, effective = (_read(text) for text in (info.user_spec_json, info.effective_spec_json))
    data = {
        "pipeline": pipeline_data(info),
        "newest_version": newest,
        "fields": list(fields_of(effective or given, given)),
        "user_spec": _pretty(info.user_spec_json),
        "effective_spec": _pretty(info.effective_spec_json),
    }
    return Page("pipelines/spec.html", name, data, crumbs(ask.project), False, "pipelines")


def fields_of(effective: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each field: `path`, `value` as text, `given` by the user or filled in, `doc`."""
    keys = [*(key for key in _FIRST if key in effective), *(key for key in effective if key not in _FIRST)]
    for key in keys:
        value, wanted = effective[key], given.get(key)
        if key not in _OPENED or not isinstance(value, dict):
            yield _field(key, value, key in given)
            continue
        parts = _snaked(wanted) if isinstance(wanted, dict) else {}
        for part, inner in _snaked(value).items():
            yield _field(f"{key}.{part}", inner, part in parts)


def _field(path: str, value: Any, given: bool) -> dict[str, Any]:
    if path == "input":
        value = _deeply_snaked(value)
    return {"path": path, "value": _shown(value), "given": given, "doc": doc_of(path)}


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    line = json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict | list) and len(line) > _LINE:
        return json.dumps(value, ensure_ascii=False, indent=2)
    return line


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return _snaked(found) if isinstance(found, dict) else {}


def _snaked(value: Mapping[str, Any]) -> dict[str, Any]:
    """The same with keys as documents of users have them."""
    return {_CAPITAL.sub(r"_\1", key).lower(): inner for key, inner in value.items()}


def _deeply_snaked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _deeply_snaked(inner) for key, inner in _snaked(value).items()}
    return [_deeply_snaked(each) for each in value] if isinstance(value, list) else value


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text or "{}"), ensure_ascii=False, indent=2)
    except ValueError:
        return text
