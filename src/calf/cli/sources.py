"""Which files a put takes, and where in the repo each one goes."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from calf.model.errors import InvalidArgument

if TYPE_CHECKING:
    import tarfile

    from calf.client.put_requests import Source

STDIN = "-"
_PAGES = ("http", "https")
_OPEN_FILES = ("/dev/fd/", "/proc/self/fd/")
_ARCHIVES = (".tar", ".tar.gz", ".tgz")
_MOST_GROWTH = 1100
"""Of a member against its archive: about what gzip makes of zeros, so holes of sparse files make no more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a put was asked for; `path` is the path given after the branch, empty when there was none."""

    path: str
    recursive: bool = False
    full_path: bool = False
    untar: bool = False


def find_sources(names: Sequence[str], plan: Plan) -> Iterator[Source]:
    """The sources of a put, folders walked in order.

    Raises a usage error for a folder without `recursive` and for standard input without a path,
    FileNotFoundError for what is not there.
    """
    for name in names:
        target = destination(name, plan, alone=len(names) == 1)
        if name == STDIN:
            yield _source(target, lambda: cast("BinaryIO", sys.stdin.buffer))
        elif "://" in name:
            yield _url(target, name, recursive=plan.recursive)
        elif plan.untar and name.endswith(_ARCHIVES):
            yield from members(Path(name), plan.path)
        elif _is_substituted(name):
            yield _source(target, partial(_open, Path(name)))
        else:
            yield from _local(Path(name), target, plan)


def destination(name: str, plan: Plan, *, alone: bool) -> str:
    """Where a source goes: the path as given, or below it when it ends in `/` or stands for several
    sources."""
    if name == STDIN:
        if not plan.path or plan.path.endswith("/"):
            raise click.UsageError("must specify filename when reading data from stdin")
        return plan.path
    whole = _whole(name)
    end = _below(whole) if plan.full_path else whole.rstrip("/").rpartition("/")[2]
    if not plan.path:
        return f"/{end}"
    if not plan.path.endswith("/"):
        return plan.path if alone else f"{plan.path}/{end}"
    folder = plan.recursive and not plan.full_path and alone and _is_folder(name)
    return plan.path if folder else f"{plan.path}{end}"


def _below(path: str) -> str:
    """A path without what leads to it (`/`, `./`, `../`); a name that begins with a dot keeps that."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    while parts and parts[0] == "..":
        del parts[0]
    return "/".join(parts)


def _whole(name: str) -> str:
    """A source's path: of a URL host and path, of a page of the web without its query."""
    scheme, separator, rest = name.partition("://")
    if scheme in _PAGES:
        return rest.partition("?")[0].partition("#")[0]
    return rest if separator else name


def _is_folder(name: str) -> bool:
    scheme, separator, _ = name.partition("://")
    return scheme not in _PAGES if separator else Path(name).is_dir()


def _local(path: Path, target: str, plan: Plan) -> Iterator[Source]:
    if not path.is_dir():
        yield _file(target, path)
        return
    if not plan.recursive:
        raise click.UsageError(f"{path} is a directory; put it with -r")
    from calf.client.put_requests import Source

    waiting = [(str(path), target.rstrip("/"))]
    while waiting:
        folder, prefix = waiting.pop()
        below = []
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            inside = f"{prefix}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                below.append((entry.path, inside))
            elif entry.is_file():
                yield Source(inside, file=entry.path)
            elif not entry.is_dir():
                yield _file(inside, Path(entry.path))  # says what is wrong with it
        waiting.extend(reversed(below))


def _is_substituted(name: str) -> bool:
    """Whether it is the shell's `<(command)`: a pipe that somebody writes to already, so none to hang on."""
    return name.startswith(_OPEN_FILES) and Path(name).is_fifo()


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _file(target: str, path: Path) -> Source:
    """A regular file, or a link to one; anything else (a socket, a device) could block for ever."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise InvalidArgument(f"{path} is not a regular file", "put only files and folders")
    from calf.client.put_requests import Source

    return Source(target, file=str(path))


def _source(target: str, opener: Callable[[], BinaryIO]) -> Source:
    from calf.client.put_requests import Source

    return Source(target, opener)


def _url(target: str, url: str, *, recursive: bool) -> Source:
    from calf.client.put_requests import Source

    return Source(target, url=url, recursive=recursive)


def members(archive: Path, prefix: str) -> Iterator[Source]:
    """The regular files of an archive, below `prefix`.

    Their names are checked by the server like any other; nothing is taken out of them but a leading `./`.
    Use each up before asking for the next. Raises what `refuse_damage` makes words of.
    """
    import tarfile

    most = _MOST_GROWTH * archive.stat().st_size
    with tarfile.open(archive) as tar:
        while (member := tar.next()) is not None:
            if member.size > most:
                raise tarfile.ReadError(f"{member.name} would have {member.size} bytes")
            if member.isreg():
                name = member.name.removeprefix("./").lstrip("/")
                yield _source(f"{prefix.rstrip('/')}/{name}", partial(_extract, tar, member))
            tar.members.clear()  # type: ignore[attr-defined]  # not in typeshed; else all stay in memory
        _check_end(tar)


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo) -> BinaryIO:
    content = tar.extractfile(member)
    assert content is not None, "a regular member has content"
    return cast("BinaryIO", content)


def _check_end(tar: tarfile.TarFile) -> None:
    """Raise when what the library took for the end of an archive is a damaged member."""
    import tarfile

    assert tar.fileobj is not None, "it is open"
    tar.fileobj.seek(tar.offset)
    if tar.fileobj.read(tarfile.BLOCKSIZE).strip(b"\0"):
        raise tarfile.ReadError(f"there is no member at byte {tar.offset}")


@contextmanager
def refuse_damage() -> Iterator[None]:
    """Where archives are put: `InvalidArgument` for one that is none, breaks off or would grow too much."""
    import gzip
    import tarfile
    import zlib

    try:
        yield
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error, OverflowError) as error:
        reason = str(error).partition("\n")[0].rstrip(":")
        raise InvalidArgument(
            f"an archive cannot be read: {reason}", "make it again; nothing was put"
        ) from error


def total_size(names: Sequence[str]) -> int | None:
    """The bytes of all local sources, for a progress bar; None when some are not local."""
    if any(name == STDIN or "://" in name or _is_substituted(name) for name in names):
        return None
    return sum(_size(Path(name)) for name in names)


def _size(path: Path) -> int:
    if not path.is_dir():
        return path.stat().st_size
    return sum(Path(folder, name).stat().st_size for folder, _, files in os.walk(path) for name in files)
