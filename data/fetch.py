"""Fetch the full Oxford-IIIT Pet set: `python data/fetch.py [--out data/pets]`.

What to fetch and its MD5 stand in `data/*.dvc`. A download that was cut off goes on where it stopped; an
archive whose MD5 is wrong is never unpacked. Archives that were put into `--archives` by hand are taken, once
verified. Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tarfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
WANTED = re.compile(r"(?P<kind>images|annotations/trimaps)/(?P<name>[A-Za-z][\w-]*\.(?:jpg|png))")
TIMEOUT_SECONDS = 30
_BLOCK = 1 << 18


class FetchError(Exception):
    """The set could not be fetched; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """An archive as a DVC file pins it."""

    name: str
    url: str
    md5: str


def main() -> int:
    """Fetch, verify and unpack; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", type=Path, default=ROOT / "data" / "pets", help="folder for images and trimaps"
    )
    parser.add_argument(
        "--archives", type=Path, default=ROOT / ".cache" / "pets", help="folder of the archives"
    )
    parser.add_argument("--pins", type=Path, default=ROOT / "data", help="folder of the DVC files")
    given = parser.parse_args()
    try:
        for pinned in read_pins(given.pins):
            unpack(fetch(pinned, given.archives), given.out)
    except FetchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{given.out}: ready; use it with `make run PETS={given.out}`")
    return 0


def read_pins(folder: Path) -> list[Pinned]:
    """Read what the DVC files of a folder pin. Raises `FetchError` for a file of another form."""
    return [_pinned(path) for path in sorted(folder.glob("*.dvc"))]


def _pinned(path: Path) -> Pinned:
    text = path.read_text(encoding="utf-8")
    url = re.search(r"^deps:\n- path: (\S+)$", text, re.MULTILINE)
    md5 = re.search(r"^- md5: ([0-9a-f]{32})$", text, re.MULTILINE)
    if not url or not md5:
        raise FetchError(f"{path}: no DVC file with one path in deps and one md5 in outs")
    return Pinned(path.stem, url[1], md5[1])


def fetch(pinned: Pinned, folder: Path) -> Path:
    """Give the verified archive, downloading what of it is missing.

    Raises `FetchError` when its home cannot be reached, or sent something else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole, partial = folder / pinned.name, folder / f"{pinned.name}.partial"
    if not whole.is_file():
        _download(pinned, partial)
        partial.rename(whole)
    found = _md5(whole)
    if found != pinned.md5:
        whole.rename(folder / f"{pinned.name}.wrong")
        raise FetchError(
            f"{pinned.name} has the MD5 {found}, but {pinned.md5} is pinned; it was put aside as "
            f"{pinned.name}.wrong: run this again to fetch it anew"
        )
    return whole


def _download(pinned: Pinned, partial: Path) -> None:
    """Download to the end, from where an earlier try stopped."""
    have = partial.stat().st_size if partial.is_file() else 0
    request = urllib.request.Request(pinned.url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            resumed = response.status == 206
            total = int(response.headers.get("Content-Length") or 0) + (have if resumed else 0)
            with partial.open("ab" if resumed else "wb") as file:
                _copy(response, file, _Progress(pinned.name, total))
        size = partial.stat().st_size
        if total and size != total:
            raise FetchError(
                f"{pinned.name}: cut off after {size} of {total} bytes; run this again, it goes on there"
            )
    except urllib.error.HTTPError as error:
        if error.code != 416:  # "range not satisfiable": all of it is here already
            raise FetchError(
                f"{pinned.url}: the server says {error.code} {error.reason}; {_ADVICE}"
            ) from error
    except OSError as error:
        raise FetchError(f"{pinned.url} cannot be reached: {error}; {_ADVICE}") from error


_ADVICE = (
    "`make run` needs no network for data: it draws animals by default, and takes your own photos with "
    "PETS=<folder>. Archives that you have already can be put into .cache/pets"
)


def _copy(source: Any, target: IO[bytes], progress: _Progress) -> None:
    done = target.tell()
    while block := source.read(_BLOCK):
        target.write(block)
        done += len(block)
        progress.show(done)
    progress.end(done)


class _Progress:
    """A line that says how far it is, at most ten times a second on a terminal, once at the end elsewhere."""

    def __init__(self, name: str, total: int) -> None:
        self._name, self._total, self._shown = name, total, 0.0

    def show(self, done: int) -> None:
        now = time.monotonic()
        if sys.stderr.isatty() and now - self._shown > 0.1:
            self._shown = now
            print(f"\r{self._line(done)}", end="", file=sys.stderr, flush=True)

    def end(self, done: int) -> None:
        print(("\r" if sys.stderr.isatty() else "") + self._line(done), file=sys.stderr)

    def _line(self, done: int) -> str:
        share = f" ({100 * done // self._total} %)" if self._total else ""
        return f"{self._name}: {done / 1e6:.1f} MB{share}"


def unpack(archive: Path, out: Path) -> None:
    """Unpack the photos and trimaps of an archive: plain files with plain names only.

    The set's archives hold macOS's `._` files as well, which are no pictures. A stamp says that it is done.
    """
    stamp = out / f".{archive.name}"
    if stamp.is_file():
        return
    with tarfile.open(archive) as tar:
        for member in tar:
            wanted = WANTED.fullmatch(member.name)
            content = tar.extractfile(member) if wanted and member.isfile() else None
            if wanted and content:
                path = out / wanted["kind"] / wanted["name"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
    stamp.touch()


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
