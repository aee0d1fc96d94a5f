"""Which commit of git an image was built from, and whether its files are really those of the commit.

It stands beside the image, outside of its digest: the same bytes are the same image, wherever they come from.
Only the image's own files count, by git's own hashes; what else was changed in the checkout does not matter.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from calf.kit import atomic
from calf.model.statement.facts import Source
from calf.runner.host_system import PATH
from calf.runner.images.dockerfile import Recipe
from calf.runner.images.files import ImageFile, is_derived
from calf.runner.process import run_tool

_EXECUTABLE = "100755"
_ENTRY = re.compile(r"(\d{6}) blob ([0-9a-f]{40,64})\t(.+)")
_GIT = ("git", "-c", "safe.directory=*", "-c", "core.quotePath=false", "-C")
"""Nothing of a repository runs by what is asked here, so whose it is does not matter."""
_ENVIRONMENT = {"PATH": PATH, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}


def find_source(context: Path, dockerfile: Path, recipe: Recipe, files: Sequence[ImageFile]) -> Source:
    """The commit that is checked out at `context`, and which of the image's files differ from it.

    An empty source where there is no repository, no commit or no git.
    """
    commit = "".join(_git(context, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")).strip()
    top = "".join(_git(context, "rev-parse", "--show-toplevel")).strip()
    if not commit or not top or not Path(top).samefile(context):
        return Source()
    itself = str(dockerfile.resolve().relative_to(context.resolve()))
    here = {str(file.origin.relative_to(context)): (file.data, file.executable) for file in files}
    here[itself] = (dockerfile.read_bytes(), False)
    there = dict(_tree(context, commit, [*(copy.source for copy in recipe.copies), itself]))
    changed = {path for path, (data, runs) in here.items() if not _same(there.get(path), data, runs)}
    lost = {path for path in there if path not in here and not is_derived(path)}
    found = tuple(sorted(changed | lost))
    return Source(commit, bool(found), found)


def record_source(path: Path, source: Source) -> None:
    """Write down where an image comes from.

    That it was the same as a commit, file by file, stays true: nothing worse replaces a clean record.
    """
    known = read_source(path)
    if source != known and (known.dirty is not False or source.dirty is False):
        atomic.write_file(path, json.dumps(asdict(source), indent=2, sort_keys=True).encode() + b"\n", 0o644)


def read_source(path: Path) -> Source:
    """What was written down; an empty source when nothing was."""
    try:
        told = json.loads(path.read_text())
    except FileNotFoundError:
        return Source()
    return Source(told["commit"], told["dirty"], tuple(told["changed"]))


def _tree(context: Path, commit: str, paths: Sequence[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """The files of the commit at or below the paths: mode and hash by path."""
    for line in _git(context, "ls-tree", "-r", "--full-tree", commit, "--", *sorted(set(paths))):
        if found := _ENTRY.fullmatch(line):
            yield found[3], (found[1], found[2])


def _same(known: tuple[str, str] | None, data: bytes, executable: bool) -> bool:
    if known is None:
        return False
    mode, digest = known
    blob = b"blob %d\0%b" % (len(data), data)
    hasher = hashlib.sha256 if len(digest) == hashlib.sha256().digest_size * 2 else hashlib.sha1
    return digest == hasher(blob).hexdigest() and executable == (mode == _EXECUTABLE)


def _git(context: Path, *arguments: str) -> list[str]:
    """The lines that git prints; none when it fails or is not there."""
    lines: list[str] = []
    try:
        code = run_tool((*_GIT, str(context), *arguments), _ENVIRONMENT, context, lines.append)
    except OSError:
        return []
    return lines if code == 0 else []
