"""What holds for every stage's folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
STAGES = sorted(path.name for path in (ROOT / "stages").iterdir() if (path / "Dockerfile").is_file())
INSTALL = (
    "RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-compile --require-hashes "
    "-r /stage/requirements.lock && seal-venv /opt/venv /stage/requirements.lock"
)
USER = "USER 1000:1000"
"""Also in the sandbox. It stands last: what comes before is made by root, and no stage is to change it."""


def _pinned(lock: Path) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9-]+)==([^\s\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


@pytest.mark.parametrize("stage", STAGES)
def test_a_dockerfile_keeps_to_what_every_image_builder_understands(stage: str) -> None:
    lines = (ROOT / "stages" / stage / "Dockerfile").read_text(encoding="utf-8").splitlines()
    instructions = [line for line in lines if line and not line.startswith("#")]
    plain = re.compile(r"(ARG BASE=\S+|FROM \$\{BASE\}|WORKDIR /stage|ENV \w+=\S+|COPY \S+ /\S+)")
    assert instructions[-1] == USER
    assert [line for line in instructions if not plain.fullmatch(line)] == [INSTALL, USER]


@pytest.mark.parametrize("stage", STAGES)
def test_a_dockerfile_copies_only_what_there_is(stage: str) -> None:
    text = (ROOT / "stages" / stage / "Dockerfile").read_text(encoding="utf-8")
    missing = [path for path in re.findall(r"^COPY (\S+)", text, re.MULTILINE) if not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("stage", STAGES)
def test_every_image_pins_hash_seed_time_zone_and_date(stage: str) -> None:
    text = (ROOT / "stages" / stage / "Dockerfile").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^ENV (\w+)=(\S+)$", text, re.MULTILINE))
    assert {name: pinned.get(name) for name in ("PYTHONHASHSEED", "TZ", "SOURCE_DATE_EPOCH")} == {
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "SOURCE_DATE_EPOCH": "1565827200",
    }


@pytest.mark.parametrize("stage", STAGES)
def test_a_stages_lock_agrees_with_the_development_environment(stage: str) -> None:
    ours = _pinned(ROOT / "stages" / stage / "requirements.lock")
    all_of_them = _pinned(ROOT / "requirements" / "stages.lock")
    assert ours
    assert {name: all_of_them.get(name) for name in ours} == ours


@pytest.mark.parametrize("stage", STAGES)
def test_a_spec_runs_the_stages_image(stage: str) -> None:
    (path,) = {*(ROOT / "pipelines").glob(f"?-{stage}.yaml"), *(ROOT / "pipelines").glob(f"{stage}.yaml")}
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert spec["pipeline"]["name"] == stage
    assert spec["transform"]["image"] == f"calf/{stage}"
    assert spec["transform"]["cmd"] == ["python", "/stage/main.py"]
