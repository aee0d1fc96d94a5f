"""A pipeline spec, whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from calf.model.refs import Branch, Pipeline
from calf.model.spec.inputs import Input, sources
from calf.model.spec.parts import (
    DatumSetSpec,
    Determined,
    Egress,
    Metadata,
    ParallelismSpec,
    ResourceSpec,
    SchedulingSpec,
    Seconds,
    Service,
    Spout,
    Toleration,
    Transform,
    Unsigned,
)
from calf.model.states import PipelineType

IdentityRule = Literal["calf", "pachyderm"]
IDENTITY_RULES: tuple[IdentityRule, ...] = get_args(IdentityRule)
IDENTITY_ANNOTATION = "calf.dev/datum-identity"
"""The annotation by which a pipeline chooses its rule of identity, whatever the server's setting."""

REPROCESS_UNTIL_SUCCESS = "until_success"
REPROCESS_EVERY_JOB = "every_job"


@dataclass(frozen=True, slots=True)
class PipelineSpec:
    """What a user asks for in a spec; times in seconds, 0 for none.

    As parsed it holds what the document said; `with_defaults` gives the effective spec, which is what is
    stored and run. The request's flags (`update`, `reprocess`, `dry_run`) are no part of it.
    """

    pipeline: Pipeline
    transform: Transform | None = None
    input: Input | None = None
    parallelism_spec: ParallelismSpec | None = None
    output_branch: str = ""
    description: str = ""
    reprocess_spec: str = ""
    salt: str = ""
    datum_tries: Unsigned = 0
    datum_timeout: Seconds = 0.0
    job_timeout: Seconds = 0.0
    datum_set_spec: DatumSetSpec | None = None
    autoscaling: bool = False
    s3_out: bool = False
    egress: Egress | None = None
    service: Service | None = None
    spout: Spout | None = None
    resource_requests: ResourceSpec | None = None
    resource_limits: ResourceSpec | None = None
    sidecar_resource_requests: ResourceSpec | None = None
    sidecar_resource_limits: ResourceSpec | None = None
    scheduling_spec: SchedulingSpec | None = None
    tolerations: tuple[Toleration, ...] = ()
    pod_spec: str = ""
    pod_patch: str = ""
    metadata: Metadata | None = None
    determined: Determined | None = None
    maximum_expected_uptime: Seconds = 0.0

    @property
    def type(self) -> PipelineType:
        """What kind of pipeline it makes."""
        if self.spout is not None:
            return PipelineType.SPOUT
        return PipelineType.SERVICE if self.service is not None else PipelineType.TRANSFORM

    @property
    def identity_rule(self) -> IdentityRule | None:
        """The rule of identity that the annotation asks for, if it does."""
        wanted = self.metadata.annotations.get(IDENTITY_ANNOTATION) if self.metadata else None
        return next((rule for rule in IDENTITY_RULES if rule == wanted), None)

    @property
    def parallelism(self) -> int:
        """How many workers, and how many jobs at once: at least 1."""
        return max(1, self.parallelism_spec.constant) if self.parallelism_spec else 1

    @property
    def sources(self) -> tuple[Branch, ...]:
        """The input branches, each once, in order; complete once defaults are filled in."""
        return tuple(dict.fromkeys(leaf.source for leaf in sources(self.input)))
