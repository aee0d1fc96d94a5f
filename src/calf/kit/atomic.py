"""The only door to durable files: a file is complete and on the disk under its name, or it is not there.

Bytes go into a draft beside their destination, the draft is synced, renamed, and the folder synced. After a
crash at any point the destination holds the old file or the new one, and perhaps a draft lies about, which
its owner sweeps.
"""

from __future__ import annotations

import errno
import os
import resource
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from calf.kit import sizes
from calf.kit.errors import CalfError, DiskFailed, NoSpace, TooManyFiles

_STRETCH = 8 << 20
_AT_ONCE = min(1024, os.sysconf("SC_IOV_MAX"))
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FAILED = frozenset({errno.EIO, errno.EROFS, errno.ENXIO, errno.ENODEV, errno.EUCLEAN})
_TOO_MANY = frozenset({errno.EMFILE, errno.ENFILE})


@contextmanager
def full_is_no_space(where: Path) -> Iterator[None]:
    """Turn the operating system's "disk full", "quota exceeded" and "file too large" into `NoSpace`.

    What a disk says that fails or may not be written becomes `DiskFailed`, and "too many open files"
    `TooManyFiles`.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise no_space(where, error) from error
        if error.errno in _TOO_MANY:
            raise too_many_files(error.errno) from error
        if error.errno in _FAILED:
            raise disk_failed(error) from error
        raise


def no_space(where: Path, reason: object, room: int = 0, needed: int = 0) -> NoSpace:
    """The error for a full disk, whoever noticed it; `room` as in `NoSpace`, `needed` if that is known."""
    free = _free(where)
    figures = f"{sizes.format(free)} free" if free is not None else ""
    text = f"no space left to write below {where}: {reason}"
    if needed:  # by who knows that, and has said how much is free
        figures += f"{', ' if figures else ''}{sizes.format(needed)} needed"
    elif figures:
        text += f" ({figures})"
    return NoSpace(text, "free some space and try again", room=room, figures=figures)


def _free(where: Path) -> int | None:
    """Bytes that may be written where a path leads, which may be yet to be made; None if nobody can say."""
    for place in (where, *where.parents):
        try:
            found = os.statvfs(place)
        except FileNotFoundError:
            continue
        except OSError:
            return None
        return found.f_bavail * found.f_frsize
    return None


def disk_failure(error: OSError) -> CalfError | None:
    """What to tell of a disk that is full, fails, or may not be written, and of too many open files.

    None when it is none of these.
    """
    if error.errno in _FULL:
        return no_space(Path(error.filename or "the data folder"), error.strerror)
    if error.errno in _TOO_MANY:
        return too_many_files(error.errno)
    return disk_failed(error) if error.errno in _FAILED else None


def too_many_files(number: int | None) -> TooManyFiles:
    """The error for a file that could not be opened because too many are; `number` says by whose limit."""
    if number == errno.ENFILE:
        return TooManyFiles(
            "too many open files: all programs of this machine together have as many as they may"
            " (fs.file-max); nothing was committed",
            "end what holds so many, or allow more: `sysctl fs.file-max=NUMBER`",
        )
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return TooManyFiles(
        f"too many open files: this process has {most}, which is as many as it may; nothing was committed",
        "let fewer clients and workers be busy at once, or allow more: `ulimit -Hn NUMBER` in the shell that"
        " starts the server (LimitNOFILE= for systemd, --ulimit nofile= for docker)",
    )


def cannot_open(reason: object) -> CalfError:
    """The error for a file that somebody else could not open, who does not say why."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        if error.errno in _TOO_MANY:
            return too_many_files(error.errno)
    return disk_failed(reason)


def disk_failed(reason: object) -> DiskFailed:
    """The error for a disk that fails or is read-only, whoever noticed it."""
    if isinstance(reason, OSError) and reason.errno == errno.EROFS:
        return DiskFailed(
            f"the file system is read-only: {reason.filename or reason.strerror}; nothing was committed",
            "mount it to be written, or use another folder",
        )
    return DiskFailed(
        f"the disk does not do what it is asked to: {reason}; nothing was committed",
        "see the kernel's log and the server's; what was committed before can be read as far as the disk can",
    )


class Draft:
    """A file under construction: exclusive, readable by its writer, invisible to others until `publish`.

    Every method raises `NoSpace` when the disk is full; the draft can then only be discarded.
    """

    def __init__(self, path: Path) -> None:
        """Create `path`, which must not exist yet."""
        self.path = path
        self.size = 0
        self._on_its_way = 0
        with full_is_no_space(path.parent):
            self._fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append all of `data`."""
        with full_is_no_space(self.path.parent), memoryview(data) as view:
            done = 0
            while done < len(view):
                done += os.write(self._fd, view[done:])
            self.size += done
            if self.size - self._on_its_way >= _STRETCH:
                self._send_off()

    def write_all(self, blobs: Sequence[bytes | bytearray | memoryview]) -> None:
        """Append all of these, many at a time."""
        with full_is_no_space(self.path.parent):
            for start in range(0, len(blobs), _AT_ONCE):
                some = blobs[start : start + _AT_ONCE]
                size, done = sum(map(len, some)), os.writev(self._fd, some)
                self.size += done
                if done < size:  # the disk is full, or what a write may have was less
                    self.write(memoryview(b"".join(some))[done:])
            if self.size - self._on_its_way >= _STRETCH:
                self._send_off()

    def read(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes that were written at `offset`."""
        return os.pread(self._fd, size, offset)

    def sync(self) -> None:
        """Have the bytes on the disk (not yet the name)."""
        with full_is_no_space(self.path.parent):
            os.fsync(self._fd)

    def _send_off(self) -> None:
        """Have the disk begin with what is new, so that `sync` finds little to wait for.

        What Linux does for bytes that are said not to be needed is to begin writing them; it drops only those
        that are on the disk already.
        """
        os.posix_fadvise(self._fd, self._on_its_way, self.size - self._on_its_way, os.POSIX_FADV_DONTNEED)
        self._on_its_way = self.size

    def publish(self, path: Path) -> None:
        """Close and rename to `path`, in the same folder; durable once `sync_dir` was called on that."""
        self._close()
        with full_is_no_space(path.parent):
            self.path.replace(path)

    def discard(self) -> None:
        """Close and remove it; harmless after `publish` or a second time."""
        if self._close():
            self.path.unlink(missing_ok=True)

    def _close(self) -> bool:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
        return fd >= 0


def write_file(path: Path, data: bytes | bytearray | memoryview, mode: int = 0o600) -> None:
    """Write a whole file durably, replacing what was there; raises `NoSpace` and then leaves the old file."""
    draft = Draft(path.with_name(f".{path.name}.{uuid.uuid4().hex}.draft"))
    try:
        draft.path.chmod(mode)
        draft.write(data)
        draft.sync()
        draft.publish(path)
    except BaseException:
        draft.discard()
        raise
    sync_dir(path.parent)


def durable_rename(tmp: Path, path: Path) -> None:
    """Give a file or folder its final name, on the disk; its contents must have been synced before."""
    with full_is_no_space(path.parent):
        tmp.replace(path)
    sync_dir(path.parent)


def sync_dir(path: Path) -> None:
    """Have a folder's names on the disk."""
    _sync(path, os.O_DIRECTORY)


def sync_file(path: Path) -> None:
    """Have the bytes of a file on the disk that others have written, not its name."""
    _sync(path, 0)


def _sync(path: Path, kind: int) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | kind)
    try:
        with full_is_no_space(path):
            os.fsync(fd)
    finally:
        os.close(fd)
