"""`python -m stagekit.release.verify BUNDLE`: whether a released model is what it says it is, offline.

Every file against `provenance.json`; the model's and evaluate's files against the signed summary in
`proof.json`; the signatures and the chain of statements behind them. What release itself wrote (card,
manifests, provenance) is signed by nobody in the bundle: `--proof` gives the engine's proof of release's own
output, which signs every byte. Exit code 0, or 1 with a line a problem.
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
from stagekit.release.chain import Chain, check_chain
from stagekit.release.dsse import key_id, load_key, trusted
from stagekit.release.evidence import Evidence
from stagekit.release.proof import EVALUATE, RELEASE, Proof, UnreadableProofError, read_proof
from stagekit.release.replays import check_replays
from stagekit.release.summary import check_summary
from stagekit.stage import run_stage

_WITHIN = "/model/"
"""Where the model lies in evaluate's output, and the bundle in release's."""


def verify(bundle: Path, keys: tuple[str, ...] = (), whole: Path | None = None) -> list[str]:
    """List what is wrong with a bundle; `keys` (PEM) are those to trust, by default the proofs' own.

    `whole` is a proof of the commit of release that holds the bundle. Raises `StageError` when the folder is
    no bundle.
    """
    found = canonical.tree_digests(bundle)
    problems = list(_against_statement(found, _subjects(bundle / provenance.NAME)))
    try:
        proof = read_proof(bundle / PROOF)
        outer = read_proof(whole) if whole else None
    except UnreadableProofError as error:
        return [*problems, str(error)]
    keys = keys or (proof.key,)
    chain, wrong = _signatures(proof, keys)
    problems += [*proof.not_of(EVALUATE), *_against_proof(found, proof), *wrong]
    problems += provenance.faults((bundle / provenance.NAME).read_bytes(), Evidence((), proof, chain))
    if outer is not None:
        problems += [*outer.not_of(RELEASE), *_against_whole(found, outer), *_signatures(outer, keys)[1]]
    return problems


def changed(bundle: Path) -> list[str]:
    """List which files are not those of `provenance.json`: all that a bundle without a proof can be asked.

    Raises `StageError` when the folder is no bundle.
    """
    return list(_against_statement(canonical.tree_digests(bundle), _subjects(bundle / provenance.NAME)))


def main(words: list[str] | None = None) -> int:
    """Verify what the command line names; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m stagekit.release.verify", description=__doc__)
    parser.add_argument("bundle", type=Path, help="the folder model/ of a release")
    parser.add_argument("--key", type=Path, action="append", default=[], help="a public key (PEM) to trust")
    parser.add_argument(
        "--proof", type=Path, help="of the commit that holds it: pachctl attest release@COMMIT -o FILE"
    )
    asked = parser.parse_args(words)

    def command() -> None:
        keys = tuple(_text(path) for path in asked.key)
        if problems := verify(asked.bundle, keys, asked.proof):
            raise StageError("\n  ".join((f"{asked.bundle} is not as it was released:", *problems)))
        _tell(read_proof(asked.bundle / PROOF), pinned=bool(keys), whole=asked.proof is not None)

    return run_stage(command)


def _tell(proof: Proof, *, pinned: bool, whole: bool) -> None:
    words = [
        f"verified: {proof.commit}, {len(proof.files)} files, {len(proof.statements)} signed statements",
        f"signed with {key_id(load_key(proof.key))}"
        + ("" if pinned else ", which is the proof's own word: give --key to say whom you trust"),
        "every byte of the bundle is signed"
        if whole
        else "card, manifests and provenance.json are signed by nobody here: give --proof, made by "
        "`pachctl attest release@COMMIT`, to check them too",
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
        told = proof.files.get(f"{_WITHIN}{name}", proof.files.get(f"/{name}"))
        if told != digest:
            yield f"{name} is not what evaluate made, by the proof"
    for path in sorted(proof.files):
        name = path.removeprefix(_WITHIN)
        if name != path and name not in found:
            yield f"{name}, which evaluate made, is missing"


def _against_whole(found: Mapping[str, str], outer: Proof) -> Iterator[str]:
    """Hold every file against what the engine says that release made."""
    made = {
        path.removeprefix(_WITHIN): digest for path, digest in outer.files.items() if path.startswith(_WITHIN)
    }
    for name in sorted(found.keys() | made.keys()):
        if found.get(name) != made.get(name):
            yield f"{name} is not what release made, by the proof of its output"


def _signatures(proof: Proof, pems: tuple[str, ...]) -> tuple[Chain, list[str]]:
    keys, wrong = trusted(proof.key, pems)
    if not keys:
        return Chain((), ()), wrong
    chain = check_chain(proof.statements, keys, proof.commit)
    return chain, [
        *wrong,
        *chain.problems,
        *check_summary(proof, chain, keys),
        *check_replays(proof, chain, keys),
    ]


if __name__ == "__main__":
    sys.exit(main())
