"""A commit by its name: what the pages about origins and results point at, and remember things by."""

from __future__ import annotations

from dataclasses import dataclass

from calf.views.labels import repo_name
from calf.views.names import repo_called
from calf.web.files.places import commit_at
from calf.web.pages import Ask
from calf.wire.messages import Message, pfs


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A commit; `repo` is `name`, or `name.type` of a system repo."""

    project: str
    repo: str
    commit: str

    @property
    def message(self) -> Message:
        """The commit as a message."""
        return pfs.Commit(repo=repo_called(self.repo, self.project), id=self.commit)

    @property
    def data(self) -> dict[str, str]:
        """The commit in the data of a page."""
        return {"project": self.project, "repo": self.repo, "commit": self.commit}

    def is_beside(self, other: Spot) -> bool:
        """Whether both are commits of the same repo."""
        return (self.project, self.repo) == (other.project, other.repo)

    def file(self, path: str) -> Message:
        """A path in it."""
        return pfs.File(commit=self.message, path=path)


def find_spot(ask: Ask, repo: str) -> Spot:
    """The commit of a repo that the query names, by its id or a branch. Raises `NotFound`."""
    at = Spot(ask.project, repo, "").message.repo
    request = pfs.InspectCommitRequest(commit=commit_at(at, ask.needed("commit")))
    return spot_of(ask.client.pfs.InspectCommit(request).commit)


def spot_of(commit: Message) -> Spot:
    """The name of a commit."""
    return Spot(commit.repo.project.name, repo_name(commit.repo), commit.id)
