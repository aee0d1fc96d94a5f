"""What can be wrong, one type an invariant; each prints as the line that `fsck` shows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from calf.model.refs import Branch, Commit


class Violation(ABC):
    """An invariant that does not hold. Subclasses carry what it is about as data."""

    __slots__ = ()

    @abstractmethod
    def sentence(self) -> str:
        """What is wrong, in one sentence."""

    def __str__(self) -> str:
        """Pachyderm's form of a line of `fsck`."""
        return f"consistency error: {self.sentence()}"


@dataclass(frozen=True, slots=True)
class MetadataDamaged(Violation):
    """SQLite's own checks found its file broken, or a row that refers to nothing."""

    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the metadata is damaged: {self.detail}"


@dataclass(frozen=True, slots=True)
class TreeMissing(Violation):
    """I1: a finished commit's tree is not all there, or not readable."""

    commit: Commit
    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the tree of commit {self.commit} cannot be read: {self.detail}"


@dataclass(frozen=True, slots=True)
class ContentMissing(Violation):
    """I2: a tree refers to content that is not stored."""

    commit: Commit
    object_id: bytes
    path: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"object {self.object_id.hex()} of {self.commit}:{self.path} is not stored"


@dataclass(frozen=True, slots=True)
class ObjectDamaged(Violation):
    """I3: an object's bytes are not what its id says. `hurts` are the files that need it, newest first."""

    object_id: bytes
    detail: str
    hurts: tuple[str, ...] = ()

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        hurts = f"; it hurts {', '.join(self.hurts)}" if self.hurts else "; no commit needs it"
        return f"object {self.object_id.hex()} is damaged: {self.detail}{hurts}"


@dataclass(frozen=True, slots=True)
class PackDamaged(Violation):
    """I3: a file of objects cannot be read at all."""

    name: str
    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"pack {self.name} is damaged: {self.detail}"


@dataclass(frozen=True, slots=True)
class CommitChanged(Violation):
    """I4: the row of a commit, or its provenance, is not what was written."""

    commit: Commit

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the record of commit {self.commit} was changed behind the engine's back"


@dataclass(frozen=True, slots=True)
class BranchChanged(Violation):
    """I5: the row of a branch, or its provenance, is not what was written."""

    branch: Branch

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the record of branch {self.branch} was changed behind the engine's back"


@dataclass(frozen=True, slots=True)
class HeadStray(Violation):
    """I5: a branch's head is not where the last recorded transaction put it, or not in its repo."""

    branch: Branch
    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the head of branch {self.branch} {self.detail}"


@dataclass(frozen=True, slots=True)
class ProvenanceBroken(Violation):
    """I6: provenance has a cycle, or a head that was not made from the heads that its branch reads."""

    subject: Branch | Commit
    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the provenance of {self.subject} {self.detail}"


@dataclass(frozen=True, slots=True)
class ParentBroken(Violation):
    """The parent of a commit is not an older commit of the same repo."""

    commit: Commit
    parent: Commit

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the parent {self.parent} of commit {self.commit} is not an older commit of its repo"


@dataclass(frozen=True, slots=True)
class FileShared(Violation):
    """I8: a finished commit without error holds a path that is not owned by exactly one datum."""

    commit: Commit
    path: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"path {self.path} in commit {self.commit} has several owners, or is file and directory"


@dataclass(frozen=True, slots=True)
class ObjectSwept(Violation):
    """I10: what an open commit holds so far is gone."""

    commit: Commit
    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"open commit {self.commit} lost what was written to it: {self.detail}"


@dataclass(frozen=True, slots=True)
class OutputZombie(Violation):
    """An output holds a file of a datum that its job does not have."""

    commit: Commit
    datum_id: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return (
            f"commit {self.commit} contains output from datum {self.datum_id} which should have been deleted"
        )
