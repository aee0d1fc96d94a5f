"""What a stage sees in its environment: an allow-list, so that equal inputs give equal surroundings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from calf.model.pps_infos import DatumInput, PipelineInfo
from calf.model.refs import Job
from calf.model.spec.parts import Transform

SOURCE_DATE_EPOCH = "315532800"
"""1980-01-01, the earliest date that a zip file can hold."""

CONSTANTS: Mapping[str, str] = {
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH,
    "TZ": "UTC",
}
"""The same for every stage unless its spec says otherwise; the runner adds PATH and HOME."""


def of_worker(info: PipelineInfo, transform: Transform) -> dict[str, str]:
    """What all datums of a pipeline version share; a spec may override the constants, not the rest.

    Pachyderm's variables about pods and servers are here as far as they can be the same everywhere.
    """
    return {
        **CONSTANTS,
        **transform.env,
        "PACH_IN_WORKER": "true",
        "PACH_NAMESPACE": "default",
        "PPS_PIPELINE_NAME": info.pipeline.name,
        "PPS_POD_NAME": f"{info.pipeline.project}-{info.pipeline.name}-v{info.version}",
        "PPS_PROJECT_NAME": info.pipeline.project,
        "PPS_SPEC_COMMIT": info.spec_commit.id,
        "PPS_WORKER_IP": "127.0.0.1",
    }


def of_datum(job: Job, datum_id: str, inputs: Iterable[DatumInput]) -> dict[str, str]:
    """What is particular to a datum: where its inputs lie, and which commits and keys they come from.

    When several files share an input's name (a group), its variables are those of the last one.
    """
    env = {"PACH_DATUM_ID": datum_id, "PACH_JOB_ID": job.id, "PACH_OUTPUT_COMMIT_ID": job.id}
    for item in inputs:
        env[item.name] = f"/pfs/{item.name}{item.path.rstrip('/')}"
        env[f"{item.name}_COMMIT"] = item.commit.id
        if item.join_on:
            env[f"PACH_DATUM_{item.name}_JOIN_ON"] = item.join_on
        if item.group_by:
            env[f"PACH_DATUM_{item.name}_GROUP_BY"] = item.group_by
    return env
