"""What no spec can show alone: whether all of them make a DAG that can be created in their order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from calf.kit.fieldpath import child
from calf.kit.nearest import nearest
from calf.model.spec import FieldError, PipelineSpec
from calf.model.spec.inputs import PfsInput, placed_leaves

_MASTER = "master"
Found = tuple[PipelineSpec, FieldError]


def check(specs: Sequence[PipelineSpec], repos: Collection[str]) -> Iterator[Found]:
    """Each problem with the spec that has it; `repos` are those that are there before any pipeline."""
    yield from _names(specs, repos)
    yield from _inputs(specs, repos)
    yield from _branches(specs)


def _names(specs: Sequence[PipelineSpec], repos: Collection[str]) -> Iterator[Found]:
    """No two pipelines may share what a cluster makes of their names, which has neither case nor `_`."""
    seen: dict[tuple[str, str], str] = {}
    for spec in specs:
        name = spec.pipeline.name
        key = (spec.pipeline.project, name.lower().replace("_", "-"))
        if key in seen:
            text = f"pipeline.name: the pods of {name} would be called like those of {seen[key]}"
            yield spec, FieldError(text, "pipeline.name", "give it another name")
        elif name in repos:
            text = f'pipeline.name: a repo "{name}" is there already, and holds what users put'
            yield spec, FieldError(text, "pipeline.name", "give it another name")
        seen.setdefault(key, name)


def _inputs(specs: Sequence[PipelineSpec], repos: Collection[str]) -> Iterator[Found]:
    """A cluster refuses an input whose repo is not there yet, as calf does."""
    made: set[str] = set()
    names = {spec.pipeline.name for spec in specs}
    for spec in specs:
        for where, leaf in _pfs_leaves(spec):
            if leaf.repo in made or leaf.repo in repos:
                continue
            field = child(where, "repo")
            if leaf.repo in names:
                text = f"{field}: {leaf.repo} is created after this one"
                yield spec, FieldError(text, field, "number the files in the order of the data")
                continue
            meant = nearest(leaf.repo, [*made, *repos])
            hint = (
                f"did you mean {meant}?"
                if meant
                else "a repo that users put into is named by --repo, or in pipelines/driver"
            )
            yield spec, FieldError(f"{field}: nobody makes a repo {leaf.repo}", field, hint)
        made.add(spec.pipeline.name)


def _branches(specs: Sequence[PipelineSpec]) -> Iterator[Found]:
    """Two branches of a repo cannot be in one DAG, however far apart; both are refused at the second."""
    parts: list[dict[str, str]] = []
    for spec in specs:
        joined = {spec.pipeline.name: spec.output_branch or _MASTER}
        for where, leaf in _pfs_leaves(spec):
            branch = leaf.branch or _MASTER
            touched = [part for part in parts if part.get(leaf.repo) == branch]
            parts = [part for part in parts if part not in touched]
            for part in ({leaf.repo: branch}, *touched):
                for repo, of in part.items():
                    if joined.setdefault(repo, of) != of:
                        field = child(where, "branch")
                        text = f'multiple branches from the same repo, "{repo}", cannot participate in a DAG'
                        told = f"{field}: {text}: {joined[repo]} and {of}"
                        yield spec, FieldError(told, field, "copy one of them into a repo of its own")
        parts.append(joined)


def _pfs_leaves(spec: PipelineSpec) -> Iterator[tuple[str, PfsInput]]:
    """The inputs from repos of the pipeline's own project."""
    for where, leaf in placed_leaves(spec.input) if spec.input else ():
        if isinstance(leaf, PfsInput) and leaf.project in ("", spec.pipeline.project):
            yield where, leaf
