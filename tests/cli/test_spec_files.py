"""What is said about a bad spec: always the file, the line, the field and what to do."""

from __future__ import annotations

import json
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from calf.cli.session import Session
from calf.cli.spec_files import SpecDocument, parse_specs, read_specs
from calf.cli.spec_text import SpecSource
from calf.model.errors import InvalidSpec

GOOD = """\
pipeline:
  name: edges
transform:
  image: host
  cmd: [python, main.py]
input:
  pfs:
    repo: images
    glob: /*
"""


def write(folder: Path, text: str, name: str = "p.yaml") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def read(path: str, project: str) -> list[SpecDocument]:
    return read_specs(Session({}), SpecSource(path), project)


def test_yaml_json_several_documents_and_lists_are_read(tmp_path: Path) -> None:
    (one,) = read(write(tmp_path, GOOD), "default")
    assert (one.name, json.loads(one.json)["pipeline"]) == (
        "default/edges",
        {"name": "edges", "project": {"name": "default"}},
    )
    two = read(write(tmp_path, f"{GOOD}---\n{GOOD.replace('edges', 'more')}"), "p")
    assert [spec.name for spec in two] == ["p/edges", "p/more"]
    listed = json.dumps([json.loads(one.json), {**json.loads(two[1].json), "$schema": "x"}])
    assert [spec.name for spec in read(write(tmp_path, listed, "p.json"), "q")] == [
        "default/edges",
        "p/more",
    ]


@pytest.mark.parametrize(
    ("old", "new", "says", "hint"),
    [
        ("  cmd:", "  cdm:", 'p.yaml:5:3: transform: unknown field "cdm"', 'did you mean "cmd"?'),
        ("  name: edges", "  project: {name: lab}", "p.yaml:1:1: no pipeline name specified", '"name"'),
        ("glob: /*", "glob: /[", "p.yaml:9:", ""),
        (
            "  name: edges",
            "  name: edges\n  name: more",
            'p.yaml:3:3: pipeline: duplicate key "name"',
            "line 2",
        ),
        (
            "  image: host",
            "  image: &a host",
            "p.yaml:4:10: transform.image: the anchor &a is not allowed",
            "",
        ),
        ("  cmd: [python, main.py]", "  cmd: python", "p.yaml:5:3: transform.cmd: must be a list", ""),
        ("  name: edges", "  name: é", "name (é) invalid", ""),
        ("input:\n  pfs:", "input:\n  atom:", "p.yaml:7:3", "use input.pfs"),
        ("  cmd: [python", "  cmd: [python: x", "p.yaml:5", ""),
    ],
)
def test_mistakes_are_shown_where_they_are(tmp_path: Path, old: str, new: str, says: str, hint: str) -> None:
    assert old in GOOD
    with pytest.raises(InvalidSpec) as caught:
        read(write(tmp_path, GOOD.replace(old, new)), "default")
    assert caught.value.message.startswith("malformed pipeline spec: ")
    assert says in caught.value.message
    assert hint in caught.value.hint


def test_a_mistake_in_the_second_document_stops_the_first(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpec, match=r"p\.yaml:11:1"):
        read(write(tmp_path, f"{GOOD}---\npipelin: x\n"), "default")


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]"])
def test_a_file_without_specs_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidSpec, match="holds no spec"):
        read(write(tmp_path, text), "default")


def test_bytes_are_no_spec(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidSpec, match="is not text"):
        read(str(tmp_path / "p.yaml"), "default")


def test_the_command_exits_with_eight(offline: Any, tmp_path: Path) -> None:
    ended = offline("validate", "pipeline", "-f", write(tmp_path, GOOD.replace("cmd", "cdm")))
    assert ended.code == 8
    assert ended.err.endswith('hint: did you mean "cmd"?\n')
    assert offline("validate", "pipeline", "-f", write(tmp_path, GOOD)).out == "default/edges: valid\n"
    assert offline("create", "pipeline", "-f", str(tmp_path / "nope.yaml")).code == 4


def test_specs_come_from_the_web_and_from_standard_input(tmp_path: Path, offline: Any, answer: Any) -> None:
    write(tmp_path, GOOD)
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        found = offline("validate", "pipeline", "-f", f"{address}/p.yaml")
        missing = offline("validate", "pipeline", "-f", f"{address}/q.yaml")
        server.shutdown()
        thread.join()
    assert found.out == "default/edges: valid\n"
    assert (missing.code, f"{address}/q.yaml: " in missing.err) == (8, True)
    answer(GOOD)
    assert offline("validate", "pipeline").out == "default/edges: valid\n"


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["-f", "x", "--jsonnet", "y"], "cannot set both --file and --jsonnet; exactly one must be set"),
        (["--jsonnet", "y", "--arg", "a"], 'invalid template argument "a": must have form "key=value"'),
        (["-f", "y", "--arg", "a=b"], "--arg is for a template"),
        (["-f", "y", "--push-images"], "calf image build"),
        (["-f", "y", "-r", "docker.io"], "calf image build"),
    ],
)
def test_flags_that_do_not_go_together_are_refused(offline: Any, flags: list[str], says: str) -> None:
    ended = offline("create", "pipeline", *flags)
    assert (ended.code, says in ended.err) == (2, True)


@pytest.mark.parametrize("gap", ["", "\n", " ", "\n\n  "])
def test_json_objects_may_follow_one_another_as_listed_specs_do(tmp_path: Path, gap: str) -> None:
    (one,) = read(write(tmp_path, GOOD), "default")
    three = gap.join(one.json.replace("edges", name) for name in ("a", "b", "c"))
    assert [spec.name for spec in read(write(tmp_path, three, "p.json"), "q")] == [
        "default/a",
        "default/b",
        "default/c",
    ]
    wrong = f"{one.json}\n{one.json.replace('cmd', 'cdm')}"
    with pytest.raises(InvalidSpec, match=r'p\.json:2:\d+: transform: unknown field "cdm"'):
        read(write(tmp_path, wrong, "p.json"), "q")


def test_json_that_is_deeper_than_python_goes_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidSpec, match=r"deep\.json:1:326: .*: more than 64 levels deep"):
        parse_specs('{"a":' * 100_000, "deep.json", "default")
