"""Contexts, sealed environments, and what a second build is compared with."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest
from base.seal_venv import compile_all, remove_unlocked
from building.contexts import make_contexts
from building.debian import owners, records
from building.engine import Engine
from building.plans import BuildError, Plan, all_plans
from building.twice import build_all, build_base, check_same

from calf.runner.images.dockerfile import read_dockerfile
from calf.runner.images.files import collect
from calf.runner.images.identity import image_digest
from tests.images.conftest import ROOT


def test_a_context_has_the_sandbox_s_files_and_the_same_rights_whatever_the_umask(tmp_path: Path) -> None:
    (plan,) = [plan for plan in all_plans() if plan.short == "split"]
    rights = []
    for name, mask in (("open", 0o000), ("shut", 0o077)):
        before = os.umask(mask)
        try:
            make_contexts([plan], tmp_path / name, "3.11")
        finally:
            os.umask(before)
        rights.append(
            {
                str(path.relative_to(tmp_path / name)): path.stat().st_mode
                for path in (tmp_path / name).rglob("*")
            }
        )
    assert rights[0] == rights[1]
    files = collect(read_dockerfile(plan.dockerfile), ROOT, plan.dockerfile)
    there = {path for path in (tmp_path / "open/split").rglob("*") if path.is_file()}
    assert there == {tmp_path / "open/split" / file.origin.relative_to(ROOT) for file in files}
    assert os.access(tmp_path / "open/base/seal_venv.py", os.X_OK)
    assert not (tmp_path / "open/base/upstream.txt").exists()


@pytest.mark.parametrize("plan", all_plans(), ids=lambda plan: plan.short)
def test_an_image_is_labelled_with_the_digest_of_calf_s_own(plan: Plan, tmp_path: Path) -> None:
    recipe = read_dockerfile(plan.dockerfile)
    files = collect(recipe, ROOT, plan.dockerfile)
    digest = image_digest(recipe, files, plan.lock.read_bytes())
    make_contexts([plan], tmp_path, platform.python_version())
    text = (tmp_path / f"{plan.short}.Dockerfile").read_text()
    assert text == plan.dockerfile.read_text() + f"LABEL dev.calf.sources={digest}\n"
    make_contexts([plan], tmp_path, "3.11.0")
    assert digest not in (tmp_path / f"{plan.short}.Dockerfile").read_text()


def package(packages: Path, name: str) -> None:
    module, info = packages / name, packages / f"{name}-1.0.dist-info"
    module.mkdir(parents=True)
    info.mkdir()
    (module / "__init__.py").write_text("NAMES = {'a', 'b'}\n")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    script = packages.parents[2] / "bin" / name
    script.parent.mkdir(exist_ok=True)
    script.write_text("#!python\n")
    files = (
        f"{name}/__init__.py",
        f"{name}-1.0.dist-info/METADATA",
        f"{name}-1.0.dist-info/RECORD",
        f"../../../bin/{name}",
    )
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))


def test_sealing_removes_what_the_lock_does_not_name_and_nothing_else(tmp_path: Path) -> None:
    packages = tmp_path / "lib/python3.11/site-packages"
    for name in ("pip", "wanted_one"):
        package(packages, name)
    compile_all(packages)
    assert remove_unlocked(packages, "wanted-one==1.0 \\\n    --hash=sha256:ab\n") == ["pip"]
    left = {path.name for path in packages.iterdir()}
    assert left == {"wanted_one", "wanted_one-1.0.dist-info"}
    assert [path.name for path in (tmp_path / "bin").iterdir()] == ["wanted_one"]


def test_bytecode_is_the_same_each_time_and_asks_for_no_source(tmp_path: Path) -> None:
    package(tmp_path / "lib/python3.11/site-packages", "one")
    source = tmp_path / "lib/python3.11/site-packages/one/__init__.py"
    made = []
    for when in (1, 2_000_000_000):
        os.utime(source, (when, when))
        compile_all(tmp_path)
        (bytecode,) = (source.parent / "__pycache__").iterdir()
        made.append(bytecode.read_bytes())
        bytecode.unlink()
    assert made[0] == made[1]
    assert int.from_bytes(made[0][4:8], "little") == 1  # by hash, and not checked


def test_owners_are_found_by_either_name_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "info").mkdir()
    (tmp_path / "info/libc6:amd64.list").write_text("/.\n/lib/x86_64-linux-gnu/libc.so.6\n")
    (tmp_path / "info/dash.list").write_text("/usr/bin/dash\n")
    (tmp_path / "status").write_text(
        "Package: libc6\nVersion: 2.36\nDescription: x\n more\n\nPackage: other\nVersion: 1\n"
    )
    assert owners([Path("/usr/lib/x86_64-linux-gnu/libc.so.6"), Path("/bin/dash")], tmp_path) == {
        "libc6",
        "dash",
    }
    record = records({"libc6"}, tmp_path)["var/lib/dpkg/status.d/libc6"]
    assert record.data == b"Package: libc6\nVersion: 2.36\n"


def test_both_builds_take_what_there_was_when_the_first_began(tmp_path: Path) -> None:
    """Somebody else's edit between two builds is no difference of the builds (seen: calf/deliver)."""
    stage, contexts = tmp_path / "root/stages/one", tmp_path / "contexts"
    stage.mkdir(parents=True)
    plan = Plan("calf/one", stage / "Dockerfile", stage / "requirements.lock")
    plan.dockerfile.write_text("FROM x\nCOPY stages/one/main.py /stage/main.py\n")
    (stage / "main.py").write_text("before\n")
    seen: list[str] = []

    class Recorder(Engine):
        def build(self, name: str, dockerfile: Path, context: Path, *_: object, **__: object) -> str:
            seen.extend(path.read_text() for path in (dockerfile, *context.rglob("main.py")))
            return "sha256:0"

    make_contexts([plan], contexts, "3.11", tmp_path / "root")
    build_base(Recorder(), "python", contexts)
    build_all(Recorder(), [plan], contexts, lambda _: None)
    half = len(seen)
    (stage / "main.py").write_text("after\n")
    plan.dockerfile.write_text("FROM y\n")
    build_base(Recorder(), "python", contexts)
    build_all(Recorder(), [plan], contexts, lambda _: None)
    assert seen[:half] == seen[half:]
    assert "before\n" in seen


def test_an_image_that_came_out_otherwise_is_named() -> None:
    check_same({"a": "1", "b": "2"}, {"b": "2", "a": "1"})
    with pytest.raises(BuildError, match=r"not the same twice:\nb: 2 the first time, 3 the second$"):
        check_same({"a": "1", "b": "2"}, {"a": "1", "b": "3"})
    with pytest.raises(BuildError, match="a: 1 the first time, None the second"):
        check_same({"a": "1"}, {})
