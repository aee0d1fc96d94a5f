"""Compiles what has no bytecode yet below a folder. Usage: `<environment>/bin/python -I bytecode.py FOLDER`.

The bytecode is not checked against its source when it is loaded: images never change.
"""

from __future__ import annotations

import py_compile
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib.util import cache_from_source
from pathlib import Path


def compile_one(source: str) -> None:
    """Compile a file; some packages carry templates that are not Python, and those stay as they are."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(source, doraise=False, quiet=2, invalidation_mode=mode)


def main() -> None:
    """Compile all that is missing, on all cores."""
    sources = [str(path) for path in sorted(Path(sys.argv[1]).rglob("*.py"))]
    missing = [source for source in sources if not Path(cache_from_source(source)).exists()]
    with ProcessPoolExecutor() as pool:
        list(pool.map(compile_one, missing, chunksize=20))


if __name__ == "__main__":
    main()
