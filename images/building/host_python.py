"""A base of this machine's own: its Python, the libraries that it needs, a shell and a few programs.

For where no registry can be reached. What is in it is as new or as old as this machine; the packages that it
was taken from are named where scanners look (`/var/lib/dpkg/status.d`), with their licences beside them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from building.debian import owners, records
from building.layers import Entry
from building.plans import BuildError

_PROGRAMS = ("cat", "chmod", "cp", "env", "false", "ln", "ls", "mkdir", "mv", "rm", "sleep", "true")
_FOR_WHEELS = (
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libstdc++.so.6",
    "libutil.so.1",
)
"""What every wheel for Linux may rely on (the manylinux rules) and Python itself does not always need."""
_UNWANTED = (
    "__pycache__",
    "config-*",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "dist-packages",
    "test",
    "tests",
    "tkinter",
    "turtle.py",
    "turtledemo",
    "_tkinter*",
    "_test*",
    "_ctypes_test*",
    "xxlimited*",
)


def python_files() -> dict[str, Entry]:
    """The base's files by name. Raises `BuildError` where a library is missing."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    interpreter = Path(sys.base_prefix, "bin", version)
    library = Path(sysconfig.get_path("stdlib"))
    entries = {
        f"usr/local/bin/{version}": Entry(0o755, interpreter),
        "usr/local/bin/python3": Entry(link=version),
        "usr/local/bin/python": Entry(link=version),
        "usr/bin/sh": Entry(0o755, _program("dash")),
        **{f"usr/bin/{name}": Entry(0o755, _program(name)) for name in _PROGRAMS},
    }
    modules = {f"usr/local/lib/{version}/{name}": path for name, path in _standard_library(library)}
    entries |= {name: Entry(0o644, path) for name, path in modules.items()}
    needed = [entry.source for entry in entries.values() if entry.source and _is_native(entry.source)]
    libraries, home = _libraries(needed)
    entries |= {_place(path, home): Entry(0o755, path) for path in libraries}
    taken = [Path(path).resolve() for path in (*libraries, *map(_program, (*_PROGRAMS, "dash")))]
    return entries | _folders() | records(owners(taken))


def _standard_library(library: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(library.rglob("*")):
        inside = path.relative_to(library)
        unwanted = any(fnmatchcase(part, pattern) for part in inside.parts for pattern in _UNWANTED)
        if not unwanted and path.is_file():
            yield str(inside), path


def _is_native(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _libraries(programs: list[Path]) -> tuple[list[Path], Path]:
    """All libraries that the programs load, the loader, and those that wheels rely on; and where libc is."""
    found = _loaded(programs)
    homes = {path.parent for path in found if path.name == "libc.so.6"}
    if not homes:
        raise BuildError("this machine's programs load no libc.so.6: a base can be made of glibc's only")
    (home,) = homes
    extra = [home / name for name in _FOR_WHEELS if (home / name).exists()]
    return sorted({*found, *extra, *_loaded(extra)}), home


def _loaded(files: list[Path]) -> set[Path]:
    command = ["ldd", *map(str, files)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    if "not found" in shown:
        missing = next(line.split()[0] for line in shown.splitlines() if "not found" in line)
        raise BuildError(f"this machine's Python needs {missing}, which is not here")
    words = (line.partition("=>")[2].split() or line.split() for line in shown.splitlines())
    return {Path(word[0]) for word in words if word[0].startswith("/") and not word[0].endswith(":")}


def _place(library: Path, home: Path) -> str:
    """Where a library goes: the loader by its fixed name, the others where it looks without being told."""
    place = library if library.name.startswith("ld-linux") else home / library.name
    return f"usr/{str(place).removeprefix('/usr').lstrip('/')}"


def _folders() -> dict[str, Entry]:
    links = {name: Entry(link=f"usr/{name}") for name in ("bin", "lib", "lib64", "sbin")}
    empty = ("dev", "etc", "mnt", "opt", "proc", "run", "sys", "usr/lib64", "usr/sbin", "var/lib")
    return {
        **links,
        **{name: Entry() for name in empty},
        "root": Entry(0o700),
        "tmp": Entry(0o1777),
        "var/tmp": Entry(0o1777),
        "etc/os-release": Entry(link="../usr/lib/os-release"),
        "usr/lib/os-release": Entry(0o644, Path("/usr/lib/os-release")),
    }


def _program(name: str) -> Path:
    found = shutil.which(name, path="/usr/bin:/bin")
    if not found:
        raise BuildError(f"there is no {name} on this machine")
    return Path(found)
