"""Reading manifests: a Kubernetes object is a plain dict; these are the questions that checks ask of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

Object = dict[str, Any]
PODS = {
    "Pod": ("spec",),
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
"""Where the kinds that make pods have the pod's spec."""


class Finding(NamedTuple):
    """Something that must not be: which rule, which object, and what is wrong."""

    rule: str
    where: str
    what: str

    def __str__(self) -> str:
        """A line for the terminal."""
        return f"{self.where}: {self.what} [{self.rule}]"


def name(thing: Object) -> str:
    """Kind, namespace and name, for people."""
    metadata = thing.get("metadata", {})
    place = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
    return f"{thing.get('kind')} {place}{metadata.get('name')}"


def of_kind(things: list[Object], *kinds: str) -> list[Object]:
    """Those of these kinds."""
    return [thing for thing in things if thing.get("kind") in kinds]


def pod(thing: Object) -> Object | None:
    """The spec of the pods that an object makes; None when it makes none."""
    if thing.get("kind") not in PODS:
        return None
    found: Any = thing
    for key in PODS[thing["kind"]]:
        found = found.get(key) or {}
    return dict(found)


def pods(things: list[Object]) -> Iterator[tuple[Object, Object]]:
    """Each object that makes pods, with their spec."""
    for thing in things:
        spec = pod(thing)
        if spec is not None:
            yield thing, spec


def containers(spec: Object) -> list[Object]:
    """All containers of a pod, those that come first included."""
    return [*spec.get("initContainers", []), *spec.get("containers", [])]


def laid_over(below: Object, above: Object) -> Object:
    """One file of values over another, as helm lays them."""
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        both = isinstance(value, dict) and isinstance(known, dict)
        merged[key] = laid_over(known or {}, value) if both else value
    return merged


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in an object, with its path."""
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, f"{path}[{index}]")
