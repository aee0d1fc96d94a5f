"""Reading files: one, as an archive, as records, what differs."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from functools import partial

from calf.model.pfs_infos import FileInfo
from calf.model.refs import Commit
from calf.pfs import files
from calf.pfs.engine import Pfs
from calf.pfs.files import Page, PathRange
from calf.rpc.call import Call, Handlers
from calf.rpc.commit_branches import branches_of
from calf.wire.convert_pfs import write_file_info
from calf.wire.convert_refs import read_commit_ref, read_file
from calf.wire.messages import Message, calf, google
from calf.wire.messages import pfs as api
from calf.wire.values import BytesValue


def handlers(pfs: Pfs) -> Handlers:
    """All methods that read files."""
    return {
        "/pfs_v2.API/GetFile": partial(get_file, pfs),
        "/pfs_v2.API/GetFileTAR": partial(get_file_tar, pfs),
        "/calf_v1.Files/GetFiles": partial(get_files, pfs),
        "/pfs_v2.API/InspectFile": partial(inspect_file, pfs),
        "/pfs_v2.API/ListFile": partial(list_file, pfs),
        "/pfs_v2.API/WalkFile": partial(walk_file, pfs),
        "/pfs_v2.API/GlobFile": partial(glob_file, pfs),
        "/pfs_v2.API/DiffFile": partial(diff_file, pfs),
    }


def get_file(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """The bytes of one file; at least one message, so that an empty file is not taken for a lost one."""
    ref, path, tag = read_file(request.file)
    if request.URL:
        files.export(pfs, ref, path, request.URL, call.cancel, _between(request))
        yield google.BytesValue()
        return
    empty = True
    for piece in files.get(pfs, ref, path, call.cancel, tag, request.offset):
        call.cancel.check()
        empty = False
        yield BytesValue(piece)
    if empty:
        yield google.BytesValue()


def get_file_tar(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """A tar archive of all that matches; an empty one when it was written out to a URL."""
    ref, path, tag = read_file(request.file)
    if request.URL:
        files.export(pfs, ref, path, request.URL, call.cancel, _between(request))
        yield google.BytesValue(value=bytes(2 * tarfile.BLOCKSIZE))
        return
    for piece in files.tar(pfs, ref, path, call.cancel, tag, _between(request)):
        call.cancel.check()
        yield BytesValue(piece)


def get_files(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """What `get_file_tar` gives, without an archive to take apart; not for URLs."""
    ref, path, tag = read_file(request.file)
    for part in files.parts(pfs, ref, path, call.cancel, tag):
        call.cancel.check()
        match part:
            case files.Folder(folder):
                yield calf.GetFilesResponse(folder=folder)
            case files.Small(small):
                paths, datas = zip(*small, strict=True)
                together = calf.SmallFiles(paths=paths, sizes=map(len, datas), data=b"".join(datas))
                yield calf.GetFilesResponse(files=together)
            case files.Large(name, pieces):
                for piece in pieces:
                    call.cancel.check()
                    yield calf.GetFilesResponse(path=name, piece=piece)
                    name = ""


def inspect_file(pfs: Pfs, request: Message, call: Call) -> Message:
    """One record."""
    ref, path, tag = read_file(request.file)
    info = files.inspect_file(pfs, ref, path, call.cancel, tag)
    return write_file_info(info, branches_of(pfs, call)(info.file.commit))


def list_file(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """The records of a folder's children."""
    ref, path, _ = read_file(request.file)
    return _records(
        files.list_file(pfs, ref, path, call.cancel, _page(request)), branches_of(pfs, call), call
    )


def walk_file(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """The records of everything below a path."""
    ref, path, _ = read_file(request.file)
    return _records(
        files.walk_file(pfs, ref, path, call.cancel, _page(request)), branches_of(pfs, call), call
    )


def glob_file(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """The records of what matches."""
    ref = read_commit_ref(request.commit)
    found = files.glob_file(pfs, ref, request.pattern, call.cancel, _between(request))
    return _records(found, branches_of(pfs, call), call)


def diff_file(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """Pairs of records; clients make a shallow diff of them themselves."""
    ref, path, _ = read_file(request.new_file)
    old_commit = request.old_file.commit
    old = read_file(request.old_file)[:2] if old_commit.id or old_commit.branch.name else None
    branch = branches_of(pfs, call)
    for before, after in files.diff_file(pfs, ref, path, call.cancel, old):
        call.cancel.check()
        yield api.DiffFileResponse(
            new_file=write_file_info(after, branch(after.file.commit)) if after else None,
            old_file=write_file_info(before, branch(before.file.commit)) if before else None,
        )


def _records(infos: Iterator[FileInfo], branch: Callable[[Commit], str], call: Call) -> Iterator[Message]:
    for info in infos:
        call.cancel.check()
        yield write_file_info(info, branch(info.file.commit))


def _page(request: Message) -> Page:
    marker = request.paginationMarker.path
    rooted = marker if marker.startswith("/") or not marker else f"/{marker}"
    return Page(rooted, request.number, request.reverse)


def _between(request: Message) -> PathRange:
    return PathRange(request.path_range.lower, request.path_range.upper)
