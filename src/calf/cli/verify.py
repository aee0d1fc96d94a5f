"""pachctl verify."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from calf.cli import refs
from calf.cli.only_ours import only_ours
from calf.cli.session import Session, project_option
from calf.kit import exit_codes
from calf.model.errors import InvalidArgument
from calf.model.statement.replays import LEVELS
from calf.views.labels import repo_name
from calf.views.words import many, printable
from calf.wire.messages import Message, calf

_INSTEAD = "`pachctl fsck` checks what is stored"
_PATH = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("verify")
@click.argument("commit", metavar="[REPO@COMMIT]", required=False)
@click.option("--proof", type=_PATH, help="Check what `pachctl attest` wrote; no server is asked.")
@click.option(
    "--files",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --proof: the files that are said to be the commit's.",
)
@click.option("--key", type=_PATH, help="The public key (PEM) that must have signed.")
@click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form."
)
@project_option
@click.pass_obj
def command(
    session: Session,
    commit: str | None,
    proof: Path | None,
    files: Path | None,
    key: Path | None,
    output: str,
    project: str | None,
) -> int:
    """Check that a commit, and all that it was made from, is what was once signed, down to every byte.

    Prints a line a finding, and what was read. Exits with 90 when something was changed, with 4 when nothing
    was, but part of the history is gone (dropped, forgotten, older than statements).

    \b
    pachctl verify model@master
    pachctl verify --proof proof.json --files ./model --key calf.pub
    """
    if (commit is None) == (proof is None):
        raise click.UsageError("name a commit, as REPO@COMMIT, or a --proof")
    if files is not None and proof is None:
        raise click.UsageError("--files goes with --proof")
    if proof is not None:
        told = _offline(proof, files, key)
        for line in told["problems"] if output == "text" else ():
            click.echo(line)
        if files is not None and told["problems"] and (hint := _look_like_a_release(files)):
            click.echo(f"hint: {hint}", err=True)
        return _show(told, output)
    request = calf.VerifyRequest(
        commit=refs.commit(commit or "", session.project(project)), key=key.read_text() if key else ""
    )
    with only_ours("verify", _INSTEAD):
        told = _online(session, request, output)
    if key is not None and not told["statements"]:
        told |= {"ok": False, "gaps": [*told["gaps"], "nothing of it is signed, with this key or any other"]}
        click.echo(told["gaps"][-1], err=output == "json")
    return _show(told, output)


def _online(session: Session, request: Message, output: str) -> dict[str, Any]:
    told: dict[str, Any] = {"problems": [], "gaps": [], "commits": []}
    for response in session.client.call("/calf_v1.Attestation/Verify", request):
        match response.WhichOneof("body"):
            case "finding":
                finding = response.finding
                line = printable(f"{finding.uri}: {finding.text}")
                told["problems" if finding.damaged else "gaps"].append(line)
                if output == "text":
                    click.echo(line)
            case "checked":
                one = response.checked
                told["commits"].append(
                    {
                        "commit": one.uri,
                        "statement": one.statement,
                        "files": one.files,
                        "bytes": one.size_bytes,
                    }
                )
            case "verdict":
                it = response.verdict
                told |= {"ok": it.ok, "commit": _uri(it.commit)}
                told |= {"statements": it.statements, "files": it.files}
                told |= {"bytes": it.size_bytes, "key": it.keyid}
    return told | {"replayed": _kept(session, told["commits"])}


def _kept(session: Session, read: Sequence[Mapping[str, Any]]) -> list[str]:
    """The jobs whose newest replay made the same, as the server has signed and kept it."""
    from calf.views.replay.kept import kept_replays
    from calf.views.statements import commit_of

    made = [commit_of(each["commit"]) for each in read if each["statement"]]
    newest: dict[str, str] = {}
    for each in kept_replays(session.client, made) if made else ():
        newest.setdefault(_uri(each.commit).removeprefix("pfs:"), each.result)
    return [job for job, result in newest.items() if result in LEVELS]


def _uri(commit: Message) -> str:
    return f"pfs:{commit.repo.project.name}/{repo_name(commit.repo)}@{commit.id}"


def _offline(proof: Path, files: Path | None, key: Path | None) -> dict[str, Any]:
    from calf.model.statement.proof import check_proof, read_key
    from calf.model.statement.signing import read_public_key

    try:
        document = json.loads(proof.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"{proof} is not JSON: {error}", "`pachctl attest` writes proofs") from None
    if not isinstance(document, dict):
        raise InvalidArgument(f"{proof} is no proof", "`pachctl attest` writes one")
    trusted = read_public_key(key.read_text()) if key else read_key(document)
    if key is None:
        word = f"taking the proof's word for its key, {trusted.keyid}; --key names one to trust"
        click.echo(f"warning: {word}", err=True)
    if files is None:
        click.echo("warning: no files were looked at; --files names the folder with them", err=True)
    found, size = _digests(files) if files else (None, 0)
    problems = [printable(line) for line in check_proof(document, trusted, found)]
    return {
        "ok": not problems,
        "commit": str(document.get("commit")),
        "replayed": [] if problems else _replayed(document),
        "statements": len(document.get("statements", ())),
        "files": len(found or ()),
        "bytes": size,
        "key": trusted.keyid,
        "about": [] if problems else _about(document),
        "problems": problems,
        "gaps": [],
    }


def _about(proof: Mapping[str, Any]) -> list[str]:
    """Job, image and source of what a proof that holds is about."""
    from calf.views.source_words import source_words

    first = proof["sources"][0]
    source = source_words(first) or "not known"
    return [f"made by job {first['job']} in image {first['image']}", f"source: {source}"]


def _look_like_a_release(files: Path) -> str:
    """What to run instead when the files are a released model: its proof is about what evaluate made."""
    if not all((files / name).is_file() for name in ("proof.json", "provenance.json")):
        return ""
    return (
        f"{files} looks like a released model, whose proof.json is about evaluate's output; to check it:"
        f" pipelines/python -m stagekit.release.verify {files}"
    )


def _replayed(proof: Mapping[str, Any]) -> list[str]:
    """The jobs that a proof which holds says were run again and made the same."""
    jobs = (proof["reproduced"] or {}).get("jobs", ())
    return [job["job"] for job in jobs if job["result"] in LEVELS]


def _digests(folder: Path) -> tuple[dict[str, str], int]:
    """The SHA-256 of every file below a folder by path, and their size. Raises `InvalidArgument`."""
    digests, size = {}, 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise InvalidArgument(f"{path} is neither a file nor a folder", "a commit holds nothing else")
        if path.is_file():
            with path.open("rb") as file:
                digests[f"/{path.relative_to(folder)}"] = hashlib.file_digest(file, "sha256").hexdigest()
            size += path.stat().st_size
    return digests, size


def _show(told: dict[str, Any], output: str) -> int:
    wrong = len(told["problems"]) + len(told["gaps"])
    if output == "json":
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        statements = many(told["statements"], "statement")
        read = f"{statements}, {many(told['files'], 'file')}, {many(told['bytes'], 'byte')}"
        click.echo(printable(told["commit"]))
        if told["statements"]:
            click.echo(f"{'checked against' if told['problems'] else 'signed with'} key {told['key']}")
        elif told["ok"]:
            click.echo("signed by nobody: no job made it, so what is recorded of it is all there is")
        for line in told.get("about", ()):
            click.echo(printable(line))
        if told["ok"] and ("about" in told or told["replayed"]):
            click.echo(
                f"run again and the same: {len(told['replayed'])} of {many(told['statements'], 'job')}"
            )
        findings = many(wrong, "finding")
        click.echo(f"verified: {read}" if told["ok"] else f"not verified: {findings} in {read}")
    if told["problems"]:
        return exit_codes.INTEGRITY
    return exit_codes.NOT_FOUND if told["gaps"] else exit_codes.OK
