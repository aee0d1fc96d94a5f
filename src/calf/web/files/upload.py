"""Where files are put into a repo, by dropping them on a page."""

from __future__ import annotations

from itertools import islice

import anyio
import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from calf.client.connection import Client
from calf.client.pipe import Pipe
from calf.model.errors import CalfError, InvalidArgument
from calf.web import links
from calf.web.files.places import commit_at, crumbs_to_repo, file_in, put_words, repo_of
from calf.web.files.readers import looked_at
from calf.web.files.receiving import Incoming, receive
from calf.web.files.repo import pipeline_of
from calf.web.pages import Ask, Page, ask_of, error_data, status_of, token_of
from calf.wire.messages import Message, pfs

_AT_ONCE = 4
_FEW = 12
"""So many folders are offered, of a folder that has so many in it."""
_MOST_WASTED = 256 * 1024 * 1024


def show_upload(ask: Ask) -> Page:
    """The form; `?branch=` and `?into=` are where the files go.

    Where a repo holds nothing but folders, one of them has to be named: pipelines may read no others.
    """
    repo = repo_of(ask)
    info = ask.client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=repo))
    branches = sorted(branch.name for branch in info.branches)
    name = ask.text("branch", "master")
    top, folders = _top(ask, repo, name) if name in branches else (True, [])
    data = {
        "branch": name,
        "into": ask.text("into") or ("/" if top else folders[0] if len(folders) == 1 else ""),
        "folders": folders,
        "branches": branches,
        "reads": looked_at(ask.client, repo),
        "pipeline": pipeline_of(ask, repo) if repo.type == "user" else repo.name,
        "command": put_words(repo, name),
    }
    return Page("files/upload.html", "Upload", data, crumbs_to_repo(ask), section="repos")


def _top(ask: Ask, repo: Message, branch: str) -> tuple[bool, list[str]]:
    """Whether files lie at the top of a branch, or nothing does; else the folders that one may mean."""
    try:
        above = _listed(ask, repo, branch, "/")
    except CalfError:
        return True, []  # its head is open, or has an error
    folders = [path for path in above if path.endswith("/")]
    if len(folders) < len(above) or not above:
        return True, folders
    return False, [found for path in folders for found in _meant(ask, repo, branch, path)]


def _meant(ask: Ask, repo: Message, branch: str, path: str) -> list[str]:
    """A folder and those in it; without itself where it holds nothing else."""
    inner = _listed(ask, repo, branch, path)
    below = [each for each in inner if each.endswith("/")]
    return below if below and len(below) == len(inner) else [path, *below]


def _listed(ask: Ask, repo: Message, branch: str, path: str) -> list[str]:
    """The first paths of a folder; those of folders end in `/`."""
    file = file_in(commit_at(repo, branch), path)
    infos = ask.client.pfs.ListFile(pfs.ListFileRequest(file=file, number=_FEW))
    return [str(info.file.path) for info in islice(infos, _FEW)]


class Uploads:
    """Takes uploads, so many at a time: each has a thread that puts what comes into a pipe, and one that
    hands it on.

    Nothing of the others is read before it is their turn.
    """

    def __init__(self) -> None:
        self._limit = anyio.CapacityLimiter(_AT_ONCE)
        self._threads = anyio.CapacityLimiter(2 * _AT_ONCE)

    async def put(self, request: Request) -> Response:
        """`POST`, in the form of `receiving`; answers with the commit, or with what was wrong."""
        try:
            async with self._limit:
                commit = await self._put(request)
        except CalfError as error:
            return JSONResponse(error_data(error), status_of(error))
        project, name = request.path_params["project"], request.path_params["name"]
        link = links.commit(project, name, commit.id)
        return JSONResponse({"commit": commit.id, "link": link, "follows": links.job_set(project, commit.id)})

    async def _put(self, request: Request) -> Message:
        ask = ask_of(request)
        repo = repo_of(ask)
        name = ask.text("branch", "master")
        if repo.type != "user":
            raise InvalidArgument("records of pipelines are not put by people")
        branch = pfs.Branch(repo=repo, name=name)
        client = request.app.state.upstream.patient(token_of(request))
        pipe = Pipe()
        made: list[Message] = []
        failed: list[CalfError] = []

        async def hand_on() -> None:
            try:
                done = await anyio.to_thread.run_sync(_receive, client, branch, pipe, limiter=self._threads)
                made.append(done)
            except CalfError as error:
                failed.append(error)
            finally:
                pipe.close()

        async with anyio.create_task_group() as group:
            group.start_soon(hand_on)
            await self._fill(pipe, request)
        if failed:
            raise failed[0]
        return made[0]

    async def _fill(self, pipe: Pipe, request: Request) -> None:
        """Put what comes into the pipe; after an error a browser reads the answer only when all has gone."""
        wasted, complete = 0, False
        try:
            async for piece in request.stream():
                if not piece:
                    continue
                if wasted or not await anyio.to_thread.run_sync(pipe.put, piece, limiter=self._threads):
                    wasted += len(piece)
                if wasted > _MOST_WASTED:
                    return
            pipe.finish()
            complete = True
        except ClientDisconnect:
            return
        finally:
            if not complete:  # or else who reads it would wait for ever
                pipe.close()


def _receive(client: Client, branch: Message, pipe: Pipe) -> Message:
    pieces = iter(pipe)
    try:
        return receive(client, branch, Incoming(lambda: next(pieces, b"")))
    finally:
        client.close()
