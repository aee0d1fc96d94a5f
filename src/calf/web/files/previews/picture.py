"""Pictures: as they are, a photo under its mask, and a mask in colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from posixpath import dirname
from typing import Any

from calf.model.errors import InvalidArgument, NotFound
from calf.views.differences.pair import Unreadable
from calf.views.words import printable
from calf.web.files.masks import GROUND, Mask, masks_of, photos_of, read_mask
from calf.web.files.masks import MOST_BYTES as MOST_MASK
from calf.web.files.pictures import MOST_BYTES, shape_of
from calf.web.files.places import file_in
from calf.web.files.previews.subject import Subject
from calf.web.files.previews.trees import read_json
from calf.web.files.remote import Remote
from calf.wire.messages import pfs

_HEAD = 8 * 1024 * 1024
_RECORD, _RECORD_BYTES = "sample.json", 64 * 1024
OPACITIES = ("0", "25", "50", "75", "100")


def show_picture(subject: Subject) -> Mapping[str, Any]:
    """The picture; `?mask=` chooses one of several, `?opacity=` how much of it is seen."""
    if subject.size > MOST_BYTES:
        raise Unreadable("the picture is large")
    with subject.remote.open(_HEAD) as file:
        shape = shape_of(file)
    own = _mask(subject.remote)
    beside = _find(subject, photos_of(subject.path) if own else masks_of(subject.path))
    over = None if own else _chosen(subject, beside)
    opacity = subject.ask.text("opacity", "50")
    return {
        "kind": "picture",
        "width": shape.width,
        "height": shape.height,
        "format": shape.format,
        "mode": shape.mode,
        "image": subject.raw(show="image"),
        "mask": _coloured(subject, subject.remote, own) if own else None,
        "photos": [_link(subject, remote.path) for remote in beside] if own else [],
        "over": over,
        "opacity": opacity if opacity in OPACITIES else "50",
        "opacities": _opacities(subject, over),
    }


def _mask(remote: Remote) -> Mask | None:
    if remote.size > MOST_MASK or not remote.path.lower().endswith(".png"):
        return None
    try:
        return read_mask(remote.whole(MOST_MASK))
    except Unreadable:
        return None


def _find(subject: Subject, paths: Iterable[str]) -> list[Remote]:
    """Those of the files that there are, of which one may be named by the query."""
    found = []
    for path in paths:
        file = file_in(subject.remote.file.commit, path)
        try:
            info = subject.ask.client.pfs.InspectFile(pfs.InspectFileRequest(file=file))
        except (NotFound, InvalidArgument):
            continue
        if info.file_type == pfs.FILE:
            found.append(Remote(subject.ask.client, file, info.size_bytes))
    return found


def _chosen(subject: Subject, masks: list[Remote]) -> Mapping[str, Any] | None:
    wanted = subject.ask.text("mask")
    for remote in sorted(masks, key=lambda each: each.path != wanted):
        if mask := _mask(remote):
            return {
                "path": remote.path,
                "shown": printable(remote.path),
                "link": subject.page(remote.path),
                **_coloured(subject, remote, mask),
                "others": [_link(subject, each.path) for each in masks if each.path != remote.path],
            }
    return None


def _coloured(subject: Subject, remote: Remote, mask: Mask) -> Mapping[str, Any]:
    names = mask.names(remote.path, _recorded_shares(subject, remote.path))
    ground = next((str(value) for value, name in names.items() if name == GROUND), "")
    return {"image": subject.raw(remote.path, "mask", ground), "legend": mask.legend(names)}


def _recorded_shares(subject: Subject, path: str) -> Mapping[str, Any]:
    """What `sample.json` of our stages says beside a mask about the shares of classes; empty without one."""
    for remote in _find(subject, [f"{dirname(path).rstrip('/')}/{_RECORD}"]):
        with suppress(Unreadable):
            record = read_json(remote.whole(_RECORD_BYTES))
            shares = record.get("class_shares") if isinstance(record, dict) else None
            return shares if isinstance(shares, dict) else {}
    return {}


def _opacities(subject: Subject, over: Mapping[str, Any] | None) -> list[Mapping[str, str]]:
    if over is None:
        return []
    return [
        {
            "value": value,
            "words": "photo only" if value == "0" else f"{value} %",
            "link": subject.page(opacity=value, mask=over["path"]),
        }
        for value in OPACITIES
    ]


def _link(subject: Subject, path: str) -> Mapping[str, str]:
    return {"shown": printable(path), "link": subject.page(path)}
