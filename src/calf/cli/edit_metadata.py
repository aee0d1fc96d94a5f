"""pachctl edit metadata."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.model import ancestry
from calf.model.names import is_id
from calf.wire.messages import Message, metadata, pfs, pps

_OPS = ("add", "edit", "delete", "set")


@click.command("metadata", context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, required=True, metavar="TYPE NAME OP PAIRS ...")
@project_option
@click.pass_obj
def command(session: Session, words: tuple[str, ...], project: str | None) -> None:
    """Edit the metadata of projects, repos, branches, commits, pipelines and the cluster.

    OP is add (a new key), edit (a new or a known one), delete, or set (these pairs and no others). Several
    edits in one command are made together or not at all.

    \\b
    pachctl edit metadata repo images add owner=me
    pachctl edit metadata commit images@master edit reviewed=yes
    pachctl edit metadata branch images@master delete owner
    pachctl edit metadata project default set '{"team": "vision", "stage": "dev"}'
    pachctl edit metadata cluster . set 'site=lab;stage=dev'
    """
    edits = list(_edits(words, session.project(project)))
    session.client.call("/metadata.API/EditMetadata", metadata.EditMetadataRequest(edits=edits))


def _edits(words: tuple[str, ...], project: str) -> Iterator[Message]:
    if len(words) % 4:
        raise click.UsageError("an edit has four parts: TYPE NAME OP PAIRS, as in `repo images add owner=me`")
    for start in range(0, len(words), 4):
        kind, name, op, pairs = words[start : start + 4]
        if kind not in _TARGETS:
            raise click.UsageError(f"{kind!r} has no metadata; a TYPE is one of {', '.join(_TARGETS)}")
        edit = metadata.Edit()
        _TARGETS[kind](edit, name, project)
        _fill(edit, op, pairs)
        yield edit


def _fill(edit: Message, op: str, pairs: str) -> None:
    match op:
        case "add":
            key, value = _pair(pairs)
            edit.add_key.CopyFrom(metadata.Edit.AddKey(key=key, value=value))
        case "edit":
            key, value = _pair(pairs)
            edit.edit_key.CopyFrom(metadata.Edit.EditKey(key=key, value=value))
        case "delete":
            edit.delete_key.CopyFrom(metadata.Edit.DeleteKey(key=pairs))
        case "set":
            edit.replace.CopyFrom(metadata.Edit.Replace(replacement=_pairs(pairs)))
        case _:
            raise click.UsageError(f"{op!r} is no operation; an OP is one of {', '.join(_OPS)}")


def _pairs(text: str) -> dict[str, str]:
    """All pairs: a JSON object, or `k=v;k=v`."""
    if not text.lstrip().startswith("{"):
        return dict(_pair(part) for part in text.split(";") if part)
    try:
        pairs = json.loads(text)
    except json.JSONDecodeError as error:
        raise click.UsageError(f"{text!r} is no JSON: {error}") from error
    if not all(isinstance(value, str) for value in pairs.values()):
        raise click.UsageError(f"{text!r} has values that are no texts")
    return {str(key): value for key, value in pairs.items()}


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"{text!r} is no KEY=VALUE")
    return key, value


def _project(edit: Message, name: str, _project: str) -> None:
    edit.project.CopyFrom(pfs.ProjectPicker(name=name))


def _repo(edit: Message, name: str, project: str) -> None:
    edit.repo.CopyFrom(_repo_picker(refs.repo(name, project)))


def _branch(edit: Message, name: str, project: str) -> None:
    edit.branch.CopyFrom(_branch_picker(refs.branch(name, project)))


def _commit(edit: Message, name: str, project: str) -> None:
    commit = refs.commit(name, project)
    parsed = ancestry.parse(commit.id or commit.branch.name)
    if is_id(parsed.base):
        by_id = pfs.CommitPicker.CommitByGlobalId(repo=_repo_picker(commit.repo), id=parsed.base)
        picker = pfs.CommitPicker(id=by_id)
    else:
        branch = _branch_picker(pfs.Branch(repo=commit.repo, name=parsed.base))
        if parsed.from_root is not None:
            root = pfs.CommitPicker.BranchRoot(branch=branch, offset=parsed.from_root)
            picker = pfs.CommitPicker(branch_root=root)
        else:
            picker = pfs.CommitPicker(branch_head=branch)
    if parsed.back:
        picker = pfs.CommitPicker(ancestor=pfs.CommitPicker.AncestorOf(start=picker, offset=parsed.back))
    edit.commit.CopyFrom(picker)


def _pipeline(edit: Message, name: str, project: str) -> None:
    pipeline = refs.pipeline(name, project)
    name_ = pps.PipelinePicker.PipelineName(
        project=pfs.ProjectPicker(name=pipeline.project.name), name=pipeline.name
    )
    edit.pipeline.CopyFrom(pps.PipelinePicker(name=name_))


def _cluster(edit: Message, _name: str, _project: str) -> None:
    edit.cluster.CopyFrom(metadata.ClusterPicker())


def _repo_picker(repo: Message) -> Message:
    name = pfs.RepoPicker.RepoName(
        project=pfs.ProjectPicker(name=repo.project.name), name=repo.name, type=repo.type
    )
    return pfs.RepoPicker(name=name)


def _branch_picker(branch: Message) -> Message:
    return pfs.BranchPicker(
        name=pfs.BranchPicker.BranchName(repo=_repo_picker(branch.repo), name=branch.name)
    )


_TARGETS: dict[str, Callable[[Message, str, str], None]] = {
    "project": _project,
    "repo": _repo,
    "branch": _branch,
    "commit": _commit,
    "pipeline": _pipeline,
    "cluster": _cluster,
}
