"""The repos that hold what people put in, and how the head of a repo is named."""

from __future__ import annotations

from calf.wire.messages import Message, pfs

REPOS = {
    "weights": "Pretrained weights, never fetched at run time.",
    "params": "Resolved parameters, a file a stage.",
    "pets": "Photos and trimaps in Oxford-IIIT Pet layout.",
}
PROOF_REPOS = {
    "proofs": "Proofs that `pachctl attest` made: release reads the one about evaluate's output.",
    "serving": "The release that is serving: a copy of release's output, put there by whoever serves it.",
}


def branch_head(name: str) -> Message:
    """The head of a repo's master."""
    repo = pfs.Repo(name=name, type="user", project=pfs.Project(name="default"))
    return pfs.Commit(repo=repo, branch=pfs.Branch(repo=repo, name="master"))
