"""The ports of this machine that services are reached at: each is for one pipeline only."""

from __future__ import annotations

from calf.db import pipelines
from calf.db.tx import Tx
from calf.model.ports import Port
from calf.model.spec import PipelineSpec
from calf.model.spec.errors import field_error
from calf.model.states import PipelineState


def port_of(spec: PipelineSpec) -> Port | None:
    """The port that a service, or a spout with one, is reached at: the same as inside, unless it says."""
    service = spec.service or (spec.spout.service if spec.spout else None)
    if service is None or not service.internal_port:
        return None
    return Port(service.internal_port, service.external_port or service.internal_port)


def check_port_is_free(tx: Tx, spec: PipelineSpec, own: int) -> None:
    """Raise `FieldError` for a port that another pipeline serves at, or the engine itself (`own`).

    A pipeline that is stopped serves at none.
    """
    port = port_of(spec)
    if port is None:
        return
    field = "service.external_port" if spec.service else "spout.service.external_port"
    if port.external == own:
        raise field_error(field, f"port {own} is that of this server", "choose another one")
    for info in pipelines.all_(tx):
        theirs = port_of(info.spec)
        if info.pipeline == spec.pipeline or info.stopped or info.state is PipelineState.FAILURE:
            continue
        if theirs is not None and theirs.external == port.external:
            raise field_error(
                field,
                f"port {port.external} is that of pipeline {info.pipeline}",
                "choose another one, or stop that pipeline",
            )
