"""The URLs of all pages, in one place. What a user named stands in the query, where any character may be."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def _with(path: str, /, **query: str | int | None) -> str:
    given = {name: value for name, value in query.items() if value not in ("", None)}
    return f"{path}?{urlencode(given, quote_via=quote)}" if given else path


def _in(project: str, *parts: str) -> str:
    return "/".join(("/p", quote(project, safe=""), *(quote(part, safe="") for part in parts)))


def projects(*, whole: bool = False) -> str:
    """Where one begins: the project, where there is only one; with `whole` the list of all in any case."""
    return "/?all=1" if whole else "/"


def dag(
    project: str,
    commit: str = "",
    against: str = "",
    after: str = "",
    show: str = "",
    node: str = "",
    find: str = "",
) -> str:
    """The graph; as of the commit set `commit`; what changed since the set `against`.

    `after` turns the pages of the bar of sets, `show="table"` gives the same as a table, `node` opens a
    panel, and what has `find` in its name is highlighted.
    """
    query = {"commit": commit, "against": against, "after": after, "show": show, "node": node, "find": find}
    return _with(_in(project), **query)


def dag_counted(project: str, commit: str, against: str, after: str, show: str) -> str:
    """What changed since the set `against` with the files counted in each repo, which may take seconds."""
    return _with(_in(project), commit=commit, against=against, after=after, show=show, files="count")


def dag_picture(project: str, commit: str = "") -> str:
    """The graph as an SVG document, to be saved."""
    return _with(_in(project, "dag.svg"), commit=commit)


def repos(project: str, show: str = "", find: str = "", after: str = "") -> str:
    """All repos of a project; with `show="system"` those of pipelines' records too."""
    return _with(_in(project, "repos"), show=show, find=find, after=after)


def repo(project: str, name: str, branch: str = "", after: str = "") -> str:
    """A repo, `name` or `name.type`: its branches and commits."""
    return _with(_in(project, "repos", name), branch=branch, after=after)


def commit(project: str, name: str, commit: str) -> str:
    """A commit of a repo."""
    return _with(_in(project, "repos", name, "commit"), commit=commit)


def files(project: str, name: str, commit: str, path: str = "/", **more: str | int | None) -> str:
    """A folder or a file of a commit; `more` says which part of it, and how it is shown."""
    return _with(_in(project, "repos", name, "files"), commit=commit, path=path, **more)


def raw(project: str, name: str, commit: str, path: str, show: str = "", part: str = "") -> str:
    """The bytes of a file; to be saved, or to be shown in a page.

    `show`: `image`, `thumb`, `frame`, of `part`, an output of a notebook; `mask`, its classes in colours but
    for that with the number `part`.
    """
    return _with(_in(project, "repos", name, "raw"), commit=commit, path=path, show=show, part=part)


def history(project: str, name: str, commit: str, path: str, after: str = "") -> str:
    """How a path came to be what it is."""
    return _with(_in(project, "repos", name, "history"), commit=commit, path=path, after=after)


def diff(project: str, name: str, old: str, new: str, path: str = "", **more: str | int | None) -> str:
    """What differs between two commits of a repo, or of one file in them; from the parent if no `old`."""
    return _with(_in(project, "repos", name, "diff"), old=old, new=new, path=path, **more)


def upload(project: str, name: str, branch: str = "master", into: str = "") -> str:
    """Where files are put into a repo; `into` a folder."""
    return _with(_in(project, "repos", name, "upload"), branch=branch, into=into)


def lineage(project: str, name: str, commit: str, path: str, **more: str | None) -> str:
    """What a file was made from, and what was made from it; of a folder, its files `after` a path.

    `look` is a job whose datums are looked through for the one that read it; `about` the name of what
    somebody follows from stage to stage.
    """
    return _with(_in(project, "repos", name, "lineage"), commit=commit, path=path, **more)


def pipelines(project: str, state: str = "", find: str = "", at: int = 0) -> str:
    """The pipelines of a project, or those in a state, or with `find` in their names; the page `at`."""
    return _with(_in(project, "pipelines"), state=state, find=find, page=at or None)


def pipeline(project: str, name: str, version: int = 0) -> str:
    """A pipeline, now or as it was in a version: its state, its inputs, its jobs."""
    return _with(_in(project, "pipelines", name), version=version or None)


def spec(project: str, name: str, version: int = 0) -> str:
    """What a pipeline asks for, field by field."""
    return _with(_in(project, "pipelines", name, "spec"), version=version or None)


def versions(project: str, name: str, before: int = 0) -> str:
    """The versions of a pipeline with what changed, those older than `before`."""
    return _with(_in(project, "pipelines", name, "versions"), before=before or None)


def plan(project: str, name: str) -> str:
    """What a job of a pipeline would do now, and why."""
    return _in(project, "pipelines", name, "plan")


def pipeline_jobs(project: str, name: str, state: str = "", before: str = "") -> str:
    """The jobs of a pipeline, those made before a time."""
    return _with(_in(project, "pipelines", name, "jobs"), state=state, before=before)


def act(project: str, name: str, deed: str, job_id: str = "") -> str:
    """Where is posted what to do with a pipeline (`start`, ...) or a job (`restart`, `replay`, ...)."""
    return _in(project, "pipelines", name, *(("jobs", job_id) if job_id else ()), deed)


def stop_set(project: str, set_id: str) -> str:
    """Where is posted that all jobs of a set are to stop."""
    return _in(project, "jobs", set_id, "stop")


def replay_set(project: str, set_id: str) -> str:
    """Where is posted that all jobs behind a set are to be replayed."""
    return _in(project, "jobs", set_id, "replay")


def replays(project: str) -> str:
    """The replays that this dashboard was asked for."""
    return _in(project, "replays")


def replay(project: str, replay_id: str) -> str:
    """A replay: how far it is, or what became of it."""
    return _in(project, "replays", replay_id)


def stop_replay(project: str, replay_id: str) -> str:
    """Where is posted that a replay is to end."""
    return _in(project, "replays", replay_id, "stop")


def replay_picture(project: str, replay_id: str, number: int) -> str:
    """A picture of how a replay differs."""
    return _in(project, "replays", replay_id, "pictures", str(number))


def jobs(project: str, state: str = "", before: str = "") -> str:
    """The newest jobs of a project, by commit set; those made before a time."""
    return _with(_in(project, "jobs"), state=state, before=before)


def job_set(project: str, set_id: str, at: int = 0) -> str:
    """All jobs of a commit set; the page `at` of them."""
    return _with(_in(project, "jobs", set_id), page=at or None)


def job(project: str, pipeline: str, job_id: str) -> str:
    """A job."""
    return _in(project, "pipelines", pipeline, "jobs", job_id)


def two_jobs(project: str, pipeline: str, job_id: str, old: str) -> str:
    """A job beside another one of its pipeline."""
    return _with(_in(project, "pipelines", pipeline, "jobs", job_id, "compare"), old=old)


def datums(project: str, pipeline: str, job_id: str, state: str = "", after: str = "") -> str:
    """The datums of a job, or those in a state, behind the one with the id `after`."""
    return _with(_in(project, "pipelines", pipeline, "jobs", job_id, "datums"), state=state, after=after)


def datum(project: str, pipeline: str, job_id: str, datum_id: str) -> str:
    """A datum of a job."""
    return _in(project, "pipelines", pipeline, "jobs", job_id, "datums", datum_id)


def logs(
    project: str, pipeline: str, job_id: str = "", datum: str = "", find: str = "", **more: str | int | None
) -> str:
    """What a pipeline, a job or a datum printed; `level`, `before` and `skip` say which lines of it."""
    return _with(_in(project, "pipelines", pipeline, "logs"), job=job_id, datum=datum, find=find, **more)


def logs_download(project: str, pipeline: str, job_id: str = "", datum: str = "") -> str:
    """The same as a file, whole."""
    return _with(_in(project, "pipelines", pipeline, "logs", "download"), job=job_id, datum=datum)


def reports(project: str, after: int = 0) -> str:
    """Evaluation reports by commit; those before the moment `after`."""
    return _with(_in(project, "reports"), after=after or None)


def summary(project: str) -> str:
    """The newest report in a line: a part of a page."""
    return _in(project, "summary")


def metrics(project: str, source: str = "", **more: str | int | None) -> str:
    """The metrics in the outputs of `source` over time; `names`, `find`, `split` and `after` choose."""
    return _with(_in(project, "metrics"), source=source, **more)


def compare(project: str, old: str = "", new: str = "") -> str:
    """Two runs beside each other: parameters, metrics, pictures; both are commit sets."""
    return _with(_in(project, "compare"), old=old, new=new)


def releases(project: str, after: int = 0) -> str:
    """Releases with their decisions; those before the moment `after`."""
    return _with(_in(project, "releases"), after=after or None)


def search(project: str, q: str = "", *, rest: bool = False) -> str:
    """What has this name or id; with `rest` also what a page that comes at once has no time for."""
    return _with(_in(project, "search"), q=q, rest="1" if rest else "")


def twin(path: str, query: str = "") -> str:
    """The JSON of the page at `path`."""
    bare = quote(path.rstrip("/"))
    return (f"{bare}.json" if bare else "/index.json") + (f"?{query}" if query else "")


def report(project: str, repo: str, commit: str) -> str:
    """An evaluation report."""
    return _with(_in(project, "reports", repo), commit=commit)


def release(project: str, repo: str, commit: str) -> str:
    """A release: its decision, its card, its proof."""
    return _with(_in(project, "releases", repo), commit=commit)


def verify(project: str, name: str, commit: str) -> str:
    """Where a POST has the engine check a commit and all that it was made from."""
    return _with(_in(project, "repos", name, "verify"), commit=commit)


def login(onward: str = "") -> str:
    """Where a token is given; `onward` is the page to go on to."""
    return _with("/login", next=onward)


def logout() -> str:
    """Where the token is forgotten."""
    return "/logout"
