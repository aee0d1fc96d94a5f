"""What a spec may say and this engine does not do: refused at creation, with what to use instead."""

from __future__ import annotations

from collections.abc import Iterator

from calf.model.errors import Unimplemented
from calf.model.spec import PipelineSpec, sources
from calf.model.states import PipelineType


def refuse_unsupported(spec: PipelineSpec) -> None:
    """Raise `Unimplemented` for the first feature that would be ignored silently otherwise."""
    for feature, instead in _found(spec):
        raise Unimplemented(f"{feature} not offered by this server", instead)


def _found(spec: PipelineSpec) -> Iterator[tuple[str, str]]:
    if spec.egress is not None and spec.egress.sql_database is not None:
        yield "egress to SQL databases is", "use egress.object_storage, and load the files from there"
    if spec.egress is not None and spec.type is not PipelineType.TRANSFORM:
        yield "egress of spouts and services is", "let a pipeline that reads the output do it"
    if spec.s3_out:
        yield "s3_out is", "write to /pfs/out instead"
    if any(leaf.s3 for leaf in sources(spec.input)):
        yield "s3 inputs are", "read the files below /pfs instead"
