#!/usr/local/bin/python3
"""Seals an environment: what its lock does not name goes (pip, and the way to it), the rest is compiled.

Usage: `seal-venv PREFIX LOCK`. Bytecode is not checked against its source when it is loaded, for images do
not change, and it is the same each time: one file after the other, in order.
"""

from __future__ import annotations

import ensurepip
import py_compile
import re
import shutil
import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from importlib.util import cache_from_source
from pathlib import Path

LOCKED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==", re.MULTILINE)


def plain(name: str) -> str:
    """The name of a package as indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def remove_unlocked(packages: Path, lock: str) -> list[str]:
    """Remove every package that the lock does not name; their names."""
    locked = {plain(name) for name in LOCKED.findall(lock)}
    found = {one.name: one for one in distributions(path=[str(packages)])}
    gone = sorted(name for name in found if plain(name) not in locked)
    for name in gone:
        for path in _files(found[name]):
            path.unlink(missing_ok=True)
    _prune(packages)
    return gone


def compile_all(folder: Path) -> None:
    """Compile every module; templates that are not Python stay as they are."""
    warnings.simplefilter("ignore")
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    for path in sorted(folder.rglob("*.py")):
        py_compile.compile(str(path), doraise=False, quiet=2, invalidation_mode=mode)


def _files(distribution: Distribution) -> Iterator[Path]:
    for file in distribution.files or []:
        path = Path(str(distribution.locate_file(file)))
        yield path
        if path.suffix == ".py":
            yield Path(cache_from_source(str(path)))


def _prune(folder: Path) -> None:
    """Remove the folders that are empty."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()


def main() -> None:
    """Seal what the arguments name."""
    library = Path(sys.argv[1]) / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    removed = remove_unlocked(library / "site-packages", Path(sys.argv[2]).read_text(encoding="utf-8"))
    compile_all(library)
    if sys.argv[1] != sys.base_prefix:
        shutil.rmtree(Path(ensurepip.__file__).parent)
    sys.stdout.write(f"removed: {' '.join(removed) or 'nothing'}\n")


if __name__ == "__main__":
    main()
