"""`make specs-check` with what both client libraries say themselves, each in its own environment."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import check_specs
from checking.wire import NEW, OLD, Libraries, ask_libraries
from driver.checkout import ROOT, StepFailedError

pytestmark = pytest.mark.compat

READ_BY_OLD = """
import json, sys
from google.protobuf import json_format
from python_pachyderm.service import pps_proto
for file in sys.argv[1:]:
    try:
        json_format.ParseDict(json.load(open(file)), pps_proto.CreatePipelineRequest())
    except json_format.ParseError as error:
        print(file, repr(str(error)))
"""
READ_BY_NEW = """
import json, sys
from pachyderm_sdk.api.pps import CreatePipelineRequest
for file in sys.argv[1:]:
    said = json.load(open(file))
    read = CreatePipelineRequest().from_dict(said)
    again = CreatePipelineRequest().parse(bytes(read))
    assert again.transform.image == said["transform"]["image"], file
    assert again.pipeline.name == said["pipeline"]["name"], file
"""


@pytest.fixture(scope="module")
def libraries() -> Iterator[Libraries]:
    try:
        yield ask_libraries()
    except StepFailedError as error:
        pytest.skip(str(error))


def test_each_library_knows_what_its_version_has(libraries: Libraries) -> None:
    input_fields, request = "pps_v2.PFSInput", "pps_v2.CreatePipelineRequest"
    assert libraries.new[input_fields] - libraries.old[input_fields] == {15, 16}
    assert libraries.new[request] - libraries.old[request] == {39}
    assert libraries.old[request] - libraries.new[request] == {36}


def test_our_specs_are_read_by_both_libraries(
    libraries: Libraries, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--tag", "1", "--registry", "registry.example", "--to", str(tmp_path)]
    assert check_specs.main(words) == 0, capsys.readouterr().err
    files = sorted(str(path) for path in tmp_path.rglob("*.json"))
    assert len(files) >= 18
    refused = _run(OLD, READ_BY_OLD, files).splitlines()
    assert {Path(line.split(" ")[0]).stem for line in refused} == {"7-release", "8-serve"}
    assert all("propagation_spec" in line for line in refused)
    assert _run(NEW, READ_BY_NEW, files) == ""


def _run(library: str, script: str, files: list[str]) -> str:
    python = ROOT / ".cache/envs" / library / "bin/python"
    done = subprocess.run([python, "-c", script, *files], capture_output=True, text=True, check=True)
    return done.stdout


def test_what_is_wrong_is_said_with_its_place_and_nothing_is_written(
    libraries: Libraries, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "edges.json"
    bad: dict[str, Any] = {
        "pipeline": {"name": "edges"},
        "transform": {"image": "host", "cmd": ["true"]},
        "input": {"pfs": {"repo": "pets", "glob": "/", "calf": True}},
    }
    file.write_text(json.dumps(bad))
    out = tmp_path / "out"
    words = [str(file), "--tag", "1", "--registry", "registry.example", "--to", str(out)]
    assert check_specs.main(words) == 8
    said = capsys.readouterr()
    assert "edges.json:1:" in said.err
    assert 'calf: input.pfs: unknown field "calf"' in said.err
    assert not out.exists()
    bad["transform"] |= {"image": "debian:12"}
    bad["input"] = {"pfs": {"repo": "photos", "glob": "/"}}
    file.write_text(json.dumps(bad))
    assert check_specs.main(words) == 8
    assert "nobody makes a repo photos" in capsys.readouterr().err
    assert check_specs.main([*words, "--repo", "photos"]) == 0
    file.write_text("{")
    assert check_specs.main([str(file)]) == 8
    assert "edges.json:2:1: " in capsys.readouterr().err


def test_images_without_digests_fail_the_check_unless_a_tag_stands_in(
    libraries: Libraries, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--digests", str(tmp_path / "none.lock")]
    assert check_specs.main(words) == 8
    said = capsys.readouterr()
    assert "none.lock is not there" in said.err
    assert said.err.count("error: ") == 1
    assert check_specs.main([*words, "--tag", "latest"]) == 8
    assert "is whatever was pushed last" in capsys.readouterr().err
    assert check_specs.main([*words, "--tag", "1.0"]) == 0
    assert "calf/ingest:1.0" in capsys.readouterr().out
