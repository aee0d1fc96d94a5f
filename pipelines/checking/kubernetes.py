"""What Kubernetes asks of what a spec hands through to it: names, labels, quantities, ports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calf.kit import sizes
from calf.kit.fieldpath import child
from calf.model.spec import FieldError, PipelineSpec
from calf.model.spec.parts import ResourceSpec

_PART = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_DOMAIN = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*"
_KEY = re.compile(rf"(?:(?={_DOMAIN}/)(?=[^/]{{1,253}}/)[^/]+/)?{_PART}")
_VALUE = re.compile(rf"(?:{_PART})?")
_SECRET = re.compile(rf"(?=.{{1,253}}$){_DOMAIN}")
_QUANTITY = re.compile(r"\+?(?:\d+(?:\.\d*)?|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
_DEVICE = re.compile(rf"{_DOMAIN}/{_PART}")
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_NODE_PORTS = range(30000, 32768)
_MOST_ANNOTATIONS = 256 * 1024
RESOURCES = ("resource_requests", "resource_limits", "sidecar_resource_requests", "sidecar_resource_limits")


def check(spec: PipelineSpec) -> Iterator[FieldError]:
    """All that a cluster would refuse, or take for something else, once pods are made of the spec."""
    for field in RESOURCES:
        resources = getattr(spec, field)
        if resources is not None:
            yield from _check_resources(resources, field)
    for prefix in ("", "sidecar_"):
        limits = getattr(spec, f"{prefix}resource_limits")
        yield from _compare(getattr(spec, f"{prefix}resource_requests"), limits, f"{prefix}resource_requests")
    yield from _check_metadata(spec)
    yield from _check_nodes(spec)
    yield from _check_transform(spec)
    yield from _check_service(spec)


def _check_resources(resources: ResourceSpec, field: str) -> Iterator[FieldError]:
    for name in ("memory", "disk"):
        text = getattr(resources, name)
        if text and not _QUANTITY.fullmatch(text):
            problem = f'"{text}" is no quantity of Kubernetes'
            yield _error(child(field, name), problem, 'write it as "512Mi" or "2Gi"')
    if resources.cpu < 0:
        yield _error(child(field, "cpu"), f"{resources.cpu} is negative")
    gpu = resources.gpu
    if gpu is not None and not _DEVICE.fullmatch(gpu.type):
        hint = "a cluster knows them by its device plugin, such as nvidia.com/gpu"
        yield _error(child(field, "gpu.type"), f'"{gpu.type}" is no kind of accelerator', hint)


def _compare(requests: ResourceSpec | None, limits: ResourceSpec | None, field: str) -> Iterator[FieldError]:
    """A pod that asks for more than it may have is refused, and accelerators are not shared."""
    if requests is None or limits is None:
        return
    if limits.cpu and requests.cpu > limits.cpu:
        yield _error(child(field, "cpu"), f"asks for {requests.cpu}, more than the limit {limits.cpu}")
    for name in ("memory", "disk"):
        asked, most = _bytes(getattr(requests, name)), _bytes(getattr(limits, name))
        if most and asked > most:
            yield _error(child(field, name), f"asks for {getattr(requests, name)}, more than the limit")
    if requests.gpu is not None and requests.gpu != limits.gpu:
        yield _error(child(field, "gpu"), "asks for other accelerators than the limit allows")


def _bytes(text: str) -> int:
    try:
        return sizes.parse(text or "0")
    except ValueError:
        return 0


def _check_metadata(spec: PipelineSpec) -> Iterator[FieldError]:
    if spec.metadata is None:
        return
    for field in ("annotations", "labels"):
        for key in getattr(spec.metadata, field):
            if not _KEY.fullmatch(key):
                yield _error(child(f"metadata.{field}", key), f'"{key}" is no key of Kubernetes')
    for key, value in spec.metadata.labels.items():
        if not _VALUE.fullmatch(value):
            problem = f'"{value}" is no value of a label'
            yield _error(child("metadata.labels", key), problem, "an annotation may hold any text")
    size = sum(len(key) + len(value.encode()) for key, value in spec.metadata.annotations.items())
    if size > _MOST_ANNOTATIONS:
        yield _error("metadata.annotations", f"{size} bytes are more than the {_MOST_ANNOTATIONS} allowed")


def _check_nodes(spec: PipelineSpec) -> Iterator[FieldError]:
    selector = spec.scheduling_spec.node_selector if spec.scheduling_spec else {}
    for key, value in selector.items():
        if not (_KEY.fullmatch(key) and _VALUE.fullmatch(value)):
            yield _error(child("scheduling_spec.node_selector", key), f'no node can have "{key}: {value}"')


def _check_transform(spec: PipelineSpec) -> Iterator[FieldError]:
    if spec.transform is None:
        return
    names = [
        (f"transform.secrets[{place}].name", secret.name)
        for place, secret in enumerate(spec.transform.secrets)
    ]
    names += [
        (f"transform.image_pull_secrets[{place}]", name)
        for place, name in enumerate(spec.transform.image_pull_secrets)
    ]
    for field, name in names:
        if not _SECRET.fullmatch(name):
            yield _error(field, f'"{name}" is no name of a secret', "a-z, 0-9, - and . only")
    for name in spec.transform.env:
        if not _VARIABLE.fullmatch(name):
            yield _error(child("transform.env", name), f'"{name}" is no name of a variable in a pod')


def _check_service(spec: PipelineSpec) -> Iterator[FieldError]:
    where, service = "service", spec.service
    if service is None and spec.spout is not None:
        where, service = "spout.service", spec.spout.service
    if service is None:
        return
    if not service.internal_port:
        yield _error(child(where, "internal_port"), "a service needs the port that the stage listens on")
    port = service.external_port
    if service.type in ("", "NodePort") and port and port not in _NODE_PORTS:
        hint = f"NodePorts go from {_NODE_PORTS[0]} to {_NODE_PORTS[-1]}"
        yield _error(child(where, "external_port"), f"a cluster gives nobody port {port}", hint)


def _error(field: str, problem: str, hint: str = "") -> FieldError:
    return FieldError(f"{field}: {problem}", field, hint)
