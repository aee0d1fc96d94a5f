"""pachctl debug: archives and settings for whoever looks for a mistake in the server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from calf.cli.output import render
from calf.cli.parameters import SECONDS
from calf.cli.passing import hinting, read_object
from calf.cli.session import Session
from calf.model.errors import Unimplemented
from calf.wire.messages import Message
from calf.wire.messages import debug as api

_INSTEAD = "`pachctl debug dump FILE` collects what there is to know of a calf server"
_LEVELS = ("debug", "info", "error", "off")
_duration = click.option("-d", "--duration", type=SECONDS, default="1m", show_default=True, help="How long.")


@click.command("dump")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-t", "--template", default="", metavar="FILE", help="What to collect; `debug template` makes one."
)
@click.pass_obj
def dump(session: Session, file: Path, template: str) -> None:
    """Write an archive with versions, logs and counts of the server, to attach to a report.

    \b
    pachctl debug dump report.tgz
    """
    service = session.client.debug
    try:
        chunks = service.DumpV2(_template(session, template))
        _save(file, (each.content.content for each in chunks))
    except Unimplemented:
        with hinting("the server's log stands in its data folder: `calf status` names it"):
            _save(file, (each.value for each in service.Dump(api.DumpRequest(filter=_pachd()))))


@click.command("template")
@click.pass_obj
def template(session: Session) -> None:
    """Print what `debug dump` collects, to be edited and given to it."""
    with hinting(_INSTEAD):
        answer = session.client.debug.GetDumpV2Template(api.GetDumpV2TemplateRequest())
    click.echo(render(answer.request, "yaml"), nl=False)


@click.command("profile")
@click.argument("profile")
@click.argument("file", type=click.Path(path_type=Path))
@_duration
@click.pass_obj
def profile(session: Session, profile: str, file: Path, duration: float) -> None:
    """Write a profile of the server, such as cpu or heap."""
    request = api.ProfileRequest(profile=api.Profile(name=profile), filter=_pachd())
    request.profile.duration.FromNanoseconds(int(duration * 1e9))
    with hinting(_INSTEAD):
        _save(file, (each.value for each in session.client.debug.Profile(request)))


@click.command("binary")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def binary(session: Session, file: Path) -> None:
    """Write the server's program, which a cluster's profiles are read with."""
    with hinting(_INSTEAD):
        _save(file, (each.value for each in session.client.debug.Binary(api.BinaryRequest(filter=_pachd()))))


@click.command("log-level")
@click.argument("level", type=click.Choice(_LEVELS, case_sensitive=False))
@_duration
@click.option("-g", "--grpc", is_flag=True, help="The level of gRPC's own lines.")
@click.option("-r", "--recursive", is_flag=True, help="Also in the workers.")
@click.pass_obj
def log_level(session: Session, level: str, duration: float, grpc: bool, recursive: bool) -> None:
    """Make the server log more, or less, for a while."""
    chosen = api.SetLogLevelRequest.LogLevel.Value(level.upper())
    request = api.SetLogLevelRequest(recurse=recursive, **{"grpc" if grpc else "pachyderm": chosen})
    request.duration.FromNanoseconds(int(duration * 1e9))
    with hinting("calf's level is set at its start: `calf serve --help`"):
        answer = session.client.debug.SetLogLevel(request)
    for pod in answer.affected_pods:
        click.echo(pod)


@click.command("trace")
@click.argument("file", type=click.Path(path_type=Path))
@_duration
@click.pass_obj
def trace(session: Session, file: Path, duration: float) -> None:
    """Write what the server does for a while."""
    request = api.TraceRequest()
    request.duration.FromNanoseconds(int(duration * 1e9))
    with hinting(_INSTEAD):
        _save(file, (each.content.value for each in session.client.debug.Trace(request)))


@click.command("local")
@click.argument("file", required=False)
def local(file: str | None) -> None:
    """Say how to look at this machine: on a cluster this reads Kubernetes from here."""
    raise Unimplemented(
        "there is no cluster to read from here",
        f"`pachctl debug dump {file or 'FILE'}` asks the server itself",
    )


@click.command("analyze")
@click.argument("files", nargs=-1, required=True)
def analyze(files: tuple[str, ...]) -> None:
    """Say how to read an archive."""
    raise Unimplemented(
        "this pachctl draws no conclusions from archives", f"look into it: `tar xzf {files[0]}`"
    )


def _template(session: Session, source: str) -> Message:
    if not source:
        return session.client.debug.GetDumpV2Template(api.GetDumpV2TemplateRequest()).request
    from calf.wire.documents import from_document

    return from_document(read_object(source), api.DumpV2Request())


def _pachd() -> Message:
    return api.Filter(pachd=True)


def _save(file: Path, pieces: Iterable[bytes]) -> None:
    """Write pieces to a file; no file is begun before the first one came."""
    stream: Iterator[bytes] = iter(pieces)
    first = next(stream, b"")
    with file.open("wb") as out:
        out.write(first)
        for piece in stream:
            out.write(piece)
