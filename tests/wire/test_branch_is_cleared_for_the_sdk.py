from __future__ import annotations

from typing import Any

import pytest

from calf.wire.branches import clear_branches, wants_branches
from calf.wire.messages import pfs

COMMIT = {"id": "1", "repo": {"name": "r"}, "branch": {"name": "master", "repo": {"name": "r"}}}
INFO = {"commit": COMMIT, "parent_commit": COMMIT}
FILE = {"file": {"commit": COMMIT, "path": "/a"}}


@pytest.mark.parametrize(
    "message",
    [
        pfs.Commit(**COMMIT),
        pfs.CommitInfo(**INFO),
        pfs.CommitSetInfo(commits=[INFO, INFO]),
        pfs.File(commit=COMMIT),
        pfs.FileInfo(**FILE),
        pfs.DiffFileResponse(new_file=FILE, old_file=FILE),
        pfs.BranchInfo(branch={"name": "keep"}, head=COMMIT),
        pfs.FindCommitsResponse(found_commit=COMMIT),
    ],
    ids=lambda message: message.DESCRIPTOR.name,
)
def test_no_branch_is_left_in_any_commit(message: Any) -> None:
    assert "master" in str(message)
    clear_branches(message)
    assert "master" not in str(message)
    assert 'id: "1"' in str(message)


def test_absent_parts_stay_absent() -> None:
    message = pfs.CommitInfo(commit=COMMIT)
    clear_branches(message)
    assert not message.HasField("parent_commit")


@pytest.mark.parametrize(
    ("agent", "wants"),
    [
        ("pachyderm-sdk grpc-python/1.85.1 grpc-c/58.0.0 (linux; chttp2) v2.12.2", False),
        ("python-pachyderm grpc-python/1.85.1 grpc-c/58.0.0 (linux; chttp2)", True),
        ("grpc-go/1.33.3", True),
    ],
)
def test_only_the_sdk_wants_them_cleared(agent: str, wants: bool) -> None:
    assert wants_branches(agent) is wants
