"""Jobs as users point at them: by ID, or by the branch whose head the job made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calf.cli import refs
from calf.model.errors import NotFound
from calf.model.names import is_id
from calf.wire.messages import Message, pfs, pps

if TYPE_CHECKING:
    from calf.cli.session import Session


def job_at(session: Session, text: str, project: str | None) -> Message:
    """The job of `PIPELINE@ID`, or of `PIPELINE@BRANCH`, with ancestry as for commits.

    Raises NotFound for a branch that is not there, and before that for the pipeline.
    """
    target = refs.job(text, session.project(project))
    if is_id(target.id):
        return target
    try:
        commit = refs.commit(text, session.project(project))
        info = session.client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=commit))
    except NotFound:
        session.client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=target.pipeline))
        raise
    return pps.Job(pipeline=target.pipeline, id=info.commit.id)
