"""The shell that becomes a stage in its sandbox: it sets limits, and ends all when the server is gone.

It waits for one line on its lifeline, which says what it is to become, so it may be started before its datum
is known. A server that dies meanwhile says nothing, and the shell ends by itself.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping

from calf.runner.process import JOIN_FAILED, LIFELINE

_LONGEST = 32 << 10  # a pipe takes so much at once, whether somebody reads or not
_LINE = "CALF_LINE"
# A namespace of its own has low process ids; to end "all processes" in any other would be a disaster.
_ALONE = f"[ $$ -lt 10 ] || exit {JOIN_FAILED}; "
_WAIT = (
    f'ulimit -c 0; ulimit -u "$1" 2>/dev/null || ulimit -p "$1" || exit {JOIN_FAILED}; '  # dash says -p
    f'IFS= read -r {_LINE} <&{LIFELINE} || exit {JOIN_FAILED}; shift; eval "${_LINE}"; '
)
_END_ALL = f"{{ read -r _; kill -9 -1; }} <&{LIFELINE} & "
_BECOME = f'exec {LIFELINE}<&-; exec "$@"'
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TAKEN = frozenset(
    f"{_LINE} _ BASHOPTS BASH_VERSINFO EUID GROUPS IFS LINENO OLDPWD OPTIND PPID PWD SHELLOPTS UID".split()
)


def waiting(processes: int) -> tuple[str, ...]:
    """What becomes the command whose words follow, with at most so many processes, once it is told."""
    return ("/bin/sh", "-c", f"{_ALONE}{_WAIT}{_END_ALL}{_BECOME}", "sh", str(processes), "\n")


def plain(env: Mapping[str, str]) -> dict[str, str]:
    """The variables that may be given to the shell; it drops or changes others, so these are told."""
    return {name: value for name, value in env.items() if _is_plain(name)}


def line(old: Mapping[str, str], env: Mapping[str, str], cwd: str) -> bytes:
    """What to tell a shell that was given `old`: to become its command with `env`, in the folder `cwd`.

    Raises `OSError` when that is more than may be told.
    """
    new = {name: value for name, value in plain(env).items() if old.get(name) != value}
    odd = [f"{name}={value}" for name, value in env.items() if not _is_plain(name)]
    exports = [f"{name}={_quoted(value)}" for name, value in new.items()]
    words = [
        f"{_LINE}=$1; shift",
        *([" ".join(("export", *exports))] if exports else ()),
        *([" ".join(("set -- env", *map(_quoted, odd), '"$@"'))] if odd else ()),
        *([f"cd {_quoted(cwd)} || exit 1"] if cwd != "/" else ()),
        f"unset {_LINE} OLDPWD",
    ]
    told = ("; ".join(words) + "\n").encode("utf-8", "surrogateescape")
    if len(told) > _LONGEST:
        raise OSError(errno.E2BIG, os.strerror(errno.E2BIG))
    return told


def can_be_told(old: Mapping[str, str], env: Mapping[str, str], cwd: str) -> bool:
    """Whether that is not too much; what a shell is given when it starts may be longer."""
    try:
        line(old, env, cwd)
    except OSError:
        return False
    return True


def _is_plain(name: str) -> bool:
    return name not in _TAKEN and _PLAIN.fullmatch(name) is not None


def _quoted(text: str) -> str:
    """As one word of the line; for a newline stands the variable that the line itself was in."""
    return "'" + text.replace("'", "'\\''").replace("\n", f"'\"${_LINE}\"'") + "'"
