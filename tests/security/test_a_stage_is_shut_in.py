"""From inside a stage: nothing that was not given can be read, changed, reached or signalled."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calf.kit.errors import Precondition
from tests.runner.suite import CONTAINERS

if TYPE_CHECKING:
    from tests.runner.benches import Bench


@pytest.mark.sample
def test_only_declared_inputs_are_there(isolated: Bench) -> None:
    isolated.sh("cd /pfs; find . | sort", {"/in/f": b"1"})
    assert isolated.said().splitlines() == [".", "./.env", "./in", "./in/f", "./out"]


def test_the_hosts_folders_are_not_there(isolated: Bench, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    kernel = "" if isolated.isolation in CONTAINERS else "/sys"  # which engines show, read-only
    script = f"ls -A /home /work /srv /mnt /media /boot {kernel} {tmp_path} {Path.home()}/.ssh 2>&1"
    isolated.sh(script + " | grep -vc 'No such file'")
    assert isolated.said() == "0"


def test_the_root_has_only_what_programs_need(isolated: Bench) -> None:
    isolated.sh("ls -A /")
    known = {"bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "opt", "pfs", "proc", "root"}
    known |= {"run", "sbin", "tmp", "usr", "var"}
    known |= {"sys", ".dockerenv"} if isolated.isolation in CONTAINERS else set()
    assert set(isolated.said().split()) <= known


def test_the_store_is_not_there(isolated: Bench, tmp_path: Path) -> None:
    isolated.sh(f"ls {tmp_path.parent}")
    assert "No such file" in isolated.said()


def test_passwords_and_settings_of_the_host_are_not_there(isolated: Bench) -> None:
    isolated.sh("ls /etc/shadow /etc/hostname /etc/machine-id /etc/ssh; cat /etc/hostname")
    assert isolated.said().count("No such file") == 3
    assert isolated.said().splitlines()[-1] == "calf"


@pytest.mark.parametrize(
    "place",
    [
        "/new",
        "/usr/new",
        "/etc/new",
        "/etc/passwd",
        "/pfs/new",
        "/pfs/in/new",
        "/pfs/in/f",
        "/dev/new",
        "/etc/ssl/openssl.cnf",
        "/run/new",
    ],
)
def test_nothing_but_out_and_tmp_can_be_written(isolated: Bench, place: str) -> None:
    assert not isolated.sh(f"echo x >{place}", {"/in/f": b"1"}).ok
    refused = "ead-only file system" in isolated.said()
    assert refused or (isolated.isolation in CONTAINERS and "ermission denied" in isolated.said())


def test_the_kernels_settings_cannot_be_changed(isolated: Bench) -> None:
    """Opens for writing and writes nothing: if it could be done, the machine would stay as it is."""
    places = [
        "sys/kernel/core_pattern",
        "sys/vm/drop_caches",
        "sysrq-trigger",
        "irq/default_smp_affinity",
        "mtrr",
    ]
    isolated.python(
        "import os\n"
        f"for place in {places!r}:\n"
        "    try: opened = os.stat(os.open('/proc/' + place, os.O_WRONLY))\n"
        "    except OSError: print('refused')\n"
        "    else: print('refused' if opened.st_rdev == os.makedev(1, 3) else place)  # it is covered\n"
    )
    assert set(isolated.said().splitlines()) == {"refused"}


def test_the_kernels_memory_and_keys_are_covered(isolated: Bench) -> None:
    isolated.sh("cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | head -c 9 | wc -c")
    assert isolated.said() == "0"


@pytest.mark.sample
def test_rights_on_inputs_cannot_be_changed(isolated: Bench) -> None:
    assert not isolated.sh("chmod 777 /pfs/in/f", {"/in/f": b"1"}).ok
    assert not isolated.sh("mount -o remount,rw /pfs", {"/in/f": b"1"}).ok


@pytest.mark.sample
def test_own_identity_is_fixed_and_without_rights(isolated: Bench) -> None:
    isolated.sh(
        "id -u; id -un 2>/dev/null; hostname; grep -E 'Cap(Prm|Eff|Amb)|NoNewPrivs' /proc/self/status"
    )
    first = isolated.said().splitlines()
    if isolated.isolation != "docker":  # which knows no users but this machine's
        assert first[:2] == ["1000", "calf"]
    assert first[2] == "calf"
    assert {line.split()[1] for line in first[3:6]} == {"0000000000000000"}
    assert first[6].split()[1] == "1"


def test_user_of_the_spec_is_seen_inside_or_refused(isolated: Bench) -> None:
    if isolated.isolation == "docker" and os.getuid() != 0:
        with pytest.raises(Precondition, match="docker cannot show the user 0 to a stage"):
            isolated.worker("true", user="root")
        return
    isolated.sh("id -un", user="root")
    assert isolated.said() == "root"


@pytest.mark.sample
def test_no_namespaces_can_be_made(isolated: Bench) -> None:
    assert not isolated.sh("unshare --user --map-root-user true").ok


def test_other_processes_are_not_seen(isolated: Bench) -> None:
    isolated.sh("ls /proc | grep -E '^[0-9]+$' | wc -l")
    assert int(isolated.said()) < 12


def test_other_processes_cannot_be_signalled(isolated: Bench) -> None:
    outcome = isolated.sh(f"kill -0 {os.getpid()}")
    assert not outcome.ok or os.getpid() < 12


@pytest.mark.sample
def test_there_is_no_network_but_its_own_loopback(isolated: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = (
            "import socket\n"
            "s = socket.create_server(('127.0.0.1', 0))\n"
            "c = socket.create_connection(s.getsockname()); print('own ok')\n"
            f"for where in (('127.0.0.1', {port}), ('169.254.169.254', 80), ('1.1.1.1', 53)):\n"
            "    try: socket.create_connection(where, 2); print('reached', where)\n"
            "    except OSError as e: print('refused')\n"
        )
        isolated.python(script)
    assert isolated.said().splitlines() == ["own ok", "refused", "refused", "refused"]


def test_abstract_sockets_of_the_host_are_not_reachable(isolated: Bench) -> None:
    name = f"\0calf-test-{os.getpid()}-{threading.get_ident()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        outcome = isolated.python(f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})")
    assert not outcome.ok


def test_devices_are_the_harmless_ones(isolated: Bench) -> None:
    isolated.sh(
        "for d in /dev/*; do test -L $d || { test -c $d && echo $d; }; done; find /dev -type b; "
        "echo x >/dev/shm/f && echo shm; head -c 4 /dev/urandom | wc -c"
    )
    said = isolated.said().split()
    assert set(said) - {"/dev/tty", "/dev/console", "/dev/ptmx"} == {
        "/dev/full",
        "/dev/null",
        "/dev/random",
        "/dev/urandom",
        "/dev/zero",
        "shm",
        "4",
    }


def test_there_is_no_terminal_to_type_into(isolated: Bench) -> None:
    assert not isolated.sh("echo x >/dev/tty").ok


def test_descriptors_of_the_server_are_not_inherited(isolated: Bench) -> None:
    with (Path(__file__)).open() as held:
        os.set_inheritable(held.fileno(), True)
        isolated.sh("ls -l /proc/self/fd | grep -c -E 'test_a_stage|sqlite|pack|socket'")
    assert isolated.said() == "0"


def test_environment_of_the_spec_does_not_reach_our_own_tools(isolated: Bench, tmp_path: Path) -> None:
    isolated.sh("true", env={"LD_PRELOAD": f"{tmp_path}/evil.so", "PYTHONPATH": str(tmp_path)})
    outside = [line for line in isolated.said().splitlines() if "evil.so" in line and "prlimit" not in line]
    assert all("from LD_PRELOAD" in line for line in outside)
