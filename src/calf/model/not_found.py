"""The texts of missing and existing things, which clients match word by word (spec section 0.3)."""

from __future__ import annotations

from calf.model.errors import AlreadyExists, NotFound
from calf.model.refs import Branch, Commit, CommitRef, Job, Pipeline, Repo


def project_not_found(name: str) -> NotFound:
    """No such project."""
    return NotFound(f'project "{name}" not found', "`pachctl list project` shows what there is")


def repo_not_found(repo: Repo, nearest: str = "") -> NotFound:
    """No such repo; `nearest` is the name that was probably meant."""
    return NotFound(f"repo {repo} not found", f"{_asked(nearest)}`pachctl list repo` shows what there is")


def _asked(nearest: str) -> str:
    return f'did you mean "{nearest}"? ' if nearest else ""


def repo_exists(repo: Repo) -> AlreadyExists:
    """The repo is there already."""
    return AlreadyExists(f"repo {repo} already exists")


def branch_not_found(branch: Branch, nearest: str = "", *, without_repo: bool = False) -> NotFound:
    """No such branch (also when the repo is missing: python-pachyderm matches this text); `nearest` as for
    repos, and meant for the repo if that is missing."""
    hint = f"{_asked(nearest)}`pachctl list branch {branch.repo.name}` shows what there is"
    if without_repo:
        hint = f"repo {branch.repo} not found; {repo_not_found(branch.repo, nearest).hint}"
    return NotFound(f'branch "{branch.name}" not found in repo {branch.repo}', hint)


def commit_not_found(commit: Commit | CommitRef) -> NotFound:
    """No such commit."""
    return NotFound(
        f"commit {commit} not found", f"`pachctl list commit {commit.repo.name}` shows what there is"
    )


def commit_set_not_found(set_id: str) -> NotFound:
    """No commit has that global id."""
    return NotFound(f"no commits found for commitset {set_id}")


def file_not_found(path: str, commit: Commit) -> NotFound:
    """No such path in the commit."""
    return NotFound(
        f"file {path} not found in repo {commit.repo} at commit {commit.id}",
        f"`pachctl list file {commit.repo.name}@{commit.id}` shows what there is",
    )


def pipeline_not_found(pipeline: Pipeline, nearest: str = "") -> NotFound:
    """No such pipeline; `nearest` as for repos."""
    return NotFound(
        f'pipeline "{pipeline}" not found', f"{_asked(nearest)}`pachctl list pipeline` shows what there is"
    )


def pipeline_exists(pipeline: Pipeline) -> AlreadyExists:
    """The pipeline is there already."""
    return AlreadyExists(
        f'pipeline "{pipeline}" already exists', "use `pachctl update pipeline` to make a new version"
    )


def job_not_found(job: Job) -> NotFound:
    """No such job."""
    return NotFound(f"job {job} not found", f"`pachctl list job -p {job.pipeline.name}` shows what there is")


def datum_not_found(datum_id: str, job: Job) -> NotFound:
    """No such datum in the job."""
    return NotFound(f"datum {datum_id} not found in job {job}")
