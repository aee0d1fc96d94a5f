"""How to make the model again, and how to see that it is the one: commands that can be pasted."""

from __future__ import annotations

from collections.abc import Mapping

from stagekit.release.card.markdown import code, table
from stagekit.release.evidence import Evidence


def origin(evidence: Evidence) -> str:
    """Give the commands, and a table of the jobs with the images and sources that they ran."""
    if evidence.proof is None:
        return "It was released without a proof of its origin: what made it is in the engine, if at all."
    own = evidence.proof.commit_id
    commands = [f"pachctl verify evaluate@{own}", *_replays(evidence)]
    offline = code(
        "pipelines/python -m stagekit.release.verify <this folder> [--key calf.pub] [--proof release.json]"
    )
    parts = [_OFFLINE, offline, _ONLINE, code("\n".join(commands))]
    if evidence.chain.statements:
        parts += ["These jobs made it:", _jobs(evidence)]
    if evidence.chain.origins:
        parts += ["From what users put in:", _inputs(evidence), *_anew(evidence)]
    return "\n\n".join(parts)


def _anew(evidence: Evidence) -> tuple[str, ...]:
    """Say how to get there without that engine: from the code, the photos and the parameters."""
    params = [_short(dep.uri.removeprefix("pfs:")) for dep in evidence.chain.origins if "/params@" in dep.uri]
    images = [job.image for job in evidence.chain.in_order]
    if not params or not all(image.commit for image in images) or any(image.dirty for image in images):
        return (_NOT_ANEW,)
    commits = list(dict.fromkeys(image.commit for image in images))
    commands = (
        f"pachctl get file {params[0]}:/record/resolved.yaml -o resolved.yaml",
        f"git checkout {commits[-1]}",
        "make run PETS=<photos> OVERLAY=resolved.yaml",
    )
    several = (_SEVERAL,) if len(commits) > 1 else ()
    return (_ANEW, code("\n".join(commands)), *several)


def _replays(evidence: Evidence) -> list[str]:
    return [f"pachctl replay {_short(job.ran)}" for job in evidence.chain.in_order]


def _jobs(evidence: Evidence) -> str:
    rows = []
    for job in evidence.chain.in_order:
        commit = (job.image.commit or "unknown") + (" and changes" if job.image.dirty else "")
        rows.append((f"`{_short(job.ran)}`", f"`{job.image.digest or 'not pinned'}`", f"`{commit}`"))
    return table(("job", "image", "code (git)"), rows)


def _inputs(evidence: Evidence) -> str:
    """List the commits of data; those of specs hold no files, and the statements have the specs."""
    found = {_short(dep.uri.removeprefix("pfs:")): dep for dep in evidence.chain.origins}
    rows = [(f"`{name}`", _digest(dep.digest)) for name, dep in found.items() if ".spec@" not in name]
    return table(("commit", "digest of its tree"), rows)


def _digest(digests: Mapping[str, str]) -> str:
    return " ".join(f"`{kind}:{value}`" for kind, value in sorted(digests.items()))


def _short(name: str) -> str:
    """Leave out the project that everybody is in."""
    return name.removeprefix("default/")


_OFFLINE = """Check these files without any engine, in a checkout of the code. `calf.pub` is the engine's key,
from somebody whom you trust (`pachctl attest --public-key`); `release.json` is a proof of this folder
(`pachctl attest release@<commit> -o release.json`), without which nobody has signed this card, the manifests
and `provenance.json`:"""
_ONLINE = """On the engine that made them, check every signature, every link and every byte, and run the jobs
again on their recorded inputs:"""
_ANEW = """Without that engine it is made anew from the same photos and weights, the code, and the parameters,
of which to keep a copy beside this folder while the engine is there (the first line):"""
_SEVERAL = "The jobs ran code of several commits; each stage's is in the table of jobs."
_NOT_ANEW = """Without that engine it cannot be made anew for sure: of some code nobody knows the commit, or
it was never committed, or the commit of the parameters is not known."""
