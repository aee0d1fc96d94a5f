"""The last resort where the kernel refuses namespaces: a plain process, not isolated and reported so.

There is no `/pfs` here, so the places that a sandbox would show are replaced, in the command line, the
standard input and the environment, by where they really are; `CALF_PFS` tells stages that know of it.
Orphans are still ended, and time limits hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from calf.runner.described import describe, launch_described
from calf.runner.plan import Bind, Launcher, Plan, script

_BEFORE = r"(?<![^\s\"'`=:;,(<>|&@])"
_AFTER = r"(?=$|[/\s\"'`:;,)<>|&])"


def launcher(plan: Plan) -> Launcher:
    """What starts processes, in which places must have been translated."""
    words = script("supervise.py")
    return lambda inside: launch_described(words, plan.place, describe(inside))


def translator(binds: Sequence[Bind]) -> Callable[[str], str]:
    """What replaces, in a text, the places inside a sandbox by where they are on this machine."""
    places = {bind.target: str(bind.source) for bind in binds if bind.target != str(bind.source)}
    longest_first = sorted(places, key=len, reverse=True)
    pattern = re.compile(f"{_BEFORE}({'|'.join(map(re.escape, longest_first))}){_AFTER}")
    return lambda text: pattern.sub(lambda found: places[found[1]], text)
