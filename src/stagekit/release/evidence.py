"""What speaks for the model besides its figures: that it is what the engine says, again and from known code.

Three checks, each made whatever the policy requires: *verified* (a signed proof of these very files, whole to
its ends), *reproduced* (every job behind them was replayed), *clean* (every image is pinned, and its code was
committed). What fails and is not required is waived, and named so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stagekit.release.chain import Chain, Statement, check_chain
from stagekit.release.checks import Check
from stagekit.release.dsse import trusted
from stagekit.release.params import ReleaseParams
from stagekit.release.proof import EVALUATE, NAME, Proof, Reproduced, UnreadableProofError, read_proof
from stagekit.release.replays import check_replays
from stagekit.release.summary import check_summary

_TOLD = 3
_HOW = (
    "make one: pachctl attest evaluate@master -o evaluate.json, then "
    "pachctl put file proofs@master:/evaluate.json -f evaluate.json"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The three checks, and the proof that they are about; the proof is None where none can be read."""

    checks: tuple[Check, ...]
    proof: Proof | None
    chain: Chain


def examine(
    files: Mapping[str, str], proofs: Path | None, params: ReleaseParams, project: str = ""
) -> Evidence:
    """Hold the proof in the folder `proofs` against the files that the stage was given (path to SHA-256).

    They come from evaluate in `project`; where that is not known, from evaluate in any.
    """
    try:
        if proofs is None or not (proofs / NAME).exists():
            raise UnreadableProofError("there is no proof of evaluate's output; " + _HOW)
        proof = read_proof(proofs / NAME)
    except UnreadableProofError as error:
        return Evidence(_without_proof(str(error), params), None, Chain((), ()))
    keys, wrong = trusted(proof.key, params.trusted_keys)
    chain = check_chain(proof.statements, keys, proof.commit) if keys else Chain((), ())
    wrong += [
        *chain.problems,
        *(check_summary(proof, chain, keys) if keys else ()),
        *proof.not_of(EVALUATE, project),
        *_other_files(proof, files),
    ]
    require = params.require
    checks = (
        _check("verified", "unverified", require.verified, wrong, _whole(chain, params)),
        _check(
            "reproduced",
            "unreproduced",
            require.reproduced,
            [*_not_replayed(proof, chain), *check_replays(proof, chain, keys)],
            _replayed(proof.reproduced),
        ),
        _check("clean", "dirty", require.clean, [*_unclean(chain)], _CLEAN),
    )
    return Evidence(checks, proof, chain)


_REPLAYED = "every job behind it was replayed, and gave the same"
_DECLARED = ", but for files that their pipelines declare to differ: "
_CLEAN = "every image is pinned by digest, and its code was committed"


def _check(name: str, fault: str, required: bool, wrong: list[str], right: str) -> Check:
    if not wrong:
        return Check(name, True, f"{name}: {right}")
    told = "; ".join(wrong[:_TOLD]) + (f"; and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else "")
    waived = not required
    return Check(name, False, f"{'waived: ' if waived else ''}{fault}: {told}", waived=waived)


def _without_proof(why: str, params: ReleaseParams) -> tuple[Check, ...]:
    require = params.require
    return (
        _check("verified", "unverified", require.verified, [why], ""),
        _check("reproduced", "unreproduced", require.reproduced, ["there is no proof to say so"], ""),
        _check("clean", "dirty", require.clean, ["there is no proof to say so"], ""),
    )


def _whole(chain: Chain, params: ReleaseParams) -> str:
    whose = (
        "a key in release.trusted_keys" if params.trusted_keys else "the proof's own key, as none is trusted"
    )
    return (
        f"every byte was read, and {len(chain.statements)} statements, signed with {whose}, lead to what "
        "users put in"
    )


def _other_files(proof: Proof, files: Mapping[str, str]) -> list[str]:
    for path in sorted(files.keys() | proof.files.keys()):
        if files.get(path) != proof.files.get(path):
            how = "differs" if path in files and path in proof.files else "is in one only"
            return [f"the proof is about other files ({path} {how})"]
    return []


def _not_replayed(proof: Proof, chain: Chain) -> Iterator[str]:
    """Tell which jobs behind the files nobody ran again, or ran again and got something else."""
    if proof.reproduced is None:
        yield "nobody replayed the jobs; pachctl attest --replay all does"
        return
    told = [*_jobs_not_replayed(proof.reproduced, chain)]
    yield from told
    if not chain.statements:
        yield "no signed statement names the jobs"
    elif not proof.reproduced.ok and not told:
        yield "the proof says that the replay failed"


def _replayed(reproduced: Reproduced | None) -> str:
    """Say that all is well, and which jobs were so within a tolerance only."""
    within = [job.job.partition("@")[0] for job in (reproduced.jobs if reproduced else ()) if not job.exact]
    return _REPLAYED + (_DECLARED + ", ".join(within) if within else "")


def _jobs_not_replayed(reproduced: Reproduced, chain: Chain) -> Iterator[str]:
    results = {job.job: job for job in reproduced.jobs}
    for statement in chain.statements:
        replayed = results.get(statement.ran)
        if replayed is None:
            yield f"{statement.pipeline} was not replayed"
        elif not replayed.same:
            detail = f" ({replayed.detail})" if replayed.detail else ""
            yield f"replay of {statement.pipeline}: {replayed.result}{detail}"


def _unclean(chain: Chain) -> Iterator[str]:
    """Tell which images nobody can build again from a commit."""
    if not chain.statements:
        yield "no signed statement names the images"
    for statement in chain.statements:
        yield from _image_faults(statement)


def _image_faults(statement: Statement) -> Iterator[str]:
    image = statement.image
    if not image.digest:
        yield f"{statement.pipeline}: its image is not pinned by a digest"
    if image.dirty:
        changed = ", ".join(image.changed[:2])
        yield f"{statement.pipeline}: its image has code that was not committed ({changed})"
    elif image.dirty is None or not image.commit:
        yield f"{statement.pipeline}: nobody knows which commit its image was built from"
