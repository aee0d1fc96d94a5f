"""What of this machine a sandbox shows: its programs and libraries, and of `/etc` only what those need.

Everything is read-only. What names the machine or its users is ours instead: users, hosts, time zone.
"""

from __future__ import annotations

import sys
from pathlib import Path

from calf.kit import atomic
from calf.runner.plan import HOSTNAME, USER_ID, Bind

_PROGRAMS = tuple(map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")))
_ETC = (
    "alternatives",  # Debian: awk, editor and others are links through it
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "ssl/certs",
    "ssl/openssl.cnf",
    "ca-certificates",
    "ca-certificates.conf",
    "pki",
    "fonts",
    "mime.types",
    "protocols",
    "services",
)
_SETTINGS = tuple(Bind(Path("/etc", name), f"/etc/{name}") for name in _ETC)
_OURS = {
    "passwd": (
        "root:x:0:0:root:/tmp:/bin/sh\n"
        f"calf:x:{USER_ID}:{USER_ID}:calf:/tmp:/bin/sh\n"
        "nobody:x:65534:65534:nobody:/tmp:/bin/sh\n"
    ),
    "group": f"root:x:0:\ncalf:x:{USER_ID}:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n",
    "hostname": f"{HOSTNAME}\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "resolv.conf": "",
}
_OF_MACHINE = ("hosts", "hostname", "resolv.conf")
FOLDERS = ("/etc", "/run", "/var", "/opt")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def write_etc(folder: Path) -> None:
    """Write the files of `/etc` that are ours, those that differ."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _OURS.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            atomic.write_file(path, text.encode(), 0o644)


def system_binds(etc: Path) -> tuple[Bind, ...]:
    """What to bind; `etc` is the folder that `write_etc` wrote."""
    programs = [Bind(path, str(path)) for path in _PROGRAMS if path.is_dir() and not path.is_symlink()]
    settings = [bind for bind in _SETTINGS if bind.source.exists()]
    ours = [Bind(etc / name, f"/etc/{name}") for name in _OURS]
    python = [] if is_below_usr(sys.base_prefix) else [Bind(Path(sys.base_prefix), sys.base_prefix)]
    return (*programs, *settings, *ours, *python)


def image_binds(etc: Path) -> tuple[Bind, ...]:
    """What to bind on an image's own system: what names the machine it runs on."""
    return tuple(Bind(etc / name, f"/etc/{name}") for name in _OF_MACHINE)


def system_links() -> tuple[tuple[str, str], ...]:
    """Links to have inside: those of a merged `/usr`, and a fixed time zone."""
    programs = [(str(path.readlink()), str(path)) for path in _PROGRAMS if path.is_symlink()]
    ours = (
        ("/usr/share/zoneinfo/UTC", "/etc/localtime"),
        ("/usr/lib/os-release", "/etc/os-release"),
        ("/tmp", "/var/tmp"),  # noqa: S108 - a link inside the sandbox
    )
    return (*programs, *ours)


def is_below_usr(path: str) -> bool:
    """Whether the sandbox shows it anyway."""
    return path == "/usr" or path.startswith("/usr/")
