"""Reads the Dockerfile of a stage: the few instructions whose meaning needs no container engine.

`ARG`, `FROM` a Python of this machine's version, `WORKDIR`, `COPY` from the context, `ENV`, one `RUN` that
makes a virtual environment below `/opt` from a hashed lock (and seals it, where the base has `seal-venv`),
and `USER` for the one whom the sandbox has. Anything else is an error that names file and line.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from calf.kit.errors import InvalidArgument
from calf.runner.host_system import PATH
from calf.runner.plan import USER_ID

_RUN = re.compile(
    r"python3?(?:\.\d+)? -m venv (?P<venv>/opt/[\w.-]+) && (?P=venv)/bin/(?:python -m )?pip install"
    r"(?P<flags>(?: --[\w-]+)*) -r (?P<lock>/\S+)(?: && seal-venv (?P=venv) (?P=lock))?"
)
_FLAGS = {"--require-hashes", "--no-compile", "--no-cache-dir", "--no-deps", "--quiet", "--only-binary"}
_RUN_HINT = (
    "write: RUN python -m venv /opt/venv && "
    "/opt/venv/bin/pip install --no-compile --require-hashes -r <lock, as copied>"
)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_TAKEN = frozenset(
    {
        "usr",
        "bin",
        "sbin",
        "lib",
        "lib32",
        "lib64",
        "libx32",
        "etc",
        "proc",
        "dev",
        "sys",
        "pfs",
        "tmp",
        "run",
    }
    | {"var", "root", "boot", "opt"}
)
_KNOWN = "ARG, FROM, WORKDIR, COPY, ENV, USER and one RUN that installs the lock"
_USER = f"{USER_ID}:{USER_ID}"
"""Whom a stage runs as in the sandbox."""


@dataclass(frozen=True, slots=True)
class Copy:
    """`source` in the context goes to `target`; `into`: below it, under its own name."""

    source: str
    target: str
    into: bool
    line: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """A Dockerfile, read. `venv` and `lock` are empty when nothing is installed."""

    base: str
    workdir: str
    env: Mapping[str, str]
    copies: tuple[Copy, ...]
    venv: str
    lock: str


@dataclass(slots=True)
class _Draft:
    path: Path
    args: dict[str, str] = field(default_factory=dict)
    base: str = ""
    workdir: str = "/"
    env: dict[str, str] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    venv: str = ""
    lock: str = ""


def read_dockerfile(path: Path) -> Recipe:
    """Read `path`. Raises `InvalidArgument` for what is not understood, `OSError` when it cannot be read."""
    draft = _Draft(path)
    readers = {
        "ARG": _arg,
        "FROM": _from,
        "WORKDIR": _workdir,
        "COPY": _copy,
        "ENV": _env,
        "RUN": _run,
        "USER": _user,
    }
    for line, text in _instructions(path.read_text(encoding="utf-8")):
        word, _, rest = text.partition(" ")
        reader = readers.get(word.upper())
        if reader is None:
            _fail(draft, line, f"the instruction {word} is not understood here", f"understood are {_KNOWN}")
        if not draft.base and word.upper() not in {"ARG", "FROM"}:
            _fail(draft, line, f"{word} stands before FROM", "begin with FROM")
        reader(draft, line, rest.strip())
    if not draft.base:
        _fail(draft, 1, "there is no FROM", "name a Python image, such as FROM python:3.11-slim")
    return Recipe(draft.base, draft.workdir, draft.env, tuple(draft.copies), draft.venv, draft.lock)


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Each instruction with the number of its first line; comments dropped, continued lines joined."""
    joined, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("#") or (not stripped and not joined):
            continue
        first = first or number
        joined += stripped.removesuffix("\\").strip() + " "
        if not stripped.endswith("\\"):
            yield first, " ".join(joined.split())
            joined, first = "", 0
    if joined:
        yield first, " ".join(joined.split())


def _arg(draft: _Draft, line: int, rest: str) -> None:
    name, _, value = rest.partition("=")
    if not re.fullmatch(r"\w+", name):
        _fail(draft, line, f"ARG {rest} names nothing", "write ARG NAME=default")
    draft.args[name] = value.strip("\"'")


def _from(draft: _Draft, line: int, rest: str) -> None:
    if draft.base:
        _fail(draft, line, "there is a second FROM", "use one stage: the environment comes from the lock")
    draft.base = _expand(draft, line, rest, draft.args)


def _workdir(draft: _Draft, line: int, rest: str) -> None:
    draft.workdir = _place(draft, line, _expand(draft, line, rest, draft.env))


def _env(draft: _Draft, line: int, rest: str) -> None:
    pairs = _split(draft, line, rest)
    if not pairs or any("=" not in pair for pair in pairs):
        _fail(draft, line, f"ENV {rest} is not of the form NAME=value", "write ENV NAME=value")
    for pair in pairs:
        name, _, value = pair.partition("=")
        draft.env[name] = _expand(draft, line, value, {"PATH": PATH, **draft.args, **draft.env})


def _copy(draft: _Draft, line: int, rest: str) -> None:
    words = _split(draft, line, rest)
    if any(word.startswith(("--", "[")) for word in words):
        _fail(
            draft,
            line,
            f"COPY with {words[0]} is not understood here",
            "write COPY <path in the context> <absolute path>",
        )
    if len(words) < 2:
        _fail(
            draft,
            line,
            "COPY needs a source and a target",
            "write COPY <path in the context> <absolute path>",
        )
    *sources, target = (_expand(draft, line, word, draft.env) for word in words)
    into = target.endswith("/") or len(sources) > 1
    for source in sources:
        draft.copies.append(Copy(source.strip("/"), _place(draft, line, target), into, line))


def _run(draft: _Draft, line: int, rest: str) -> None:
    found = _RUN.fullmatch(rest)
    if draft.venv:
        _fail(
            draft,
            line,
            "there is a second RUN",
            "one RUN that installs the lock is all that is understood here",
        )
    if found is None:
        _fail(draft, line, "this RUN is not understood here", _RUN_HINT)
    flags = set(found["flags"].split())
    if flags - _FLAGS:
        _fail(draft, line, f"pip's {min(flags - _FLAGS)} is not understood here", _RUN_HINT)
    if "--require-hashes" not in flags:
        _fail(draft, line, "pip runs without --require-hashes", "a lock without hashes does not pin anything")
    draft.venv, draft.lock = found["venv"], found["lock"]


def _user(draft: _Draft, line: int, rest: str) -> None:
    if rest != _USER:
        _fail(draft, line, f"USER {rest} is not whom the sandbox has", f"write USER {_USER}")


def _place(draft: _Draft, line: int, path: str) -> str:
    """An absolute path where an image may have something of its own."""
    whole = path if path.startswith("/") else f"{draft.workdir.rstrip('/')}/{path}"
    parts = [part for part in whole.split("/") if part not in {"", "."}]
    if ".." in parts or (parts and parts[0] in _TAKEN):
        _fail(
            draft,
            line,
            f"{path} is not a place for a stage's files",
            "use a folder of your own, such as /stage",
        )
    return "/" + "/".join(parts)


def _split(draft: _Draft, line: int, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        _fail(draft, line, f"the quotes do not match ({error})", "close every quote")


def _expand(draft: _Draft, line: int, text: str, known: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in known:
            _fail(draft, line, f"${name} has no value", f"give it one with ARG {name}=… or ENV {name}=…")
        return known[name]

    return _VARIABLE.sub(value, text)


def _fail(draft: _Draft, line: int, message: str, hint: str) -> NoReturn:
    raise InvalidArgument(f"{draft.path}:{line}: {message}", hint)
