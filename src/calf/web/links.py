"""The URLs of all pages, in one place. What a user named stands in the query, where any character may be."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def _with(path: str, /, **query: str | int | None) -> str:
    given = {name: value for name, value in query.items() if value not in ("", None)}
    return f"{path}?{urlencode(given, quote_via=quote)}" if given else path


def _in(project: str, *parts: str) -> str:
    return "/".join(("/p", quote(project, safe=""), *(quote(part, safe="") for part in parts)))


def projects() -> str:
    """All projects."""
    return "/"


def dag(project: str, commit: str = "", against: str = "") -> str:
    """The graph; as of the commit set `commit`; what changed since the set `against`."""
    return _with(_in(project), commit=commit, against=against)


def repos(project: str) -> str:
    """All repos of a project."""
    return _in(project, "repos")


def repo(project: str, name: str, branch: str = "") -> str:
    """A repo, `name` or `name.type`: its branches and commits."""
    return _with(_in(project, "repos", name), branch=branch)


def commit(project: str, name: str, commit: str) -> str:
    """A commit of a repo."""
    return _with(_in(project, "repos", name, "commit"), commit=commit)


def files(project: str, name: str, commit: str, path: str = "/") -> str:
    """A folder or a file of a commit."""
    return _with(_in(project, "repos", name, "files"), commit=commit, path=path)


def raw(project: str, name: str, commit: str, path: str, show: str = "") -> str:
    """The bytes of a file; to be saved, or to be shown in a page (`show`: `image`, `frame`)."""
    return _with(_in(project, "repos", name, "raw"), commit=commit, path=path, show=show)


def history(project: str, name: str, commit: str, path: str) -> str:
    """How a path came to be what it is."""
    return _with(_in(project, "repos", name, "history"), commit=commit, path=path)


def diff(project: str, name: str, old: str, new: str, path: str = "") -> str:
    """What is different between two commits of a repo, or of one file in them."""
    return _with(_in(project, "repos", name, "diff"), old=old, new=new, path=path)


def upload(project: str, name: str, branch: str = "master") -> str:
    """Where files are put into a repo."""
    return _with(_in(project, "repos", name, "upload"), branch=branch)


def lineage(project: str, name: str, commit: str, path: str) -> str:
    """What a file was made from, and what was made from it."""
    return _with(_in(project, "repos", name, "lineage"), commit=commit, path=path)


def pipelines(project: str) -> str:
    """All pipelines of a project."""
    return _in(project, "pipelines")


def pipeline(project: str, name: str, version: int = 0) -> str:
    """A pipeline, now or as it was in a version: its spec, its state, its jobs."""
    return _with(_in(project, "pipelines", name), version=version or None)


def jobs(project: str) -> str:
    """The newest jobs of a project, by commit set."""
    return _in(project, "jobs")


def job_set(project: str, set_id: str) -> str:
    """All jobs of a commit set."""
    return _in(project, "jobs", set_id)


def job(project: str, pipeline: str, job_id: str) -> str:
    """A job."""
    return _in(project, "pipelines", pipeline, "jobs", job_id)


def datums(project: str, pipeline: str, job_id: str, state: str = "") -> str:
    """The datums of a job, or those in a state."""
    return _with(_in(project, "pipelines", pipeline, "jobs", job_id, "datums"), state=state)


def datum(project: str, pipeline: str, job_id: str, datum_id: str) -> str:
    """A datum of a job."""
    return _in(project, "pipelines", pipeline, "jobs", job_id, "datums", datum_id)


def logs(project: str, pipeline: str, job_id: str = "", datum: str = "", find: str = "") -> str:
    """What a pipeline, a job or a datum printed."""
    return _with(_in(project, "pipelines", pipeline, "logs"), job=job_id, datum=datum, find=find)


def reports(project: str) -> str:
    """Evaluation reports by commit."""
    return _in(project, "reports")


def metrics(project: str) -> str:
    """The metrics of evaluations over time."""
    return _in(project, "metrics")


def compare(project: str, old: str, new: str) -> str:
    """Two runs beside each other: parameters, metrics, pictures; both are commit sets."""
    return _with(_in(project, "compare"), old=old, new=new)


def releases(project: str) -> str:
    """Releases with their decisions."""
    return _in(project, "releases")


def search(project: str, q: str = "") -> str:
    """What has this name or id."""
    return _with(_in(project, "search"), q=q)


def twin(path: str, query: str = "") -> str:
    """The JSON of the page at `path`."""
    bare = quote(path.rstrip("/"))
    return (f"{bare}.json" if bare else "/index.json") + (f"?{query}" if query else "")
