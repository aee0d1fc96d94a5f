"""What a spec must satisfy beyond its form, with Pachyderm's own texts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from calf.kit import sizes
from calf.kit.fieldpath import child
from calf.model.names import MAX_PIPELINE_NAME, check_branch_name, check_name, check_project_name
from calf.model.refs import Pipeline
from calf.model.spec.errors import FieldError, field_error, naming
from calf.model.spec.parts import Service, Transform
from calf.model.spec.pipeline import (
    IDENTITY_ANNOTATION,
    IDENTITY_RULES,
    REPROCESS_EVERY_JOB,
    REPROCESS_UNTIL_SUCCESS,
    PipelineSpec,
)
from calf.model.spec.validate_input import validate_input
from calf.model.statement.redacting import holds_password

_HIGHEST_PORT = 65535
_SERVICE_TYPES = ("", "NodePort", "ClusterIP", "LoadBalancer")


def validate(spec: PipelineSpec) -> None:
    """Check a spec as the user gave it, before defaults. Raises `FieldError` for the first thing wrong.

    Whether repos and images exist is not known here.
    """
    _check_name(spec.pipeline)
    if spec.transform is None:
        raise FieldError("pipeline must specify a transform", "transform")
    _check_transform(spec.transform)
    _check_kind(spec)
    if spec.input is not None:
        validate_input(spec.input)
    elif spec.spout is None:
        raise FieldError("no input set", "input", "only spouts have none")
    if spec.reprocess_spec not in ("", REPROCESS_UNTIL_SUCCESS, REPROCESS_EVERY_JOB):
        raise FieldError(
            "invalid pipeline spec: ReprocessSpec must be one of 'until_success' or 'every_job'",
            "reprocess_spec",
        )
    if spec.output_branch:
        with naming("output_branch"):
            check_branch_name(spec.output_branch)
    _check_cluster_fields(spec)


def _check_name(pipeline: Pipeline) -> None:
    name = pipeline.name
    if not name:
        raise FieldError("invalid pipeline spec: request.Pipeline.Name cannot be empty", "pipeline.name")
    with naming("pipeline.name", "invalid pipeline name: "):
        check_name(name)
    with naming("pipeline.project.name"):
        check_project_name(pipeline.project)
    if len(name) > MAX_PIPELINE_NAME:
        excess = len(name) - MAX_PIPELINE_NAME
        raise FieldError(
            f'pipeline name "{name}" is {excess} characters longer than the {MAX_PIPELINE_NAME} max',
            "pipeline.name",
        )
    if not name[0].isalnum():
        raise FieldError("pipeline names must start with an alphanumeric character", "pipeline.name")


def _check_transform(transform: Transform) -> None:
    for text, path in _texts(transform):
        if "\0" in text:
            raise field_error(path, "must not contain the character NUL")
    for name in transform.env:
        if not name or "=" in name:
            raise field_error(child("transform.env", name), f'"{name}" cannot be the name of a variable')
    for place, secret in enumerate(transform.secrets):
        if secret.env_var and not secret.key:
            path = child(child("transform.secrets", place), "key")
            raise FieldError(f"secret {secret.name} has env_var set but is missing key", path)


def _texts(transform: Transform) -> Iterator[tuple[str, str]]:
    """Every text that reaches the stage, with its path."""
    yield transform.working_dir, "transform.working_dir"
    yield transform.user, "transform.user"
    for field in ("cmd", "err_cmd"):
        for place, word in enumerate(getattr(transform, field)):
            yield word, child(child("transform", field), place)
    for name, value in transform.env.items():
        yield name + value, child("transform.env", name)


def _check_kind(spec: PipelineSpec) -> None:
    """The rules for spouts and services."""
    service = spec.service or (spec.spout.service if spec.spout else None)
    if spec.spout is not None:
        if spec.autoscaling:
            raise FieldError(
                "autoscaling can't be used with spouts (spouts aren't triggered externally)", "autoscaling"
            )
        if spec.input is not None and spec.spout.service is None:
            raise FieldError("spout pipelines (without a service) must not have an input", "input")
    if service is not None:
        _check_service(spec, service)
    if spec.s3_out and (service is not None or spec.spout is not None):
        raise FieldError("s3 output is not supported in spouts or services", "s3_out")


def _check_service(spec: PipelineSpec, service: Service) -> None:
    if spec.parallelism != 1:
        raise FieldError(
            "services can only be run with a constant parallelism of 1", "parallelism_spec.constant"
        )
    if service.type not in _SERVICE_TYPES:
        raise FieldError(f"the following service type {service.type} is not allowed", "service.type")
    where = "service" if spec.service else "spout.service"
    for name in ("internal_port", "external_port"):
        port = getattr(service, name)
        if not 0 <= port <= _HIGHEST_PORT:
            raise field_error(child(where, name), f"{port} is no port", f"ports go from 1 to {_HIGHEST_PORT}")


def _check_cluster_fields(spec: PipelineSpec) -> None:
    """What only a cluster uses, but what must be well-formed here too."""
    for field, label in (("pod_spec", "PodSpec"), ("pod_patch", "PodPatch")):
        text = getattr(spec, field)
        try:
            json.loads(text or "null")
        except (ValueError, RecursionError) as error:
            raise FieldError(f"malformed {label}: {error}", field, "it must be a text of JSON") from None
    for field in ("resource_requests", "resource_limits"):
        resources = getattr(spec, field)
        for name in ("memory", "disk"):
            try:
                sizes.parse(getattr(resources, name, "") or "0")
            except ValueError as error:
                raise field_error(child(field, name), str(error)) from None
    _check_egress(spec)
    rule = spec.metadata.annotations.get(IDENTITY_ANNOTATION) if spec.metadata else None
    if rule is not None and rule not in IDENTITY_RULES:
        path = child("metadata.annotations", IDENTITY_ANNOTATION)
        raise field_error(path, f'"{rule}" is not a rule of identity', f"use {' or '.join(IDENTITY_RULES)}")


def _check_egress(spec: PipelineSpec) -> None:
    """A spec is kept for ever and shown to everybody, so no URL in it may carry a password."""
    egress = spec.egress
    if egress is None:
        return
    places = {"egress.URL": egress.url}
    if egress.object_storage:
        places["egress.object_storage.url"] = egress.object_storage.url
    if egress.sql_database:
        places["egress.sql_database.url"] = egress.sql_database.url
    for field, url in places.items():
        if holds_password(url):
            raise field_error(
                field,
                "a password in a URL would be stored and shown",
                "object stores are used with the credentials in the server's environment; leave it out",
            )
    if egress.sql_database and not egress.sql_database.secret:
        raise FieldError("egress.sql_database.secret is required", "egress.sql_database.secret")
