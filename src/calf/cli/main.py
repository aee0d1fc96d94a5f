"""The entry point of pachctl. It loads next to nothing: where a warm process waits, that is the command."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(args: "Sequence[str] | None" = None) -> int:
    """Run pachctl and return its exit code.

    Without `args` it is the command that this process was started as, and may end the process by itself.
    """
    if args is None:
        from calf.cli.warm.asking import ask

        ask(sys.argv)
    from calf.cli.root import run

    return run(sys.argv[1:] if args is None else args)
