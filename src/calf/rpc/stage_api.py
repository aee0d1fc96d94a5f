"""The API as the stage of a spout has it: everything can be read, and its own output written.

Each such stage has a socket of its own; who speaks on it is the stage, whatever it says. That is what allows
it to commit to an output branch, and all that it may change. A stage has no network, so the server must not
reach out for it either: no URLs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from calf.model.errors import Denied
from calf.model.refs import Pipeline, Repo
from calf.rpc.batches import More
from calf.rpc.call import Call, Handler, Handlers
from calf.rpc.server import start_server
from calf.wire.convert_refs import read_branch, read_commit_ref
from calf.wire.methods import load_methods

_THREADS = 16
_READS = ("Get", "Inspect", "List", "Glob", "Walk", "Diff", "Subscribe", "Find", "Check", "WhoAmI", "Watch")
_READ_SERVICES = ("pfs_v2.API", "pps_v2.API", "admin_v2.API", "versionpb_v2.API", "grpc.health.v1.Health")
_MODIFY = "/pfs_v2.API/ModifyFile"
_WITH_URL = ("/pfs_v2.API/GetFile", "/pfs_v2.API/GetFileTAR")


def serve_stage_api(handlers: Handlers, socket: Path, pipeline: Pipeline) -> Callable[[], None]:
    """Serve what the stage of a spout may ask of `handlers` on `socket`; returns what stops it."""
    allowed = {path: _guarded(path, handler, pipeline.repo) for path, handler in handlers.items()}
    server = start_server(allowed, f"unix:{socket}", threads=_THREADS)
    return partial(server.stop, 0)


def _guarded(path: str, handler: Handler, repo: Repo) -> Handler:
    service, _, name = path[1:].partition("/")
    if path == _MODIFY:
        return partial(_modify, handler, repo)
    if path in _WITH_URL:
        return partial(_read, handler)
    if path in _WRITES:
        return partial(_write, _WRITES[path], handler, repo)
    if service in _READ_SERVICES and name.startswith(_READS):
        return handler
    method = load_methods()[path]
    return partial(_refuse_all if method.server_streaming else _refuse, path)


def _write(target: Callable[[Any], Repo], handler: Handler, repo: Repo, request: Any, call: Call) -> Any:
    _check(target(request), repo)
    return handler(request, replace(call, spout=repo))


def _modify(handler: Handler, repo: Repo, requests: Iterator[Any], call: Call) -> Any:
    first = next(requests, None)
    if first is None:
        return handler(iter(()), call)
    if not isinstance(first, More) and first.WhichOneof("body") == "set_commit":
        _check(read_commit_ref(first.set_commit).repo, repo)
    return handler(map(_without_url, chain([first], requests)), replace(call, spout=repo))


def _without_url(request: Any) -> Any:
    if isinstance(request, More):
        return request
    if request.WhichOneof("body") == "add_file" and request.add_file.HasField("url"):
        raise _no_url(request.add_file.url.URL)
    return request


def _read(handler: Handler, request: Any, call: Call) -> Any:
    if request.URL:
        raise _no_url(request.URL)
    return handler(request, call)


def _no_url(url: str) -> Denied:
    return Denied(f"a stage may not have the server reach {url}", "a stage has no network")


def _check(wanted: Repo, own: Repo) -> None:
    if wanted != own:
        raise Denied(
            f"a stage may write its own output, {own}, and nothing else: not {wanted}",
            "let a pipeline that reads the spout write it",
        )


def _refuse(path: str, _request: Any, _call: Call) -> Any:
    raise Denied(f"a stage may not call {path[1:]}", "it may read, and write its own output")


def _refuse_all(path: str, request: Any, call: Call) -> Iterator[Any]:
    yield _refuse(path, request, call)


_WRITES: dict[str, Callable[[Any], Repo]] = {
    "/pfs_v2.API/StartCommit": lambda request: read_branch(request.branch).repo,
    "/pfs_v2.API/FinishCommit": lambda request: read_commit_ref(request.commit).repo,
    "/pfs_v2.API/ClearCommit": lambda request: read_commit_ref(request.commit).repo,
}
