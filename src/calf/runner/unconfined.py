"""The last resort where the kernel refuses namespaces: a plain process, not isolated and reported so.

There is no `/pfs` here, so the places that a sandbox would show are replaced, in the command line, the
standard input and the environment, by where they really are; `CALF_PFS` tells stages that know of it.
Orphans are still ended, and time limits hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from calf.runner.plan import Bind, Plan, script

_BEFORE = r"(?<![^\s\"'`=:;,(<>|&@])"
_AFTER = r"(?=$|[/\s\"'`:;,)<>|&])"


def command(plan: Plan) -> tuple[str, ...]:
    """The command line that runs `plan`, whose places must have been translated."""
    described = plan.folder / "plan.json"
    described.write_text(json.dumps({"argv": plan.argv, "env": dict(plan.env), "cwd": plan.cwd}))
    described.chmod(0o600)
    return (*script("supervise.py"), str(described))


def translator(binds: Sequence[Bind]) -> Callable[[str], str]:
    """What replaces, in a text, the places inside a sandbox by where they are on this machine."""
    places = {bind.target: str(bind.source) for bind in binds if bind.target != str(bind.source)}
    longest_first = sorted(places, key=len, reverse=True)
    pattern = re.compile(f"{_BEFORE}({'|'.join(map(re.escape, longest_first))}){_AFTER}")
    return lambda text: pattern.sub(lambda found: places[found[1]], text)
