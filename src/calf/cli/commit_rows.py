"""How commits are shown in tables, and one in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from calf.cli.labels import print_labels
from calf.cli.output import Output
from calf.kit import exit_codes, sizes
from calf.views.labels import image_words, repo_name
from calf.views.states import LONGEST_REASON
from calf.views.words import first_of, moment, printable
from calf.wire.messages import Message, pfs

ORIGINS = ("AUTO", "USER", "FSCK")
_HEADERS = ("PROJECT", "REPO", "COMMIT", "FINISHED", "SIZE", "ORIGIN", "CREATOR", "DESCRIPTION")


def show_commits(infos: Iterable[Message], output: Output, *, streamed: bool = False) -> None:
    """Print commits as a table, or raw; `streamed` when they come over time."""
    output.records(_HEADERS, infos, partial(_row, full=output.full_timestamps), streamed=streamed)


def _row(info: Message, *, full: bool) -> Sequence[str]:
    repo = info.commit.repo
    return (
        repo.project.name,
        repo_name(repo),
        info.commit.id,
        moment(info.finished, full=full),
        _size(info),
        pfs.OriginKind.Name(info.origin.kind),
        info.created_by or "-",
        info.description or _why_bad(info),
    )


def _why_bad(info: Message) -> str:
    """In place of a description, why a commit is bad: a table of releases must show which were none."""
    return f"error: {first_of(info.error, LONGEST_REASON)}" if info.error else ""


def _size(info: Message) -> str:
    if info.HasField("details"):
        return sizes.format(info.details.size_bytes)
    return f"≤ {sizes.format(info.size_bytes_upper_bound)}"


def show_commit(
    info: Message, output: Output, job: Message | None = None, source: str = "", good: str = ""
) -> None:
    """Print one commit in full, or raw; `job` is the one that made it, `source` where its code is from.

    `good` is the last good commit before one with an error.
    """
    if output.raw:
        output.documents([info])
        return
    full = output.full_timestamps
    labels = [
        ("Commit", f"{repo_name(info.commit.repo)}@{info.commit.id}"),
        ("Description", printable(info.description)),
        ("Parent", info.parent_commit.id),
        ("Started", moment(info.started, full=full)),
        ("Finished", moment(info.finished, full=full) if info.HasField("finished") else ""),
        ("Size", _size(info)),
        ("Original Branch", info.commit.branch.name),
        ("Error", printable(info.error)),
        ("Provenance", ", ".join(f"{repo_name(each.repo)}@{each.id}" for each in info.direct_provenance)),
    ]
    if job is not None:
        labels += [*_made_by(job), ("Source", printable(source)), ("Note", stale(info, good))]
    print_labels([*labels, *((key, printable(value)) for key, value in sorted(info.metadata.items()))])


def stale(info: Message, good: str) -> str:
    """What an output commit with an error shows, `good` being the last good one; empty for a good one."""
    if not info.error:
        return ""
    held = f"; what it shows may be what {good} held, which is the one to ask" if good else ""
    return f"its job did not succeed{held}"


def _made_by(job: Message) -> list[tuple[str, str]]:
    return [
        ("Made By Job", f"{job.job.pipeline.name}@{job.job.id}"),
        ("Pipeline Version", str(job.pipeline_version)),
        ("Image", image_words(job.calf.image)),
        ("Isolation", job.calf.isolation),
    ]


def exit_code(infos: Iterable[Message]) -> int:
    """What waiting for these commits exits with."""
    return exit_codes.WRONG_STATE if any(info.error for info in infos) else exit_codes.OK
