"""This machine's Python as a folder that runs on any root: with its own loader, libraries and modules.

What keeps a container going is a program of ours, and an image may have no Python, another libc, or nothing
at all. Nothing of the image is loaded for it: the loader is named, and where it looks is told.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import sysconfig
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from calf.kit.errors import Precondition
from calf.runner.containers.tool import find_tool
from calf.runner.plan import Bind, interpreter
from calf.runner.workspace import remove_tree

PLACE = "/run/calf/python"
_VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
_LEFT_OUT = shutil.ignore_patterns(
    *("site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip"),
    *("lib2to3", "config-*", "*.a", "*.opt-?.pyc", "_tkinter*", "_test*", "_ctypes_test*"),
)
_FOR_WHEELS = ("libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "librt.so.1", "libstdc++.so.6")
"""What packages may rely on: those that `pachctl` inside is made of."""
_LOADER = "ld-"
# of the same length
_READ_ANYWHERE, _READ_NOWHERE = b"/etc/ld.so.preload\0", f"{PLACE}/-\0".encode()
_FORM = 2
"""Of the folder; to be raised when what is in it changes."""


class PortablePython:
    """Made below `folder` when it is first asked for, and anew when this machine's Python or libc was another
    then; thread-safe.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._known: Path | None = None

    def shown(self) -> tuple[Bind, tuple[str, ...]]:
        """What to show, and the start of a command line that runs it there.

        Raises `Precondition` where it cannot be made of this machine's Python.
        """
        with self._lock:
            made = self._known = self._known or self._made()
        loader = (made / "loader").read_text()
        words = (f"{PLACE}/lib/{loader}", "--inhibit-cache", "--library-path", f"{PLACE}/lib")
        return Bind(made, PLACE), (*words, f"{PLACE}/bin/{_VERSION}")

    def _made(self) -> Path:
        modules = Path(sysconfig.get_path("stdlib"))
        native = [Path(interpreter()), *sorted((modules / "lib-dynload").glob("*.so"))]
        libraries = _libraries([path for path in native if "_tkinter" not in path.name], self._folder)
        made = self._folder / _digest([*native, *libraries.values()])
        if made.is_dir():
            return made
        remove_tree(self._folder)
        draft = self._folder / "draft"
        (draft / "bin").mkdir(parents=True)
        shutil.copy2(interpreter(), draft / "bin" / _VERSION)
        shutil.copytree(modules, draft / "lib" / _VERSION, ignore=_LEFT_OUT)
        for name, path in libraries.items():
            shutil.copy2(path, draft / "lib" / name)
        loader = next(name for name in libraries if name.startswith(_LOADER))
        _make_deaf(draft / "lib" / loader)
        (draft / "loader").write_text(loader)
        draft.rename(made)
        return made


def _make_deaf(loader: Path) -> None:
    """Have it not heed the one file that it would take from an image whatever it is told: what glibc's loader
    finds named there, it loads into every program.
    """
    deaf = loader.read_bytes().replace(_READ_ANYWHERE, _READ_NOWHERE)
    loader.unlink()
    loader.write_bytes(deaf)
    loader.chmod(0o755)


def _digest(files: Iterable[Path]) -> str:
    """Of what these files are by their stamps, so that nothing need be read."""
    stamps = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(json.dumps([_FORM, sys.version, stamps]).encode()).hexdigest()[:16]


def _libraries(programs: list[Path], place: Path) -> dict[str, Path]:
    """All that they load, by the name that they ask for, with the loader, and what packages rely on."""
    place.mkdir(parents=True, exist_ok=True)
    found = dict(_loaded(programs, place))
    if not any(name.startswith(_LOADER) for name in found):
        raise Precondition("this machine's Python has no loader, so it cannot run in an image")
    home = next((path.parent for name, path in found.items() if name.startswith("libc.")), None)
    extra = [home / name for name in _FOR_WHEELS if (home / name).exists()] if home else []
    return found | {path.name: path for path in extra} | dict(_loaded(extra, place))


def _loaded(files: list[Path], place: Path) -> Iterator[tuple[str, Path]]:
    for line in find_tool("ldd", place).ask(*map(str, files)) if files else ():
        name, arrow, where = line.partition("=>")
        path = (where if arrow else name).split()[:1]
        if arrow and path == ["not"]:
            raise Precondition(f"this machine's Python needs {name.strip()}, which is not here")
        if path and path[0].startswith("/") and not path[0].endswith(":"):
            yield Path(name.split()[0]).name, Path(path[0])
