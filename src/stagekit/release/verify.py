"""`python -m stagekit.release.verify BUNDLE`: whether a released model is what it says it is, offline.

Every file against `provenance.json`; the model's and evaluate's files against the signed summary in
`proof.json`; the signatures and the chain of statements behind them. Exit code 0, or 1 with a line a problem.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from stagekit import canonical
from stagekit.errors import StageError
from stagekit.release import provenance
from stagekit.release.bundle import MADE_HERE, PROOF
from stagekit.release.chain import check_chain
from stagekit.release.dsse import key_id, load_key, trusted
from stagekit.release.proof import Proof, UnreadableProofError, read_proof
from stagekit.release.summary import check_summary
from stagekit.stage import run_stage


def verify(bundle: Path, keys: tuple[str, ...] = ()) -> list[str]:
    """List what is wrong with a bundle; `keys` (PEM) are those to trust, by default the proof's own.

    Raises `StageError` when the folder is no bundle.
    """
    found = canonical.tree_digests(bundle)
    problems = list(_against_statement(found, _subjects(bundle / provenance.NAME)))
    try:
        proof = read_proof(bundle / PROOF)
    except UnreadableProofError as error:
        return [*problems, str(error)]
    return [*problems, *_against_proof(found, proof), *_signatures(proof, keys)]


def main(words: list[str] | None = None) -> int:
    """Verify what the command line names; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m stagekit.release.verify", description=__doc__)
    parser.add_argument("bundle", type=Path, help="the folder model/ of a release")
    parser.add_argument("--key", type=Path, action="append", default=[], help="a public key (PEM) to trust")
    asked = parser.parse_args(words)

    def command() -> None:
        keys = tuple(_text(path) for path in asked.key)
        if problems := verify(asked.bundle, keys):
            raise StageError("\n  ".join((f"{asked.bundle} is not as it was released:", *problems)))
        _tell(read_proof(asked.bundle / PROOF), pinned=bool(keys))

    return run_stage(command)


def _tell(proof: Proof, *, pinned: bool) -> None:
    words = [
        f"verified: {proof.commit}, {len(proof.files)} files, {len(proof.statements)} signed statements",
        f"signed with {key_id(load_key(proof.key))}"
        + ("" if pinned else ", which is the proof's own word: give --key to say whom you trust"),
    ]
    print("\n".join(words))  # noqa: T201 - a command


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StageError(f"{path}: cannot be read ({error})") from error


def _subjects(path: Path) -> dict[str, str]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {str(each["name"]): str(each["digest"]["sha256"]) for each in told["subject"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StageError(
            f"{path}: no statement about a bundle ({error!r}); give the folder model/"
        ) from error


def _against_statement(found: Mapping[str, str], subjects: Mapping[str, str]) -> Iterator[str]:
    for name in sorted((found.keys() | subjects.keys()) - {provenance.NAME}):
        if name not in found:
            yield f"{name} is missing"
        elif name not in subjects:
            yield f"{name} is not part of it"
        elif found[name] != subjects[name]:
            yield f"{name} has changed"


def _against_proof(found: Mapping[str, str], proof: Proof) -> Iterator[str]:
    """Hold what was taken over from evaluate against what the engine says that evaluate made."""
    for name, digest in sorted(found.items()):
        if name in MADE_HERE:
            continue
        told = proof.files.get(f"/model/{name}", proof.files.get(f"/{name}"))
        if told != digest:
            yield f"{name} is not what evaluate made, by the proof"
    for path in sorted(proof.files):
        name = path.removeprefix("/model/")
        if name != path and name not in found:
            yield f"{name}, which evaluate made, is missing"


def _signatures(proof: Proof, pems: tuple[str, ...]) -> list[str]:
    keys, wrong = trusted(proof.key, pems)
    if not keys:
        return wrong
    chain = check_chain(proof.statements, keys, proof.commit)
    return [*wrong, *chain.problems, *check_summary(proof, chain, keys)]


if __name__ == "__main__":
    sys.exit(main())
