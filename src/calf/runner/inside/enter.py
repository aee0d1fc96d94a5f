"""The sandbox without bubblewrap: run as the first process of new namespaces that util-linux' `unshare` made.

Builds the root that the plan describes out of bind mounts, moves into it, gives up all rights, and runs the
stage. Stays behind as process 1, which reaps orphans; when the stage ends it ends, and the kernel ends the
rest. Usage: `unshare … python -I -S enter.py PLAN.json`. Exit code: the stage's, 128 + N for signal N, 125
when the root could not be built. Needs Linux 5.12 (`mount_setattr`).
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SETUP_FAILED = 125
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
MNT_DETACH = 2
SYS_MOUNT_SETATTR, SYS_PIVOT_ROOT = 442, {"x86_64": 155}.get(os.uname().machine, 41)
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 1, 2, 4
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 24, 47, 4
CAPABILITY_VERSION_3 = 0x20080522
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
DEVICES = ("null", "zero", "full", "random", "urandom")

libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Read the plan, build the root, run the stage."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs 20 ms of start
        plan = json.load(file)
    try:
        build(plan)
        socket.sethostname(plan["hostname"])
        bring_up_loopback()
        forbid_namespaces()
        enter(plan)
        give_up_rights()
    except OSError as error:
        sys.stderr.write(f"the sandbox could not be built: {error}\n")
        os._exit(SETUP_FAILED)
    os._exit(run(plan))


def check(result: int, what: str) -> None:
    """Raise `OSError` that says what was tried when a call failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)}: {what}")


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """mount(2)."""
    done = libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    check(done, f"mount {source} on {target}")


def protect(target: str, read_only: bool) -> None:
    """Take set-user-id, devices and, if asked, writing from a mount and all mounts below it."""
    attributes = struct.pack("=4Q", (ATTR_RDONLY if read_only else 0) | ATTR_NOSUID | ATTR_NODEV, 0, 0, 0)
    done = libc.syscall(
        SYS_MOUNT_SETATTR,
        AT_FDCWD,
        target.encode(),
        AT_RECURSIVE,
        attributes,
        ctypes.c_size_t(len(attributes)),
    )
    check(done, f"protect {target}")


def build(plan: dict[str, Any]) -> None:
    """Mount everything below the plan's root folder."""
    root = plan["root"]
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755")
    for folder in plan["folders"]:
        os.makedirs(root + folder, exist_ok=True)  # noqa: PTH103
    for target, at in plan["links"]:
        os.symlink(target, root + at)  # noqa: PTH211
    for source, target, writable in plan["binds"]:
        bind(source, root + target, writable)
    os.mkdir(root + "/proc")  # noqa: PTH102
    mount("proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    make_devices(root + "/dev")


def bind(source: str, target: str, writable: bool) -> None:
    """Bind a file or folder, making what it is mounted on."""
    if os.path.isdir(source):  # noqa: PTH112
        os.makedirs(target, exist_ok=True)  # noqa: PTH103
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    mount(source, target, "", MS_BIND | MS_REC)
    protect(target, read_only=not writable)


def make_devices(folder: str) -> None:
    """A /dev with the harmless devices, shared memory and the links to the standard streams."""
    os.mkdir(folder)  # noqa: PTH102
    mount("tmpfs", folder, "tmpfs", MS_NOSUID, "mode=0755")
    for name in DEVICES:
        os.close(os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY, 0o666))
        mount(f"/dev/{name}", f"{folder}/{name}", "", MS_BIND)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"{folder}/{name}")  # noqa: PTH211
    os.symlink("/proc/self/fd", folder + "/fd")  # noqa: PTH211
    os.mkdir(folder + "/shm")  # noqa: PTH102
    mount("tmpfs", folder + "/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")


def bring_up_loopback() -> None:
    """A new network namespace has a loopback interface, which is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack_from("16sH", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def forbid_namespaces() -> None:
    """No namespaces inside ours: they would give a stage rights in the kernel that it has no use for."""
    with open("/proc/sys/user/max_user_namespaces", "w", encoding="ascii") as file:  # noqa: PTH123
        file.write("0")


def enter(plan: dict[str, Any]) -> None:
    """Make the plan's root the root, and read-only, with what else must be; let go of the old one."""
    os.chdir(plan["root"])
    check(libc.syscall(SYS_PIVOT_ROOT, b".", b"."), "pivot_root")
    check(libc.umount2(b".", MNT_DETACH), "let the old root go")
    os.chdir("/")
    for path in plan["read_only"]:
        mount(path, path, "", MS_BIND | MS_REC)
        protect(path, read_only=True)
    for path in plan["hidden"]:
        mount("/dev/null", path, "", MS_BIND)
    only_this_mount = struct.pack("=4Q", ATTR_RDONLY | ATTR_NOSUID, 0, 0, 0)
    for folder in (b"/dev", b"/"):
        size = ctypes.c_size_t(len(only_this_mount))
        done = libc.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, folder, 0, only_this_mount, size)
        check(done, "protect the root")


def give_up_rights() -> None:
    """Drop every capability, for good."""
    check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "clear ambient capabilities")
    capability = 0
    while libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    check(libc.capset(header, struct.pack("=6I", 0, 0, 0, 0, 0, 0)), "drop capabilities")
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "forbid new privileges")


def run(plan: dict[str, Any]) -> int:
    """Run the stage in a session of its own; reap until it ends; its exit code."""
    stage = os.fork()
    if stage == 0:
        os.setsid()
        try:
            os.chdir(plan["cwd"])
            os.execvpe(plan["argv"][0], plan["argv"], plan["env"])  # noqa: S606 - no shell wanted
        except OSError as error:
            sys.stderr.write(f"cannot run {plan['argv'][0]} in {plan['cwd']}: {error.strerror}\n")
        os._exit(127)
    while True:
        pid, status = os.wait()
        if pid == stage:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


if __name__ == "__main__":
    main()
