"""The effective spec: what a user left out, filled in; members of an input in their lasting order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial

from calf.model.glob import clean_pattern
from calf.model.refs import USER, Pipeline
from calf.model.spec.inputs import CronInput, Input, Leaf, PfsInput, changed_leaves
from calf.model.spec.pipeline import REPROCESS_UNTIL_SUCCESS, PipelineSpec

DEFAULT_BRANCH = "master"
DEFAULT_TRIES = 3


def with_defaults(spec: PipelineSpec, default_image: str) -> PipelineSpec:
    """The spec that is stored and run, from a valid one as the user gave it.

    Danger: not for a spec that has been through here. It has names everywhere, so its members could be put in
    another order, and all its datums would be new ones.
    """
    transform = spec.transform
    if transform is not None and not transform.image:
        transform = replace(transform, image=default_image)
    return replace(
        spec,
        transform=transform,
        input=None if spec.input is None else complete_input(spec.input, spec.pipeline),
        output_branch=spec.output_branch or DEFAULT_BRANCH,
        datum_tries=spec.datum_tries or DEFAULT_TRIES,
        reprocess_spec=spec.reprocess_spec or REPROCESS_UNTIL_SUCCESS,
    )


def complete_input(node: Input, pipeline: Pipeline) -> Input:
    """An input of `pipeline` with every leaf complete.

    Members are sorted by their explicit names, those without a name first and in the order given; a
    combinator goes by its first member. The order is part of every datum's identity. An input with a trigger
    and no branch gets one of its own, the first of a repo `<pipeline>-trigger-1`.
    """
    triggers: Counter[str] = Counter()
    return changed_leaves(_sorted(node), partial(_filled, pipeline, triggers))


def _sorted(node: Input) -> Input:
    if isinstance(node, PfsInput | CronInput):
        return node
    return replace(node, members=tuple(sorted(map(_sorted, node.members), key=_name)))


def _name(node: Input) -> str:
    while not isinstance(node, PfsInput | CronInput):
        node = node.members[0]
    return node.name


def _filled(pipeline: Pipeline, triggers: Counter[str], leaf: Leaf) -> Leaf:
    project = leaf.project or pipeline.project
    if isinstance(leaf, CronInput):
        return replace(leaf, project=project, repo=leaf.repo or f"{pipeline.name}_{leaf.name}")
    branch, trigger = leaf.branch or DEFAULT_BRANCH, leaf.trigger
    if trigger is not None:
        trigger = replace(trigger, branch=trigger.branch or DEFAULT_BRANCH)
        if not leaf.branch:
            triggers[leaf.repo] += 1
            branch = f"{pipeline.name}-trigger-{triggers[leaf.repo]}"
    return replace(
        leaf,
        project=project,
        repo_type=leaf.repo_type or USER,
        branch=branch,
        name=leaf.name or leaf.repo,
        glob=clean_pattern(leaf.glob),
        trigger=trigger,
    )
