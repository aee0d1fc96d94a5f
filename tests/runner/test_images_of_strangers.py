"""Images that were made to do harm: what is in them reaches a stage at most, and never our own programs."""

from __future__ import annotations

import io
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from calf.kit.errors import Precondition
from calf.runner.containers.images import EngineStore
from calf.runner.containers.tool import find_tool
from tests.runner.image_benches import Bench, static_busybox


class Imports:
    """Images of given files, made at once, without a build."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.tool = find_tool(bench.engine, folder)
        self.folder = folder
        self.made: list[str] = []

    def make(self, *members: tuple[tarfile.TarInfo, bytes]) -> str:
        name = f"localhost/calf-test-strange:{uuid.uuid4().hex[:8]}"
        with tarfile.open(self.folder / "image.tar", "w") as archive:
            folders = map(folder, ("bin", "etc", "lib"))
            for member, data in (*folders, file("bin/sh", static_busybox().read_bytes()), *members):
                archive.addfile(member, io.BytesIO(data))
        self.tool.ask("import", "--change", "ENV PATH=/bin", str(self.folder / "image.tar"), name)
        self.made.append(name)
        return name


def file(name: str, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o755
    return member, data


def device(name: str, major: int, minor: int) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.mode, member.devmajor, member.devminor = tarfile.CHRTYPE, 0o666, major, minor
    return member, b""


def link(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member, b""


def folder(name: str) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, 0o755
    return member, b""


@pytest.fixture
def imports(image_bench: Bench, tmp_path: Path) -> Iterator[Imports]:
    imports = Imports(image_bench, tmp_path)
    yield imports
    for name in imports.made:
        imports.tool.ask("rmi", name)


@pytest.mark.sample
def test_what_an_image_has_loaded_into_every_program_is_not_loaded_into_ours(
    image_bench: Bench, imports: Imports
) -> None:
    """The relay is read, since nobody may read the process that keeps the container; both begin alike."""
    library = Path("/proc/self/maps").read_text().partition("libc.so")[0].rpartition(" ")[2] + "libc.so.6"
    spy = file("lib/spy.so", Path(library).read_bytes())
    image = imports.make(spy, file("etc/ld.so.preload", b"/lib/spy.so\n"))
    _, said = image_bench.sh(
        "grep -c /lib/ld /proc/$PPID/maps; grep spy /proc/$PPID/maps", image=image, batching=True
    )
    assert int(said[0]) > 0
    assert said[1:] == []


@pytest.mark.sample
def test_a_device_in_an_image_is_none(image_bench: Bench, imports: Imports) -> None:
    """An engine's control group would let this one pass; others it refuses, for who is in it still."""
    image = imports.make(device("zeros", 1, 5))
    assert image_bench.sh("head -c 1 /zeros 2>/dev/null | wc -c", image=image)[1] == ["0"]


USERS = "first:x:71:71::/:/\nodd:x:²:1::/:/\nfar:x:99999999999:1::/:/\nshort\nlast:x:72"


def test_users_are_looked_up_in_whatever_an_image_has_for_a_list_of_them(
    image_bench: Bench, imports: Imports
) -> None:
    store = EngineStore(image_bench.engine, imports.folder / "store")
    listed, *without = (
        store.find(imports.make(*members))
        for members in ([file("etc/passwd", USERS.encode())], [folder("etc/passwd")], [])
    )
    assert listed
    assert [store.user(listed, name) for name in ("first", "last")] == [71, 72]
    for image, name in (
        (listed, "odd"),
        (listed, "far"),
        (listed, "short"),
        *((each, "x") for each in without),
    ):
        assert image
        with pytest.raises(Precondition, match=f'user "{name}" does not exist in the image'):
            store.user(image, name)
    assert not any("calf-users" in line for line in imports.tool.ask("ps", "--all")), "none is left"


def test_a_number_of_a_user_that_is_none_is_told(image_bench: Bench) -> None:
    with pytest.raises(Precondition, match='user "²" does not exist'):
        image_bench.sh("true", user="²")


@pytest.mark.parametrize(
    ("name", "target", "into"),
    [
        ("run", "/tmp", "/tmp"),
        ("etc/hosts", "../tmp/hosts", "/tmp"),
        ("tmp", "/pfs/out", "/tmp"),
        ("pfs", "/dev/shm", "/dev"),
    ],
)
def test_what_is_shown_never_lies_where_a_stage_may_change_it(
    image_bench: Bench, imports: Imports, name: str, target: str, into: str
) -> None:
    if (image_bench.engine, name) == ("docker", "etc/hosts"):
        pytest.skip("docker puts a file of its own there first")
    image = imports.make(link(name, target), folder("tmp") if name != "tmp" else folder("pfs"))
    with pytest.raises(Precondition, match=f"the image has a link that leads from /.* into {into}$"):
        image_bench.sh("true", image=image)


def test_links_of_an_image_that_lead_nowhere_else_are_followed(image_bench: Bench, imports: Imports) -> None:
    image = imports.make(link("tmp", "var/tmp"), link("pfs", "/data"), link("etc/hosts", "/run/hosts"))
    outcome, _ = image_bench.sh("cd /tmp && echo x > x && cp x /data/out/", image=image)
    assert [entry.path for entry in outcome.output] == ["/x"], outcome.reason
