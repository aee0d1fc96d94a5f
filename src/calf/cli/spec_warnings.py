"""What a spec that a server takes may still get wrong: warnings, each once a command, on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calf.kit.nearest import nearest
from calf.model.errors import NotFound
from calf.wire.messages import Message, pfs, pps

if TYPE_CHECKING:
    from calf.cli.session import Session
    from calf.model.spec import PipelineSpec

_HOST = "host"


def warn_before(session: Session, spec: PipelineSpec) -> None:
    """Warn of what sending the spec would hide: branches that it makes, tags that a cluster does not fix."""
    if spec.transform and not session.client.serves_batches():  # ours pins each image to a digest
        _warn_about_tag(session, spec.transform.image)
    for branch in _read_branches(spec):
        _warn_about_branch(session, branch)


def _read_branches(spec: PipelineSpec) -> list[Message]:
    """The branches that the spec reads and that it does not make by a trigger of its own, none twice."""
    from calf.model.spec import PfsInput, leaves

    found = {
        (leaf.project or spec.pipeline.project, leaf.repo, leaf.branch or "master"): None
        for leaf in (leaves(spec.input) if spec.input else ())
        if isinstance(leaf, PfsInput) and not leaf.trigger and leaf.repo_type in ("", "user")
    }
    return [
        pfs.Branch(repo=pfs.Repo(name=repo, type="user", project=pfs.Project(name=project)), name=branch)
        for project, repo, branch in found
    ]


def warn_after(session: Session, spec: PipelineSpec) -> None:
    """Warn of a pipeline that cannot run as it is, with the server's reason."""
    project = pfs.Project(name=spec.pipeline.project)
    target = pps.Pipeline(name=spec.pipeline.name, project=project)
    info = session.client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=target))
    if info.state == pps.PIPELINE_CRASHING and info.reason:
        session.warn(f"pipeline {spec.pipeline.name} cannot run: {info.reason}")


def _warn_about_branch(session: Session, branch: Message) -> None:
    try:
        infos = session.client.pfs.ListBranch(pfs.ListBranchRequest(repo=branch.repo))
        names = [info.branch.name for info in infos]
    except NotFound:  # the server says so
        return
    if not names or branch.name in names:
        return
    meant = nearest(branch.name, names)
    asked = f"did you mean {meant}?" if meant else f"there is {', '.join(sorted(names))}"
    session.warn(f"branch {branch.repo.name}@{branch.name} does not exist yet and is made empty; {asked}")


def _warn_about_tag(session: Session, image: str) -> None:
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    if not name or name == _HOST or digest or tag not in ("", "latest"):
        return
    plain = name.removesuffix(":latest")
    session.warn(
        f"please specify a tag for the image in transform.image: a cluster takes whatever {plain!r} "
        f"is that day. For example, change {name!r} to '{plain}:1'"
    )
