"""The proof of an output: what `pachctl attest` found out about a commit, as a document.

Statements, summary and each good replay are signed by the engine, and must agree with each other, with the
rest of the proof and with the files that the stage was given. Whoever may write to the repo `proofs` can
leave things out; where `trusted_keys` names whom to believe, he can invent nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

NAME = "evaluate.json"
EVALUATE, RELEASE = "evaluate", "release"
"""The pipelines whose outputs a proof is read about."""
_LARGEST = 64 << 20
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class UnreadableProofError(Exception):
    """There is no proof, or it is no proof; the text says why."""


class Part(BaseModel):  # type: ignore[misc]  # pydantic is no part of the environment that mypy runs in
    """A part of the document. Keys that are unknown here are let through: a later engine may say more."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Verified(Part):
    """What came of reading every statement, and every byte that they speak of; the summary signs it."""

    ok: bool
    statements: int
    files: int
    bytes: int
    problems: tuple[str, ...] = ()


class Replayed(Part):
    """What came of running one job again: `job` is `<project>/<pipeline>@<id>`.

    `signed` is a DSSE envelope in which the engine says the same of a good one.
    """

    job: str
    result: str
    detail: str = ""
    signed: dict[str, Any] | None = None

    @property
    def same(self) -> bool:
        """Whether it gave what it had given, but for files that a pipeline declares to differ."""
        return self.exact or self.result == "within tolerance"

    @property
    def exact(self) -> bool:
        """Whether it gave the same bytes, all of them."""
        return self.result == "reproduced"


class Reproduced(Part):
    """What came of running the jobs again."""

    ok: bool
    jobs: tuple[Replayed, ...]


class Proof(Part):
    """The document; `statements` are DSSE envelopes, that of `commit` first, and `summary` is one."""

    v: Literal[1]
    commit: Annotated[str, Field(pattern=r"^pfs:[^/@]+/[^/@]+@[0-9a-f]{32}$")]
    files: dict[str, Sha256]
    verified: Verified
    reproduced: Reproduced | None = None
    statements: tuple[dict[str, Any], ...]
    summary: dict[str, Any]
    key: str

    @property
    def commit_id(self) -> str:
        """The 32 digits of the commit."""
        return self.commit.rpartition("@")[2]

    def not_of(self, pipeline: str, project: str = "") -> Iterator[str]:
        """Tell when it is about another repo: any pipeline may hand out files that it was given.

        Without `project`, that of any project will do.
        """
        own, _, name = self.commit.removeprefix("pfs:").partition("@")[0].partition("/")
        if name != pipeline or (project and own != project):
            whose = f"{project}/{pipeline}" if project else pipeline
            yield f"the proof is about {self.commit}, which is no output of {whose}"


def read_proof(path: Path) -> Proof:
    """Read a proof. Raises `UnreadableProofError` when there is none, or it says nothing that counts."""
    if not path.is_file():
        raise UnreadableProofError(f"there is no {path.name} in {path.parent.name}")
    if path.stat().st_size > _LARGEST:
        raise UnreadableProofError(f"{path.name} is larger than {_LARGEST >> 20} MiB")
    text = path.read_bytes()
    try:
        proof: Proof = Proof.model_validate(json.loads(text), strict=False)
        return proof
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise UnreadableProofError(f"{path.name} is no proof: {place}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableProofError(f"{path.name} is no JSON ({error})") from error
