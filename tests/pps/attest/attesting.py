"""Short ways to ask a workshop about statements."""

from __future__ import annotations

import json
from typing import Any

from calf.db import commits as commit_rows
from calf.db import statements
from calf.db.statements import Kept
from calf.kit.cancel import CancelToken
from calf.model.refs import Commit, CommitRef, Repo
from calf.model.statement.signing import PublicKey
from calf.pfs import commits
from calf.pps.attest.chain import Finding
from calf.pps.attest.checking import attest_checks
from calf.pps.attest.verifying import Verdict, verify
from tests.pps.workshop import Workshop


def kept(workshop: Workshop, repo: str, at: str = "master") -> Kept | None:
    with workshop.pfs.read() as tx:
        row = commit_rows.get(tx, commit_of(workshop, repo, at))
        assert row is not None
        return statements.get(tx, row.id)


def statement(workshop: Workshop, repo: str, at: str = "master") -> dict[str, Any]:
    found = kept(workshop, repo, at)
    assert found is not None
    document: dict[str, Any] = json.loads(found.envelope.payload)
    return document


def internal(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["predicate"]["buildDefinition"]["internalParameters"]
    return found


def materials(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["predicate"]["buildDefinition"]["resolvedDependencies"]
    return found


def commit_of(workshop: Workshop, repo: str, at: str = "master") -> Commit:
    with workshop.pfs.read() as tx:
        return commits.resolve(tx, CommitRef(Repo("default", repo), at))


def findings(workshop: Workshop, repo: str, at: str = "master", key: PublicKey | None = None) -> list[str]:
    """What is found, gaps with `?` before them."""
    ref = CommitRef(Repo("default", repo), at)
    found = list(verify(workshop.pps, ref, CancelToken(), key=key))
    texts = [
        f"{'' if each.damaged else '? '}{each.uri.partition('@')[0]}: {each.text}"
        for each in found
        if isinstance(each, Finding)
    ]
    assert isinstance(found[-1], Verdict)
    assert found[-1].ok == (not texts)
    return texts


def verdict(workshop: Workshop, repo: str, *, summarise: bool = False) -> Verdict:
    ref = CommitRef(Repo("default", repo), "master")
    *_, last = verify(workshop.pps, ref, CancelToken(), summarise=summarise)
    assert isinstance(last, Verdict)
    return last


def fsck(workshop: Workshop) -> list[str]:
    """What the checks of statements find."""
    with workshop.pfs.read() as tx:
        return [str(each) for check in attest_checks(workshop.pps) for each in check(tx)]


def edit(workshop: Workshop, sql: str, *params: object) -> None:
    """Change rows behind the engine's back."""
    with workshop.pfs.db.write() as tx:
        tx.execute("DROP TRIGGER IF EXISTS commits_never_change")
        assert tx.execute(sql, params).rowcount
