"""How the stage of a pipeline version runs, in the words of the runner."""

from __future__ import annotations

from calf.kit import sizes
from calf.model.errors import Internal
from calf.model.ports import WorkerSpec
from calf.model.pps_infos import PipelineInfo
from calf.model.states import PipelineType
from calf.pps.engine import Pps
from calf.pps.pipelines.ports import port_of
from calf.pps.scheduler import environment
from calf.pps.secrets.giving import give


def worker_spec(pps: Pps, info: PipelineInfo) -> WorkerSpec:
    """What the runner is to be asked for. Raises `NotFound` for a secret that is gone.

    Danger: it holds the values of secrets, which must go nowhere else.
    """
    transform, limits = info.spec.transform, info.spec.resource_limits
    if transform is None or info.image is None:
        raise Internal(f"pipeline {info.pipeline} has nothing to run yet")
    with pps.pfs.read() as tx:
        given = give(tx, transform)
    return WorkerSpec(
        pipeline=info.pipeline,
        image=info.image,
        cmd=transform.cmd,
        stdin=transform.stdin,
        err_cmd=transform.err_cmd,
        err_stdin=transform.err_stdin,
        env={**environment.of_worker(info, transform), **given.env},
        accept_return_code=transform.accept_return_code,
        user=transform.user,
        working_dir=transform.working_dir,
        batching=transform.datum_batching,
        memory=sizes.parse(limits.memory) if limits and limits.memory else 0,
        disk=sizes.parse(limits.disk) if limits and limits.disk else 0,
        isolation=pps.settings.isolation,
        secrets=given.files,
        masked=given.values,
        standing=info.type is not PipelineType.TRANSFORM,
        port=port_of(info.spec),
        reaches_server=info.type is PipelineType.SPOUT,
    )
