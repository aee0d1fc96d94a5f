"""Lays a datum's inputs out below `/pfs`, from the store.

Files that the datum before had too, with the same content, stay where they are: of ten thousand photos that
each come with the same parameters and weights, only the photo is written anew.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from calf.kit.atomic import full_is_no_space
from calf.kit.errors import InvalidArgument
from calf.kit.paths import safe_place
from calf.model.ports import InputFile
from calf.runner.workspace import empty, remove_tree
from calf.storage.store import Store

ENV_FILE = ".env"
_OUT = "/out"
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
PIPE_MODE = 0o644
"""Of named pipes: who is not root needs the right to write to what it feeds."""


class Layout:
    """What lies in one worker's `/pfs`. With `protected`, the stage cannot have changed it since."""

    def __init__(self, pfs: Path, store: Store, protected: bool) -> None:
        self._pfs = str(pfs)
        self._store = store
        self._protected = protected
        self._held: dict[str, InputFile] = {}
        self._folders = {_OUT}
        self._out_is_empty = False
        self._env = -1

    def close(self) -> None:
        """Lay out nothing any more."""
        env, self._env = self._env, -1
        if env >= 0:
            os.close(env)

    def empty_out(self) -> None:
        """Empty `/pfs/out` now; `show` need not. Raises `OSError` while somebody goes on writing there."""
        empty(self._pfs + _OUT)
        self._out_is_empty = True

    def show(self, inputs: Iterable[InputFile], env: str) -> int:
        """Have `/pfs` hold exactly `inputs`, the environment in `/pfs/.env`, and an empty `/pfs/out`.

        Returns the bytes written. Raises `InvalidArgument` when two inputs claim one place or a name is too
        long for a file here, `NoSpace` when the disk is full, `IntegrityError` when the store is damaged; the
        next call mends what was left half done.
        """
        wanted, folders = _claims(inputs)
        if not self._protected:
            self._forget_all()
        if not self._out_is_empty:
            self.empty_out()
        self._out_is_empty = False
        self._remove_others(wanted, folders)
        with full_is_no_space(Path(self._pfs)):
            written = self._write_new(wanted)
            self._write_env(env.encode("utf-8", "surrogateescape"))
        return written

    def _write_env(self, env: bytes) -> None:
        """It differs from datum to datum, so the file stays, and what it holds is written over."""
        path = f"{self._pfs}/{ENV_FILE}"
        if not self._protected:
            _remove_left(path)
            _write(path, [env])
            return
        if self._env < 0:
            _remove_left(path)
            self._env = os.open(path, _NEW, 0o444)
        done = 0
        while done < len(env):
            done += os.pwrite(self._env, memoryview(env)[done:], done)
        os.ftruncate(self._env, len(env))

    def _write_new(self, wanted: dict[str, InputFile]) -> int:
        written = 0
        for path, file in wanted.items():
            if path in self._held:
                continue
            target = safe_place(self._pfs, path)
            folder = path.rpartition("/")[0]
            with _too_long_is_invalid(path):
                if folder not in self._folders:
                    self._make(folder)
                written += self._write_one(target, file)
            self._held[path] = file
        return written

    def _write_one(self, target: str, file: InputFile) -> int:
        if file.form == "lazy":
            _remove_left(target)
            os.mkfifo(target, PIPE_MODE)
            return 0
        whole = file.form == "file"
        _write(target, self._store.read(file.content) if whole else ())
        return file.content.size if whole else 0

    def _remove_others(self, wanted: dict[str, InputFile], folders: set[str]) -> None:
        for path in [path for path, held in self._held.items() if wanted.get(path) != held]:
            os.unlink(safe_place(self._pfs, path))  # noqa: PTH108 - see `safe_place`
            del self._held[path]
        for folder in sorted(self._folders - folders - {_OUT}, reverse=True):
            os.rmdir(safe_place(self._pfs, folder))  # noqa: PTH106 - see `safe_place`
            self._folders.remove(folder)

    def _make(self, folder: str) -> None:
        """Make a folder, and those that it lies in."""
        above = folder.rpartition("/")[0]
        if above and above not in self._folders:
            self._make(above)
        os.mkdir(safe_place(self._pfs, folder))  # noqa: PTH102 - see `safe_place`
        self._folders.add(folder)

    def _forget_all(self) -> None:
        for left in Path(self._pfs).iterdir():
            if f"/{left.name}" != _OUT:
                remove_tree(left)
        Path(self._pfs + _OUT).mkdir(exist_ok=True)
        self._held = {}
        self._folders = {_OUT}


@contextmanager
def _too_long_is_invalid(path: str) -> Iterator[None]:
    """PFS takes longer names than the file systems of this machine."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise InvalidArgument(
            f"/pfs{path} cannot be laid out: {error.strerror}", "use shorter names, or fewer folders"
        ) from error


def _claims(inputs: Iterable[InputFile]) -> tuple[dict[str, InputFile], set[str]]:
    """The files by path, and all folders that they lie in."""
    claims: dict[str, InputFile] = {}
    for file in inputs:
        if claims.setdefault(file.path, file).content != file.content:
            raise InvalidArgument(
                f"two inputs of the datum claim /pfs{file.path} with different contents",
                "give the inputs different names",
            )
    folders = _folders(claims)
    both = ({_OUT} | folders) & claims.keys()
    if both:
        raise InvalidArgument(
            f"/pfs{min(both)} is both a file and a folder in this datum", "give the inputs different names"
        )
    return claims, folders


def _folders(paths: Iterable[str]) -> set[str]:
    """All folders that these files lie in."""
    folders: set[str] = set()
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent and parent not in folders:
            folders.add(parent)
            parent = parent.rpartition("/")[0]
    return folders


def _remove_left(target: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(target)  # noqa: PTH108 - see `safe_place`


def _write(target: str, pieces: Iterable[bytes]) -> None:
    """Write a whole file, or nothing under its name."""
    try:
        fd = os.open(target, _NEW, 0o444)
    except FileExistsError:  # left half done
        _remove_left(target)
        fd = os.open(target, _NEW, 0o444)
    try:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[os.write(fd, view) :]
    except BaseException:
        os.unlink(target)  # noqa: PTH108 - see `safe_place`
        raise
    finally:
        os.close(fd)
