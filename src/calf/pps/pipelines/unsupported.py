"""What a spec may say and this engine does not do: refused at creation, with what to use instead."""

from __future__ import annotations

from collections.abc import Iterator

from calf.model.errors import Unimplemented
from calf.model.spec import CronInput, PfsInput, PipelineSpec, leaves


def refuse_unsupported(spec: PipelineSpec) -> None:
    """Raise `Unimplemented` for the first feature that would be ignored silently otherwise."""
    for feature, instead in _found(spec):
        raise Unimplemented(f"{feature} not offered by this server", instead)


def _found(spec: PipelineSpec) -> Iterator[tuple[str, str]]:
    if spec.spout is not None:
        yield "spouts are", "write to an input repo from outside instead, with `pachctl put file`"
    if spec.service is not None:
        yield "services are", "run the server outside, and read the repo with `pachctl get file`"
    if spec.egress is not None:
        yield "egress is", "fetch the output with `pachctl get file -r` once the job is done"
    if spec.s3_out:
        yield "s3_out is", "write to /pfs/out instead"
    if spec.transform is not None and spec.transform.secrets:
        yield "transform.secrets are", "use transform.env for what is not secret"
    for leaf in leaves(spec.input) if spec.input else ():
        yield from _in_leaf(leaf)


def _in_leaf(leaf: PfsInput | CronInput) -> Iterator[tuple[str, str]]:
    if isinstance(leaf, CronInput):
        yield "cron inputs are", "commit to an input repo at the times you want, from cron"
        return
    if leaf.s3:
        yield "s3 inputs are", "read the files below /pfs instead"
    if leaf.trigger is not None:
        yield "triggers of inputs are", "move a branch of the input repo when it is time"
    if leaf.propagation_spec is not None and leaf.propagation_spec.never:
        yield "propagation_spec.never is", "use reference to keep datums valid when the input changes"
