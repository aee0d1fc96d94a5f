"""What of the API a client's transaction gathers, and what is done at once although one is open."""

from __future__ import annotations

import re
from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "/pfs_v2.API/CreateRepo": "create_repo",
    "/pfs_v2.API/DeleteRepo": "delete_repo",
    "/pfs_v2.API/StartCommit": "start_commit",
    "/pfs_v2.API/FinishCommit": "finish_commit",
    "/pfs_v2.API/SquashCommitSet": "squash_commit_set",
    "/pfs_v2.API/CreateBranch": "create_branch",
    "/pfs_v2.API/DeleteBranch": "delete_branch",
    "/pps_v2.API/UpdateJobState": "update_job_state",
    "/pps_v2.API/StopJob": "stop_job",
    "/pps_v2.API/CreatePipeline": "create_pipeline",
    "/pps_v2.API/CreatePipelineV2": "create_pipeline_v2",
}
"""The methods that a transaction may hold, and the field of `TransactionRequest` for each."""

_CHANGES = re.compile(
    r"/(pfs_v2|pps_v2|metadata)\.API/"
    r"(Create|Update|Set|Edit|Delete|Drop|Squash|Forget|Clear|Start|Stop|Run|Rerun|Restart|Egress)"
    r"|/transaction_v2\.API/BatchTransaction"
)


def runs_at_once(path: str) -> bool:
    """Whether a method changes something and is no part of a transaction, open or not."""
    return path not in FIELDS and _CHANGES.match(path) is not None
