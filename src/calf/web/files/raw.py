"""The bytes of files. Here and nowhere else a browser gets what a repo holds, so here it is made harmless:

it is saved and not shown; or it is a picture that we decoded; or a document in a frame that may do nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import basename
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from calf.client.connection import Client
from calf.model.errors import InvalidArgument
from calf.model.names import is_id
from calf.views.differences.pair import Unreadable
from calf.web.files import masks, pictures
from calf.web.files.places import commit_at, file_in, repo_of
from calf.web.files.previews.notebook import read_output
from calf.web.files.remote import Remote, literal
from calf.web.pages import ask_of, token_of
from calf.wire.messages import Message, pfs

FRAME = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:;"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""The policy of a document that a repo holds: it is looked at, and can neither run, ask nor send anything."""
NOTHING = "sandbox; default-src 'none'; frame-ancestors 'none'"
_MOST_DOCUMENT = 32 * 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_KEPT = "private, max-age=86400, immutable"


def send_raw(request: Request) -> Response:
    """`?commit=&path=`: the file to be saved; with `show` as `links.raw` says."""
    ask = ask_of(request)
    file = file_in(commit_at(repo_of(ask), ask.needed("commit")), ask.needed("path"))
    info = ask.client.pfs.InspectFile(pfs.InspectFileRequest(file=file))
    remote = Remote(ask.client, file, info.size_bytes)
    stays = is_id(ask.text("commit")) and info.committed.seconds
    headers = {"cache-control": _KEPT} if stays else {}
    if show := ask.text("show"):
        return _show(remote, show, ask.text("part"), headers)
    patient = request.app.state.upstream.patient(token_of(request))
    end = BackgroundTask(patient.close)
    if info.file_type == pfs.DIR:
        return _archive(patient, info, basename(info.file.path.rstrip("/")) or ask.path["name"], end)
    remote = Remote(patient, file, info.size_bytes)
    return _send(request, remote, {**headers, "etag": f'"{info.hash.hex()}"'}, end)


def _show(remote: Remote, show: str, part: str, headers: Mapping[str, str]) -> Response:
    try:
        if show == "frame":
            return _frame(remote, part)
        found = _picture(remote, show, part)
    except Unreadable as error:
        raise InvalidArgument(str(error), "download it, and open it with a program that you trust") from None
    more = {"content-security-policy": NOTHING, "content-disposition": "inline"}
    return Response(found.content, media_type=found.type, headers={**headers, **more})


def _picture(remote: Remote, show: str, part: str) -> pictures.Shown:
    if show == "mask":
        return masks.coloured(remote.whole(masks.MOST_BYTES), part[:3])
    content = read_output(remote, part, "picture") if part else remote.whole(pictures.MOST_BYTES)
    if show == "image":
        return pictures.shown(content)
    if show == "thumb":
        return pictures.shown(content, pictures.THUMB)
    raise InvalidArgument(f"nothing can be shown as {show[:40]!r}", "image, thumb, mask or frame")


def _frame(remote: Remote, part: str) -> Response:
    content = read_output(remote, part, "page") if part else remote.whole(_MOST_DOCUMENT)
    headers = {"content-security-policy": FRAME, "x-frame-options": "SAMEORIGIN"}
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


def _send(request: Request, remote: Remote, headers: Mapping[str, str], end: BackgroundTask) -> Response:
    start, length, status = 0, remote.size, 200
    more = dict(headers)
    same = request.headers.get("if-range", more["etag"]) == more["etag"]
    if same and (match := _RANGE.fullmatch(request.headers.get("range", ""))):
        wanted = _range(match[1], match[2], remote.size)
        if wanted is None:
            where = {"content-range": f"bytes */{remote.size}"}
            return Response(status_code=416, headers=where, background=end)
        start, length = wanted
        status = 206
        more["content-range"] = f"bytes {start}-{start + length - 1}/{remote.size}"
    more |= {
        "content-length": str(length),
        "accept-ranges": "bytes",
        "content-encoding": "identity",  # or else it would be compressed, and the length another
        **saved_as(basename(remote.path)),
    }
    body: Iterator[bytes] = iter(()) if request.method == "HEAD" else remote.pieces(start, length)
    return StreamingResponse(body, status, more, "application/octet-stream", end)


def _range(first: str, last: str, size: int) -> tuple[int, int] | None:
    """Where a range begins and how long it is; None when nothing of it is in the file."""
    if not first:
        length = min(int(last or 0), size)
        return (size - length, length) if length else None
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    return (start, end - start + 1) if start <= end else None


def saved_as(name: str) -> dict[str, str]:
    """The headers that make a browser save what comes, under a name without a path."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name) or "file"
    disposition = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='', errors='replace')}"
    )
    return {"content-disposition": disposition, "content-security-policy": NOTHING}


def _archive(client: Client, info: Message, name: str, end: BackgroundTask) -> Response:
    """A folder, as a tar archive."""
    file = file_in(info.file.commit, literal(info.file.path))
    found = client.pfs.GetFileTAR(pfs.GetFileRequest(file=file))
    headers = {"content-encoding": "identity", **saved_as(f"{name}.tar")}
    pieces = (bytes(piece.value) for piece in found)
    return StreamingResponse(pieces, 200, headers, "application/octet-stream", end)
