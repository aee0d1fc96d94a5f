from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from calf.model.tolerance import Tolerance, read_tolerance
from driver.checkout import STAGES
from reproducing import witness
from reproducing.comparing import Found, compare, show, tolerances
from reproducing.running import write_specs
from reproducing.variations import Variation, variations

ALLOWED = read_tolerance({"calf.dev/tolerance": '{"/proof*.json": "names commits"}'})


def test_at_least_six_circumstances_differ_from_the_first_run() -> None:
    (first, *others), impossible = variations()
    assert first.prefix == () == first.options
    differing = {each for run in others for each in run.differs}
    assert len(differing) + len(impossible) >= 8
    assert {"one visible core", "time zone", "locale", "order of the photos"} <= differing


def test_specs_are_those_of_the_checkout_but_for_environment_and_workers(tmp_path: Path) -> None:
    variation = Variation("other", (), stage={"TZ": "Asia/Tokyo"}, date={"FAKETIME": "+1d"}, workers=5)
    specs = {path.stem: json.loads(path.read_text()) for path in write_specs(variation, tmp_path / "specs")}
    assert specs.keys() == {*STAGES, witness.NAME}
    assert all(spec["transform"]["env"]["TZ"] == "Asia/Tokyo" for spec in specs.values())
    assert specs["train"]["transform"]["env"]["FAKETIME"] == "+1d"
    assert "FAKETIME" not in specs["evaluate"]["transform"]["env"]
    assert specs["ingest"]["parallelism_spec"] == {"constant": 5}
    assert "parallelism_spec" not in specs["train"]
    assert specs["train"]["transform"]["cmd"] == ["python", "/stage/main.py"]


def test_equal_outputs_are_equal() -> None:
    files = {"/a": b"1", "/b": b"2"}
    assert compare(files, dict(files), Tolerance()) == Found(2, (), {})


def test_files_that_differ_lack_or_are_too_many_are_named_in_order() -> None:
    found = compare({"/a": b"1", "/b": b"2", "/c": b"3"}, {"/a": b"1", "/b": b"x", "/d": b"4"}, Tolerance())
    assert found.differing == ("/b", "/c", "/d")


def test_a_file_that_may_differ_is_told_with_its_reason_and_must_be_there() -> None:
    first = {"/proof.json": b"1", "/proofs.json": b"1"}
    found = compare(first, {"/proof.json": b"2"}, ALLOWED)
    assert found.tolerated == {"/proof.json": "names commits"}
    assert found.differing == ("/proofs.json",)


def test_every_stage_of_the_checkout_says_what_may_differ() -> None:
    allowed = tolerances()
    assert set(STAGES) <= allowed.keys()
    assert allowed["release"].reason("/model/proof.json")
    assert not allowed["train"].reason("/model/weights.safetensors")


@pytest.mark.parametrize(("differing", "same"), [((), True), (("/history.csv",), False)])
def test_the_comparison_names_stage_run_and_file(
    differing: tuple[str, ...], same: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(width=200)
    table = {"train": {"again": Found(4, differing, {"/proof.json": "names commits"})}}
    assert show(table, console) is same
    printed = capsys.readouterr().out
    assert ("differs in again: train:/history.csv" in printed) is not same
    assert "train:/proof.json: names commits" in printed
