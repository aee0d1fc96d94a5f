from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from omegaconf import OmegaConf
from pydantic import ValidationError

from stagekit.canonical import sha256_file, tree_digests
from stagekit.config.errors import ConfigError
from stagekit.config.load import load_block
from stagekit.config.resolve import Resolved, write_params
from stagekit.ingest.params import INGEST
from stagekit.parameters.__main__ import main

Resolve = Callable[..., Resolved]
TEMPLATES = Path(__file__).parents[3] / "pipelines" / "params"


def test_a_profile_is_laid_over_the_base_and_reaches_other_blocks_by_reference(resolved: Resolve) -> None:
    assert resolved(profile="large").blocks["ingest"]["image_size"] == 256


def test_an_overlay_without_a_version_is_laid_over(resolved: Resolve) -> None:
    assert resolved(overlay={"ingest": {"image_size": 96}}).blocks["ingest"]["seed"] == 7


def test_an_overlay_with_a_version_replaces_the_whole_block(resolved: Resolve) -> None:
    old = {"v": 1, "seed": 3, "size": 96, "mask_filter": "nearest"}
    assert resolved(overlay={"ingest": old}).composed["ingest"] == old


def test_the_record_keeps_what_was_composed_what_came_of_it_and_its_digest(
    resolved: Resolve, tmp_path: Path
) -> None:
    write_params(resolved(), tmp_path)
    composed = yaml.safe_load((tmp_path / "record" / "composed.yaml").read_text(encoding="utf-8"))
    after = yaml.safe_load((tmp_path / "record" / "resolved.yaml").read_text(encoding="utf-8"))
    assert composed["ingest"]["seed"] == "${shared.seed}"
    assert after["ingest"]["seed"] == 7
    digest = (tmp_path / "record" / "digest").read_text(encoding="utf-8")
    assert digest == f"sha256:{sha256_file(tmp_path / 'record' / 'resolved.yaml')}\n"


def test_a_stage_gets_a_frozen_value_from_the_file(resolved: Resolve, tmp_path: Path) -> None:
    write_params(resolved(), tmp_path)
    params = load_block(INGEST, tmp_path / "ingest.yaml")
    assert params.image_size == 64
    with pytest.raises(ValidationError, match="frozen"):
        params.seed = 8


def test_shared_values_are_no_stages_file(resolved: Resolve, tmp_path: Path) -> None:
    write_params(resolved(), tmp_path / "params")
    assert sorted(path.name for path in (tmp_path / "params").iterdir()) == ["ingest.yaml", "record"]


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_the_kept_templates_resolve_twice_to_the_same_bytes(tmp_path: Path, profile: str) -> None:
    for name in ("one", "two"):
        words = [
            "resolve",
            "--templates",
            str(TEMPLATES),
            "--profile",
            profile,
            "--out",
            str(tmp_path / name),
        ]
        assert main(words) == 0
    stages = {"ingest", "split", "train", "tune", "calibrate", "evaluate", "release"}
    digests = tree_digests(tmp_path / "one")
    assert {Path(name).stem for name in digests if "/" not in name} == stages
    assert digests == tree_digests(tmp_path / "two")


def test_a_bad_override_on_the_command_line_exits_with_one_and_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["resolve", "--templates", str(TEMPLATES), "--out", str(tmp_path), "-o", "split.sed=1"]
    assert main(words) == 1
    assert "did you mean 'seed'?" in capsys.readouterr().err


def test_resolving_gives_the_process_its_resolvers_back(resolved: Resolve) -> None:
    resolved()
    assert OmegaConf.has_resolver("oc.env")


def test_a_resolver_that_the_program_registered_is_refused_and_stays(resolved: Resolve) -> None:
    OmegaConf.register_resolver("own", lambda: 64)
    try:
        with pytest.raises(ConfigError, match=r"own.*allowed are: oc\.select"):
            resolved("ingest.image_size=${own:}")
        assert OmegaConf.has_resolver("own")
    finally:
        OmegaConf.clear_resolver("own")
