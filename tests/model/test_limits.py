from __future__ import annotations

from calf.model.limits import CLOCK, NOTHING, Limit, in_force
from calf.model.refs import Pipeline
from calf.model.spec.parts import GPUSpec, ResourceSpec
from calf.model.spec.pipeline import PipelineSpec

NAME = Pipeline("default", "p")
OF_WORKER = (Limit("memory", "1GiB", "a group"),)


def test_every_limit_of_a_spec_is_told_with_what_enforces_it_or_that_nothing_does() -> None:
    resources = ResourceSpec(cpu=1.5, memory="1Gi", gpu=GPUSpec("nvidia.com/gpu", 1))
    spec = PipelineSpec(NAME, resource_limits=resources, datum_timeout=90.0, job_timeout=3600.0)
    assert in_force(spec, OF_WORKER) == (
        *OF_WORKER,
        Limit("cpu", "1.5", NOTHING),
        Limit("gpu", "1 nvidia.com/gpu", NOTHING),
        Limit("datum_timeout", "1m30s", CLOCK),
        Limit("job_timeout", "1h0m0s", CLOCK),
    )


def test_what_was_not_asked_for_is_no_limit() -> None:
    assert in_force(PipelineSpec(NAME, resource_limits=ResourceSpec()), ()) == ()
    assert in_force(PipelineSpec(NAME, resource_requests=ResourceSpec(cpu=2.0)), OF_WORKER) == OF_WORKER
