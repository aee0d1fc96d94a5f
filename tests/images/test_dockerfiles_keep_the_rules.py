"""What holds for every Dockerfile whose image goes into the world."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from building.digests import read_upstream
from building.plans import BuildError, all_plans

from tests.images.conftest import ROOT

BASE = ROOT / "images/base/Dockerfile"
OURS = [plan.dockerfile for plan in all_plans()]


def instructions(path: Path) -> list[str]:
    lines = path.read_text().replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip() and not line.startswith("#")]


def test_every_dockerfile_is_built() -> None:
    """A folder with a Dockerfile that no plan knows would never be built, nor be held by these rules."""
    known = {*OURS, BASE}
    assert {*ROOT.glob("stages/*/Dockerfile"), *ROOT.glob("images/*/Dockerfile")} == known


@pytest.mark.parametrize("path", [*OURS, BASE], ids=lambda path: path.parent.name)
def test_nothing_comes_from_outside_but_by_hash(path: Path) -> None:
    for line in instructions(path):
        word, _, rest = line.partition(" ")
        assert word in {"ARG", "FROM", "WORKDIR", "ENV", "COPY", "RUN", "USER"}, line
        assert not re.search(r"https?://|ftp://|git@", line), line
        assert not re.search(r"\b(apt|apt-get|apk|curl|wget|git|gcc|make)\b", rest) or word == "COPY", line
        assert "pip install" not in line or "--require-hashes" in line


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.parent.name)
def test_an_image_stands_on_our_base_and_ends_as_nobody_special(path: Path) -> None:
    lines = instructions(path)
    assert lines[:2] == ["ARG BASE=calf/base:python3.11", "FROM ${BASE}"]
    assert lines[-1] == "USER 1000:1000"
    assert [line for line in lines if line.startswith("USER")] == lines[-1:]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.parent.name)
def test_packages_come_before_code_so_that_code_alone_is_pulled_again(path: Path) -> None:
    words = [line.split()[0] for line in instructions(path)]
    assert words[words.index("RUN") - 1] == "COPY"
    assert words.count("RUN") == 1
    assert words[: words.index("RUN")].count("COPY") == 1


@pytest.mark.parametrize("path", [*OURS, BASE], ids=lambda path: path.parent.name)
def test_programs_are_told_what_makes_them_repeat_themselves(path: Path) -> None:
    lines = instructions(path)
    first = next(number for number, line in enumerate(lines) if line.startswith("RUN"))
    told = {"SOURCE_DATE_EPOCH=1565827200", "PYTHONDONTWRITEBYTECODE=1", "PYTHONHASHSEED=0"}
    assert told <= {line.removeprefix("ENV ") for line in lines[:first] if line.startswith("ENV")}


def test_a_base_of_the_world_has_a_digest_or_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "upstream.txt"
    pinned = f"docker.io/library/python@sha256:{'a' * 64}"
    path.write_text(f"# why\n{pinned}\n")
    assert read_upstream(path) == pinned
    path.write_text("# nobody knows one\n")
    assert read_upstream(path) == ""
    for wrong in ("python:3.11-slim-bookworm\n", f"{pinned}\n{pinned}\n"):
        path.write_text(wrong)
        with pytest.raises(BuildError, match="expected one line"):
            read_upstream(path)
    read_upstream()  # ours
