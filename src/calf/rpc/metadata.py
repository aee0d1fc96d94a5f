"""Metadata over the wire."""

from __future__ import annotations

from functools import partial

from calf.model.errors import InvalidArgument
from calf.model.refs import Pipeline
from calf.pfs.engine import Pfs
from calf.pfs.metadata import (
    AddKey,
    Change,
    Cluster,
    DeleteKey,
    Edit,
    EditKey,
    Project,
    Replace,
    Target,
    edit,
)
from calf.rpc.call import Call, Handlers
from calf.wire.messages import Message
from calf.wire.messages import metadata as api
from calf.wire.pickers import (
    read_branch_picker,
    read_commit_picker,
    read_project_picker,
    read_repo_picker,
)


def handlers(pfs: Pfs) -> Handlers:
    """EditMetadata."""
    return {"/metadata.API/EditMetadata": partial(edit_metadata, pfs)}


def edit_metadata(pfs: Pfs, request: Message, _call: Call) -> Message:
    """All edits or none."""
    edits = [Edit(_target(each), _change(each)) for each in request.edits]
    with pfs.transaction() as txn:
        edit(txn, edits)
    return api.EditMetadataResponse()


def _target(message: Message) -> Target:
    match message.WhichOneof("target"):
        case "project":
            return Project(read_project_picker(message.project))
        case "repo":
            return read_repo_picker(message.repo)
        case "branch":
            return read_branch_picker(message.branch)
        case "commit":
            return read_commit_picker(message.commit)
        case "pipeline":
            return _pipeline(message.pipeline)
        case "cluster":
            return Cluster()
        case _:
            raise InvalidArgument(
                "an edit says not what to edit",
                "pick a project, repo, branch, commit, pipeline or the cluster",
            )


def _change(message: Message) -> Change:
    match message.WhichOneof("op"):
        case "replace":
            return Replace(dict(message.replace.replacement))
        case "add_key":
            return AddKey(message.add_key.key, message.add_key.value)
        case "edit_key":
            return EditKey(message.edit_key.key, message.edit_key.value)
        case "delete_key":
            return DeleteKey(message.delete_key.key)
        case _:
            raise InvalidArgument("an edit says not what to do", "replace, add_key, edit_key or delete_key")


def _pipeline(message: Message) -> Pipeline:
    if not message.name.name:
        raise InvalidArgument("pipeline must be specified")
    return Pipeline(read_project_picker(message.name.project), message.name.name)
