"""The entry point of pachctl. It loads next to nothing: where a warm process waits, that is the command."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(args: "Sequence[str] | None" = None) -> int:
    """Run pachctl and return its exit code.

    Without `args` it is the command that this process was started as, and ends the process by itself.
    """
    return _run() if args is None else _run_here(args)


def _run() -> int:
    import gc
    import os

    from calf.cli.warm.asking import ask

    ask(sys.argv)
    gc.disable()  # what is loaded now stays to the end
    from calf.cli.leaving import settle
    from calf.cli.root import run

    gc.freeze()
    gc.enable()
    code = run(sys.argv[1:])
    if settle():
        os._exit(code & 0xFF)
    return code


def _run_here(args: "Sequence[str]") -> int:
    from calf.cli.root import run

    return run(args)
