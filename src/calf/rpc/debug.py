"""Looking into the server: dumps, profiles, the code that runs, and how much it logs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Lock

from calf.model.errors import InvalidArgument, Precondition
from calf.model.refs import DEFAULT_PROJECT, Pipeline
from calf.pps import pipelines
from calf.pps.engine import Pps
from calf.pps.pipelines import PipelineQuery
from calf.rpc.call import Call, Handlers
from calf.rpc.debug_archives import archive
from calf.rpc.debug_dump import Wanted, code, collect
from calf.rpc.debug_profile import profile as count_stacks
from calf.rpc.debug_profile import stacks
from calf.rpc.log_levels import POD, LogLevels
from calf.wire.convert_refs import read_pipeline
from calf.wire.messages import Message, google
from calf.wire.messages import debug as api
from calf.wire.times import read_duration


def handlers(pps: Pps, log: Path) -> Handlers:
    """What of debug_v2 has a meaning here; `log` is the server's own log file."""
    return {
        "/debug_v2.Debug/Dump": partial(dump, pps, log),
        "/debug_v2.Debug/DumpV2": partial(dump_v2, pps, log),
        "/debug_v2.Debug/GetDumpV2Template": partial(get_dump_v2_template, pps),
        "/debug_v2.Debug/Binary": partial(binary, pps),
        "/debug_v2.Debug/Profile": partial(profile, pps, Lock()),
        "/debug_v2.Debug/SetLogLevel": LogLevels().set,
    }


def dump(pps: Pps, log: Path, request: Message, _call: Call) -> Iterator[Message]:
    """The dump as old clients ask for it."""
    match request.filter.WhichOneof("filter"):
        case "pipeline":
            wanted = Wanted(server=False, database=False, pipelines=[read_pipeline(request.filter.pipeline)])
        case "database":
            wanted = Wanted(server=False, pipelines=[])
        case _:
            wanted = Wanted()
    for piece in archive(collect(pps, log, wanted), pps.pfs.clock()):
        yield google.BytesValue(value=piece)


def dump_v2(pps: Pps, log: Path, request: Message, _call: Call) -> Iterator[Message]:
    """The dump that a template asks for; an empty request asks for everything."""
    wanted = Wanted(inputs=request.input_repos)
    if request.HasField("system") or request.pipelines:
        system = request.system
        names = [Pipeline(each.project or DEFAULT_PROJECT, each.name) for each in request.pipelines]
        server = system.version or bool(system.logs or system.describes or system.loki_logs)
        wanted = Wanted(server, system.database, names, request.input_repos)
    for piece in archive(collect(pps, log, wanted), pps.pfs.clock()):
        yield api.DumpChunk(content=api.DumpContent(content=piece))


def get_dump_v2_template(pps: Pps, _request: Message, _call: Call) -> Message:
    """A request for everything there is, to be thinned out."""
    with pps.pfs.read() as tx:
        names = [info.pipeline for info in pipelines.list_(tx, PipelineQuery())]
    pod = api.App(name=POD, pods=[api.Pod(name=POD, containers=[POD])])
    request = api.DumpV2Request(
        system=api.System(database=True, version=True, logs=[pod]),
        pipelines=[api.Pipeline(project=name.project, name=name.name) for name in names],
    )
    return api.GetDumpV2TemplateResponse(request=request)


def binary(pps: Pps, _request: Message, _call: Call) -> Iterator[Message]:
    """The code that runs, in a tar: Pachyderm's clients get its executable."""
    for piece in archive(code(), pps.pfs.clock()):
        yield google.BytesValue(value=piece)


def profile(pps: Pps, busy: Lock, request: Message, call: Call) -> Iterator[Message]:
    """What the threads do: `cpu` counts their stacks for a while, `goroutine` shows them as they are now.

    Counting slows the server, so `busy` has one client do it at a time.
    """
    match request.profile.name or "cpu":
        case "cpu":
            if not busy.acquire(blocking=False):
                raise Precondition("another profile is being taken", "wait for its end: a minute at most")
            try:
                text = count_stacks(read_duration(request.profile.duration), call.cancel)
            finally:
                busy.release()
        case "goroutine" | "threads":
            text = stacks()
        case name:
            raise InvalidArgument(
                f"unknown profile {name}", "ask for `cpu` (stacks, counted) or `goroutine` (stacks, now)"
            )
    for piece in archive([(f"{POD}/{request.profile.name or 'cpu'}", text.encode())], pps.pfs.clock()):
        yield google.BytesValue(value=piece)
