"""What a stage has besides its image and its inputs: its secrets, its door, and our own `pachctl`."""

from __future__ import annotations

import json
import shlex
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import normpath

from calf.kit.errors import InvalidArgument
from calf.kit.paths import safe_join
from calf.model.ports import WorkerSpec
from calf.runner.host_system import is_below_usr
from calf.runner.plan import Bind, interpreter
from calf.runner.ways import API_FOLDER, DOOR_FOLDER

_BIN = "/run/calf/bin"
_PACKAGES = "/run/calf/packages"
_CONFIG = "config.json"
_TAKEN = ("/run/calf", "/proc", "/sys", "/dev")
_PACKAGE = Path(__file__).parents[1]
_PACHCTL = """#!/bin/sh
unset GLIBC_TUNABLES LD_AUDIT LD_LIBRARY_PATH LD_PRELOAD
run='import sys; sys.path[:0] = {path}; from calf.cli.main import main; sys.exit(main())'
exec {python} -I -S -c "$run" "$@"
"""


@dataclass(frozen=True, slots=True)
class Belongings:
    """What to bind, what to add to the environment, and folders at the end of the search path."""

    binds: tuple[Bind, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tools:
    """Our `pachctl` for stages that may talk to us: the command, and the packages that it is made of."""

    binds: tuple[Bind, ...]


NOTHING = Belongings()


def install_tools(folder: Path) -> Tools:
    """Write the command into `folder`. It runs by this machine's Python, whatever the image has."""
    folder.mkdir(parents=True, exist_ok=True)
    packages = [_PACKAGE, *_site_packages()]
    _write_command(folder / "pachctl", interpreter(), [str(_PACKAGE.parent), *map(str, packages[1:])])
    shown = [Bind(package, str(package)) for package in packages if not is_below_usr(str(package))]
    return Tools((Bind(folder, _BIN), *shown))


def lay_out(workspace: Path, spec: WorkerSpec, tools: Tools, python: Sequence[str] = ()) -> Belongings:
    """Write what the stage of `spec` has into its worker's private folder. On an image's own system `python`
    begins a command line that runs ours.

    Raises `InvalidArgument` for a place that secrets cannot be mounted at.
    """
    binds = list(_secrets(workspace / "secrets", spec.secrets))
    if spec.port is not None:
        door = workspace / "door"
        door.mkdir(mode=0o700)
        binds.append(Bind(door, DOOR_FOLDER, writable=True))
    if not (spec.reaches_server or spec.batching):
        return Belongings(tuple(binds))
    _write_config(workspace / "api" / _CONFIG, spec.pipeline.project)
    env = {"PACH_CONFIG": f"{API_FOLDER}/{_CONFIG}"}
    shown = _tools_on_image(workspace / "bin", python) if python else tools.binds
    return Belongings((*binds, *shown), env, (_BIN,))


def _tools_on_image(folder: Path, python: Sequence[str]) -> Iterator[Bind]:
    """The same command where this machine's own folders are not: its packages have places of ours."""
    shown = [Bind(_PACKAGE, f"{_PACKAGES}/0/calf")]
    shown += [Bind(path, f"{_PACKAGES}/{at}") for at, path in enumerate(_site_packages(), 1)]
    folder.mkdir(mode=0o700)
    path = [f"{_PACKAGES}/{at}" for at in range(len(shown))]
    _write_command(folder / "pachctl", shlex.join(python), path)
    return iter((Bind(folder, _BIN), *shown))


def _site_packages() -> list[Path]:
    return [Path(path) for path in sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})]


def _write_command(command: Path, python: str, path: Sequence[str]) -> None:
    command.write_text(_PACHCTL.format(python=python, path=json.dumps(list(path))))
    command.chmod(0o755)


def _secrets(folder: Path, secrets: Mapping[str, Mapping[str, bytes]]) -> Iterator[Bind]:
    for number, (place, files) in enumerate(secrets.items()):
        if not place.startswith("/") or not _is_free(_plain(place)):
            raise InvalidArgument(
                f"secrets cannot be mounted at {place}",
                "use an absolute path that is not calf's or the kernel's, as /run/secrets",
            )
        source = folder / str(number)
        source.mkdir(mode=0o700, parents=True)
        for name, value in files.items():
            target = safe_join(source, name)
            target.write_bytes(value)
            target.chmod(0o400)
        yield Bind(source, _plain(place))


def _is_free(place: str) -> bool:
    """Whether neither our own programs nor the kernel's files are there."""
    taken = any(f"{place}/".startswith(f"{each}/") for each in _TAKEN)
    return not taken and place not in ("/", "/run", "/pfs", "/pfs/out")


def _plain(place: str) -> str:
    """Without dots and doubled strokes, of which `normpath` leaves two at the beginning."""
    return normpath(f"/{place.lstrip('/')}")


def _write_config(path: Path, project: str) -> None:
    """What clients find their way by: the relay says the address, in PACHD_ADDRESS."""
    context = {"pachd_address": "grpc://localhost:1650", "project": project}
    path.write_text(json.dumps({"v2": {"active_context": "worker", "contexts": {"worker": context}}}))
