"""The instructions that are understood, and what is said about the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from calf.model.errors import InvalidArgument
from calf.runner.images.dockerfile import Copy, Recipe, read_dockerfile

INSTALL = "RUN python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes -r /stage/r.lock"


def read(folder: Path, text: str) -> Recipe:
    path = folder / "Dockerfile"
    path.write_text(text)
    return read_dockerfile(path)


def test_all_instructions(tmp_path: Path) -> None:
    recipe = read(
        tmp_path,
        "# one\nARG BASE=python:3.11\nfrom ${BASE}\n\nWORKDIR /stage\n"
        "ENV A=1 B='two words'\nENV C=$A-${B}\n"
        f"COPY a.py b.py ./\nCOPY lib /stage/lib\n{INSTALL}\n",
    )
    assert recipe == Recipe(
        base="python:3.11",
        workdir="/stage",
        env={"A": "1", "B": "two words", "C": "1-two words"},
        copies=(
            Copy("a.py", "/stage", True, 8),
            Copy("b.py", "/stage", True, 8),
            Copy("lib", "/stage/lib", False, 9),
        ),
        venv="/opt/venv",
        lock="/stage/r.lock",
    )


def test_continued_lines_and_comments_between_them(tmp_path: Path) -> None:
    recipe = read(tmp_path, "FROM x\nENV A=1 \\\n# why\n    B=2\nENV C=3")
    assert recipe.env == {"A": "1", "B": "2", "C": "3"}


def test_path_can_be_extended(tmp_path: Path) -> None:
    assert (
        read(tmp_path, "FROM x\nENV PATH=/opt/venv/bin:$PATH")
        .env["PATH"]
        .startswith("/opt/venv/bin:/usr/local")
    )


def test_sealing_and_the_user_are_the_container_s_and_change_nothing_in_the_sandbox(tmp_path: Path) -> None:
    plain = read(tmp_path, f"FROM x\n{INSTALL}\n")
    assert (
        read(tmp_path, f"FROM x\n{INSTALL} && seal-venv /opt/venv /stage/r.lock\nUSER 1000:1000\n") == plain
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("EXPOSE 80", "the instruction EXPOSE is not understood here"),
        ("RUN apt-get install -y curl", "this RUN is not understood here"),
        ("RUN pip install x", "this RUN is not understood here"),
        (INSTALL.replace(" --require-hashes", ""), "pip runs without --require-hashes"),
        (INSTALL.replace("--require-hashes", "--require-hashes --pre"), "pip's --pre is not understood here"),
        (INSTALL.replace("/opt/venv", "/usr/venv"), "this RUN is not understood here"),
        (f"{INSTALL}\n{INSTALL}", "there is a second RUN"),
        ("FROM y", "there is a second FROM"),
        ("COPY --from=0 a /stage/a", "COPY with --from=0 is not understood here"),
        ("COPY a", "COPY needs a source and a target"),
        ("COPY a /usr/bin/a", "/usr/bin/a is not a place for a stage's files"),
        ("COPY a /stage/../etc/passwd", "is not a place for a stage's files"),
        ("COPY a /pfs/x", "is not a place for a stage's files"),
        ("COPY 'a /stage/a", "the quotes do not match"),
        ("ENV A", "is not of the form NAME=value"),
        ("ENV A=$UNKNOWN", r"\$UNKNOWN has no value"),
        ("WORKDIR /etc", "/etc is not a place"),
        ("ARG 1-2=3", "names nothing"),
        ("USER root", "USER root is not whom the sandbox has"),
        (f"{INSTALL} && seal-venv /opt/other /stage/r.lock", "this RUN is not understood here"),
        (f"{INSTALL} && rm -rf /", "this RUN is not understood here"),
    ],
)
def test_what_is_not_understood_is_said_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message) as caught:
        read(tmp_path, f"FROM x\n{line}\n")
    assert f"{tmp_path}/Dockerfile:{2 + line.count(chr(10))}: " in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "message"), [("", "there is no FROM"), ("ENV A=1\nFROM x", "ENV stands before FROM")]
)
def test_from_comes_first(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        read(tmp_path, text)
