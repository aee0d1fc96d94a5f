"""What the owner of a server decides: the folder, the address, who may call, how stages run."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import platformdirs

from calf.kit import durations
from calf.kit.errors import InvalidArgument

if TYPE_CHECKING:
    from calf.model.spec import IdentityRule

DEFAULT_ADDRESS = "127.0.0.1:30650"
ISOLATIONS = ("sandbox", "container", "bubblewrap", "unshare", "podman", "docker", "process")
OFF = "off"
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Config:
    """`isolation` names the only backend allowed, "" for the best there is; `workers` the stages at once.

    `folders` may be read and written through `file://` URLs. Images that match one of `host_images` (none:
    those of plain systems) and were not built mean this machine. `settings` are the environment's variables,
    of which those of object stores are used. Every `collect_every` seconds (0: never) space is given back.
    With `tls_cert` and `tls_key` the address speaks TLS; with a `token_file` it asks for one of its tokens.
    An address that other machines reach must do both, as must that of the `dashboard`: "" is the port after
    the server's, on loopback, "off" none.
    """

    home: Path
    address: str = DEFAULT_ADDRESS
    isolation: str = ""
    workers: int = 2
    datum_identity: IdentityRule = "calf"
    folders: tuple[Path, ...] = ()
    host_images: tuple[str, ...] = ()
    collect_every: float = 0.0
    tls_cert: Path | None = None
    tls_key: Path | None = None
    token_file: Path | None = None
    dashboard: str = ""
    settings: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def __post_init__(self) -> None:
        check_port(self.address)
        self._check_admission(self.address, "the server")
        if self.dashboard not in ("", OFF):
            check_port(self.dashboard)
            self._check_admission(self.dashboard, "the dashboard")
        if self.isolation and self.isolation not in ISOLATIONS:
            raise InvalidArgument(
                f'unknown isolation "{self.isolation}"',
                f"--isolation (or CALF_RUNNER) is {', '.join(ISOLATIONS)}, or nothing for the best there is",
            )

    def _check_admission(self, address: str, what: str) -> None:
        """Refuse half a pair, and to listen where others could reach us without both TLS and a token."""
        if (self.tls_cert is None) != (self.tls_key is None):
            half, other = ("cert", "key") if self.tls_key is None else ("key", "cert")
            raise InvalidArgument(
                f"--tls-{half} is given without --tls-{other}", "give both, or neither for no TLS"
            )
        lacking = [
            option
            for option, file in (
                ("--tls-cert and --tls-key", self.tls_cert),
                ("--token-file", self.token_file),
            )
            if file is None
        ]
        if lacking and not is_loopback(address):
            raise InvalidArgument(
                f"cannot listen on {address} without {' and '.join(lacking)}: other machines could reach"
                f" {what}",
                "`calf access` makes the files and says how they are used; or use 127.0.0.1:PORT",
            )

    @property
    def port(self) -> int:
        """The port to listen on; 0 picks a free one."""
        return int(self.address.rpartition(":")[2])

    def files(self) -> dict[str, Path | None]:
        """The files about who may call, by the names of their options."""
        return {"tls_cert": self.tls_cert, "tls_key": self.tls_key, "token_file": self.token_file}

    def stamps(self) -> dict[str, list[int]]:
        """Of those files that are given and there, what changes when they are written: time, size, inode."""
        found = {name: file.stat() for name, file in self.files().items() if file and file.exists()}
        return {name: [it.st_mtime_ns, it.st_size, it.st_ino] for name, it in found.items()}

    def changed(self, stamps: Mapping[str, list[int]]) -> list[str]:
        """Those of these files that are not as they were; what had no stamp is taken to be so."""
        return [name for name, now in self.stamps().items() if stamps.get(name, now) != now]

    def options(self) -> dict[str, object]:
        """What a second `calf up` may not ask for otherwise, as it is written down."""
        return {
            "isolation": self.isolation,
            "workers": self.workers,
            "datum_identity": self.datum_identity,
            "folders": [str(folder) for folder in self.folders],
            "host_images": list(self.host_images),
            "collect_every": self.collect_every,
            "dashboard": self.dashboard,
            **{name: str(file or "") for name, file in self.files().items()},
        }


def check_port(address: str) -> None:
    """Refuse an address without a port that can be."""
    port = address.rpartition(":")[2]
    if not (port.isascii() and port.isdecimal() and int(port) <= _HIGHEST_PORT):
        raise InvalidArgument(
            f"cannot listen on {address}: it does not end with a port from 0 to {_HIGHEST_PORT}",
            "write 127.0.0.1:PORT; port 0 picks a free one",
        )


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address, `host:port`. A name that may mean anything is not."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def default_home() -> Path:
    """The data folder when nobody says otherwise: `calf` in the user's XDG data folder."""
    return platformdirs.user_data_path("calf")


def home_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--home`, for every command."""
    return click.option(
        "--home",
        envvar="CALF_HOME",
        type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
        default=default_home,
        show_default="$CALF_HOME or the XDG data folder",
        help="The data folder.",
    )(command)


class Duration(click.ParamType):  # type: ignore[type-arg]  # not generic when it runs
    """Seconds, written as `90s` or `24h`."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds, none of them negative."""
        if isinstance(value, float):
            return value
        try:
            seconds = durations.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return seconds if seconds >= 0 else self.fail(f"{value} is negative", param, ctx)


_FILE = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)
_SERVER_OPTIONS = (
    click.option(
        "--address",
        envvar="CALF_ADDRESS",
        show_envvar=True,
        default=DEFAULT_ADDRESS,
        show_default=True,
        help="Where to listen; port 0 picks a free one.",
    ),
    click.option(
        "--isolation",
        envvar="CALF_RUNNER",
        show_envvar=True,
        default="",
        help=f"The only isolation allowed: {', '.join(ISOLATIONS)}. Default: the best sandbox.",
    ),
    click.option(
        "--workers",
        envvar="CALF_WORKERS",
        show_envvar=True,
        type=click.IntRange(min=1),
        default=2,
        show_default=True,
        help="Stages at once.",
    ),
    click.option(
        "--datum-identity",
        envvar="CALF_DATUM_IDENTITY",
        show_envvar=True,
        type=click.Choice(["calf", "pachyderm"]),
        default="calf",
        show_default=True,
        help="Whether a datum's identity counts the code (calf) or not (pachyderm).",
    ),
    click.option(
        "--folder",
        "folders",
        envvar="CALF_FOLDERS",
        show_envvar=True,
        multiple=True,
        type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
        help="A folder that clients may read and write through file:// URLs; repeatable.",
    ),
    click.option(
        "--host-image",
        "host_images",
        envvar="CALF_HOST_IMAGES",
        show_envvar=True,
        multiple=True,
        help="Names of images that mean this machine's own system where none was built, as a pattern;"
        " repeatable. Default: host, ubuntu*, debian*, alpine*, busybox*, bash*, python*, pachyderm/*.",
    ),
    click.option(
        "--collect-every",
        envvar="CALF_COLLECT_EVERY",
        show_envvar=True,
        type=Duration(),
        default="0s",
        show_default=True,
        help="Do what `calf gc` does this often, such as 24h, while nothing is written; 0: never.",
    ),
    click.option(
        "--tls-cert",
        envvar="CALF_TLS_CERT",
        show_envvar=True,
        type=_FILE,
        help="Speak TLS with this certificate, PEM; `calf access` makes one.",
    ),
    click.option(
        "--tls-key",
        envvar="CALF_TLS_KEY",
        show_envvar=True,
        type=_FILE,
        help="The certificate's private key, PEM, readable by you alone.",
    ),
    click.option(
        "--token-file",
        envvar="CALF_TOKEN_FILE",
        show_envvar=True,
        type=_FILE,
        help="Let in who shows one of the tokens in this file, one a line, readable by you alone.",
    ),
    click.option(
        "--dashboard",
        metavar="ADDRESS",
        envvar="CALF_DASHBOARD",
        show_envvar=True,
        default="",
        help="Where the dashboard listens, or `off`. Default: 127.0.0.1 and the port after the server's, or a"
        " free one if that is taken.",
    ),
)


def server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What `serve` and `up` take."""
    for option in reversed(_SERVER_OPTIONS):
        command = option(command)
    return home_option(command)
