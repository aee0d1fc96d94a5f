"""Taking what `export` wrote: every byte of it is compared with its manifest before anything is committed."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Self, cast

from calf.cli.sources import members, refuse_damage
from calf.client.export_format import COMMIT, FILES, FORMAT, MANIFEST, Digesting, Entry, Total
from calf.kit.paths import clean
from calf.model.errors import CalfError, IntegrityError, InvalidArgument
from calf.views.words import printable
from calf.wire.messages import Message, pfs

if TYPE_CHECKING:
    from calf.client.connection import Client
    from calf.client.put_requests import Source

_PIECE = 1024 * 1024
_IN_MEMORY = 4 * 1024 * 1024
_LONGEST = 64 * 1024 * 1024
"""Of what is read at once: `commit.json`, a line of the manifest."""
_NO_EXPORT = "`calf export` writes such archives; `pachctl put file --untar` puts the files of any other"
_AGAIN = "export it again; nothing was committed"


class Archive:
    """An exported commit in a file; use it in a `with`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listed = _List()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._listed.close()

    def put(self, client: Client, commit: Message, progress: Callable[[int], None]) -> Total:
        """Make one commit of it, in one pass. Raises CalfError for whatever is not as it was exported.

        There is no commit then: it is the server that makes one, when all of the stream has come.
        """
        from calf.client.put import send

        try:
            with refuse_damage():
                send(client, self._requests(commit, progress))
        except CalfError as error:
            error.message = f"{self._path}: {error.message}"
            raise
        return self._listed.total

    def compare(self, client: Client, commit: Message, progress: Callable[[int], None]) -> None:
        """Read all of a commit; raises IntegrityError when it does not hold what was put."""
        from calf.client.exporting import read_files

        name = f"{commit.repo.name}@{commit.id}"
        hint = f"`pachctl delete commit {name}` removes it; then import again"
        lines = self._listed.lines()
        for path, content in read_files(client, commit):
            while piece := content.read(_PIECE):
                progress(len(piece))
            if content.entry(path).line() != next(lines, b""):
                raise IntegrityError(
                    f"{name} is not what was sent: {printable(path)} reads differently", hint
                )
        if left := next(lines, b""):
            raise IntegrityError(
                f"{name} is not what was sent: {printable(_read(left)['path'])} is missing", hint
            )

    def _requests(self, commit: Message, progress: Callable[[int], None]) -> Iterator[Message]:
        """All that was there goes, and all that is in the archive comes."""
        from calf.client.put_requests import Manner, source_requests

        yield pfs.ModifyFileRequest(set_commit=commit)
        yield pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path="/"))
        for path, source in _files(members(self._path, ""), self._listed):
            content = Digesting(_opened(source))
            put = source._replace(path=path, open=partial(_same, content))
            yield from source_requests(put, Manner(append=True), progress)
            self._listed.add(content.entry(path))


class _List:
    """The files of a commit as lines of a manifest, on the disk where there are many."""

    def __init__(self) -> None:
        self._lines: Any = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by its owner
        self.commit = ""
        self.total = Total(0, 0, "")

    def add(self, entry: Entry) -> None:
        """One more file."""
        self._lines.write(entry.line())
        self.total = Total(self.total.files + 1, self.total.size + entry.size, self.commit)

    def close(self) -> None:
        """Let go of the disk."""
        self._lines.close()

    def check(self, manifest: IO[bytes]) -> None:
        """Raise IntegrityError for the first line of the manifest that says something else."""
        for line in self.lines():
            said = manifest.readline(_LONGEST)
            if said != line:
                raise _difference(said, line)
        said = manifest.readline(_LONGEST)
        if said != self.total.line():
            raise _difference(said, self.total.line())
        if manifest.read(1):
            raise IntegrityError(f"{MANIFEST} goes on behind its end", _AGAIN)

    def lines(self) -> Iterator[bytes]:
        """Each file's line."""
        self._lines.seek(0)
        return iter(self._lines)


def _files(found: Iterator[Source], listed: _List) -> Iterator[tuple[str, Source]]:
    """The files between `commit.json` and the manifest, by their paths in the repo."""
    last, ended = "", False
    for source in found:
        name = source.path.removeprefix("/")
        if ended:
            raise IntegrityError(f"it holds {printable(name)} behind its manifest", _AGAIN)
        if not listed.commit:
            listed.commit = _check_format(name, source)
            listed.total = Total(0, 0, listed.commit)
        elif name == MANIFEST:
            with _opened(source) as manifest:
                listed.check(manifest)
            ended = True
        else:
            path = f"/{name.removeprefix(FILES)}"
            if not name.startswith(FILES) or path != clean(path):
                raise InvalidArgument(f"{printable(name)} is no file of an export", _NO_EXPORT)
            if path <= last:  # paths rise, as in every commit, so none comes twice
                raise IntegrityError(f"{printable(path)} comes twice, or out of order", _AGAIN)
            last = path
            yield path, source
    if not listed.commit:
        raise InvalidArgument("it is no export: it holds nothing", _NO_EXPORT)
    if not ended:
        raise IntegrityError(f"it breaks off: its end, {MANIFEST}, is missing", _AGAIN)


def _check_format(name: str, source: Source) -> str:
    """The digest of `commit.json`; refuses what does not begin with one that we know."""
    with _opened(source) as file:
        content = file.read(_LONGEST) if name == COMMIT else b""
    told = _read(content)
    if name != COMMIT or "format" not in told:
        raise InvalidArgument(f"it is no export: it does not begin with {COMMIT}", _NO_EXPORT)
    if told["format"] != FORMAT:
        shown = printable(str(told["format"])[:100])
        raise InvalidArgument(f"it is of format {shown}, and {FORMAT} is known here", "use a newer calf")
    return hashlib.sha256(content).hexdigest()


def _difference(said: bytes, found: bytes) -> IntegrityError:
    """In words, what a line of the manifest should be by what was read."""
    theirs, ours = _read(said), _read(found)
    path, there = printable(str(theirs.get("path", ""))), printable(str(ours.get("path", "")))
    if "path" in ours and path == there:
        for key, name in (("size", "size"), ("sha256", "SHA-256"), ("blake3", "BLAKE3")):
            if theirs.get(key) != ours[key]:
                text = f"{there} is not what was exported: its {name} is {ours[key]}, not {theirs.get(key)}"
                return IntegrityError(text, _AGAIN)
    if path:
        return IntegrityError(f"{path} is missing" + (f": {there} is in its place" if there else ""), _AGAIN)
    if there and "files" in theirs:
        return IntegrityError(f"{there} was not exported", _AGAIN)
    if not there and theirs.get("commit_sha256") != ours["commit_sha256"] and "files" in theirs:
        return IntegrityError(f"{COMMIT} is not what was exported", _AGAIN)
    return IntegrityError(f"{MANIFEST} is damaged", _AGAIN)


def _read(line: bytes) -> dict[str, Any]:
    """An object of JSON; empty for whatever else it is."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _opened(source: Source) -> Any:
    assert source.open is not None, "it is a member of an archive"
    return source.open()


def _same(content: Digesting) -> BinaryIO:
    return cast("BinaryIO", content)
