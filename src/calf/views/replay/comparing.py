"""Comparing what a replay made with what was recorded: by hashes first, so equal files are never fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from calf.kit import sizes
from calf.model.tolerance import Tolerance
from calf.views.replay.outcome import FileDifference
from calf.wire.messages import Message, pfs

if TYPE_CHECKING:
    from calf.client.connection import Client

_NAMED = 20
_SHOWN = 4
_LARGEST = 2 * 1024**3


@dataclass(slots=True)
class Comparison:
    """Two outputs compared: the first files that differ, how many do, those that may, and some shown."""

    differing: list[str] = field(default_factory=list)
    number: int = 0
    tolerated: dict[str, str] = field(default_factory=dict)
    shown: list[FileDifference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Change:
    """A file that differs, as it was recorded and as it is now (None: it is not there)."""

    path: str
    old: Message | None
    new: Message | None


def compare(
    client: Client, recorded: Message, again: Message, tolerance: Tolerance, folder: Callable[[], Path]
) -> Comparison:
    """How the output `again` differs from the `recorded` one; pictures of that go into `folder()`.

    A file that may differ must be there all the same. Shown are the first file that differs, and the first
    with each other ending, a few in all.
    """
    found = Comparison()
    endings: set[str] = set()
    for change in _changes(client, recorded, again):
        reason = tolerance.reason(change.path) if change.old and change.new else ""
        if reason:
            found.tolerated[change.path] = reason
            continue
        found.number += 1
        if len(found.differing) < _NAMED:
            found.differing.append(change.path)
        ending = PurePosixPath(change.path).suffix
        if ending not in endings and len(endings) < _SHOWN:
            endings.add(ending)
            found.shown.append(_describe(client, change, folder))
    return found


def _changes(client: Client, recorded: Message, again: Message) -> Iterator[_Change]:
    """The files that differ, in path order."""
    request = pfs.DiffFileRequest(
        new_file=pfs.File(commit=again, path="/"), old_file=pfs.File(commit=recorded, path="/")
    )
    for each in client.pfs.DiffFile(request):
        old = each.old_file if each.HasField("old_file") else None
        new = each.new_file if each.HasField("new_file") else None
        if pfs.FILE in {side.file_type for side in (old, new) if side is not None}:
            yield _Change((each.new_file if new else each.old_file).file.path, old, new)


def _describe(client: Client, change: _Change, folder: Callable[[], Path]) -> FileDifference:
    path, old, new = change.path, change.old, change.new
    if new is None:
        return FileDifference(path, "files", (f"missing in the new output ({_size(old)})",))
    if old is None:
        return FileDifference(path, "files", (f"only in the new output ({_size(new)})",))
    if max(old.size_bytes, new.size_bytes) > _LARGEST:
        both = f"{_size(old)} → {_size(new)}"
        return FileDifference(path, "bytes", (f"other bytes; too large to be shown ({both})",))
    return _show(client, old, new, folder)


def _size(info: Message) -> str:
    return sizes.format(info.size_bytes)


def _show(client: Client, old: Message, new: Message, folder: Callable[[], Path]) -> FileDifference:
    from calf.client.get import get_file
    from calf.views.differences.describing import describe
    from calf.views.differences.pair import Pair

    with TemporaryDirectory(prefix="pachctl-replay-") as place:
        recorded, again = Path(place, "recorded"), Path(place, "again")
        for path, info in ((recorded, old), (again, new)):
            with path.open("wb") as file:
                file.writelines(get_file(client, info.file))
        told = describe(Pair(old.file.path, recorded, again, folder))
    return FileDifference(old.file.path, told.kind, told.lines, told.picture)
