"""The end of a command's process, as the interpreter ends, but without taking apart what is held."""

from __future__ import annotations

import atexit
import sys


def settle() -> bool:
    """Do all that the interpreter does before it takes its modules apart, a fifth of a command's start.

    True: the process may end by `os._exit`. False where what was printed cannot be written: the interpreter
    has words and an exit code of its own for that, so it must end by itself.
    """
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()  # noqa: SLF001 - the interpreter's own first step
    atexit._run_exitfuncs()  # noqa: SLF001 - its second
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return False
    return True
