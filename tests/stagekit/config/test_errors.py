from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stagekit.config.block import migrate
from stagekit.config.compose import read_yaml
from stagekit.config.errors import ConfigError
from stagekit.config.load import load_block
from stagekit.config.resolve import Resolved
from stagekit.errors import StageError
from stagekit.ingest.params import INGEST
from stagekit.release.params import RELEASE
from stagekit.split.params import SPLIT

Resolve = Callable[..., Resolved]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("ingest.image_sice=64", r"ingest\.image_sice: unknown key; did you mean 'image_size'\?"),
        ("ingest.image_size=65", r"ingest\.image_size: .*multiple of 32, got 65"),
        ("ingest.image_size=sixty", r"ingest\.image_size: .*integer, got 'sixty'; set ingest\.image_size="),
        ("ingest.seed=true", r"ingest\.seed: .*integer, got True"),
        ("ingest.v=1", r"the keys of 'ingest' were written in v 2, .* with its own v \(-f\)"),
        ("ingest.size=64", r"ingest\.size: unknown key; since version 2 it is 'image_size'"),
        ("ingest.mask_filter=nearest", r"mask_filter: unknown key; version 1 had it last"),
        ("ingst.seed=3", r"unknown block 'ingst'; did you mean 'ingest'\?"),
        ("ingest.seed", r"write it as block\.key=value"),
        ("ingest.seed=${shared.sed}", r"ingest\.seed: .*shared\.sed"),
        ("ingest.seed=${oc.env:HOME}", r"ingest\.seed: .*oc\.env.*allowed are: oc\.select"),
        ("ingest.seed=${oc.decode:3}", r"ingest\.seed: .*oc\.decode"),
    ],
)
def test_a_bad_override_is_refused_in_the_users_words(resolved: Resolve, override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        resolved(override)


def test_every_problem_of_a_block_is_told_at_once(resolved: Resolve) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved("ingest.image_sice=64", "ingest.image_size=65")
    assert "image_sice" in str(caught.value)
    assert "image_size: " in str(caught.value)


def test_a_problem_names_the_files_and_overrides_that_made_the_block(resolved: Resolve) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved("ingest.image_size=65", "shared.seed=3", overlay={"ingest": {"seed": 1}})
    (first, *_) = str(caught.value).splitlines()
    assert [Path(each).name for each in first.rstrip(":").split(", ")] == [
        "ingest.yaml",
        "overlay.yaml",
        "-o ingest.image_size",
    ]


def test_a_missing_key_says_how_to_set_it() -> None:
    with pytest.raises(
        ConfigError, match=r"ingest\.image_size: required but missing; set ingest\.image_size="
    ):
        migrate(INGEST, {"v": 2, "seed": 1}, "here")


def test_a_block_without_its_version_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"ingest\.v is missing; known: versions 1 to 2; set ingest\.v=2"):
        migrate(INGEST, {"seed": 1}, "here")


def test_a_block_of_a_newer_calf_says_so() -> None:
    with pytest.raises(
        ConfigError, match=r"ingest\.v is 7, of a newer calf than this one, .* versions 1 to 2"
    ):
        migrate(INGEST, {"v": 7, "seed": 1}, "here")


def test_a_key_that_came_later_is_told_with_its_name_of_then() -> None:
    raw = {"v": 1, "seed": 1, "image_size": 64, "mask_filter": "nearest"}
    with pytest.raises(ConfigError, match=r"ingest\.image_size: unknown key; version 2 calls 'size' so"):
        migrate(INGEST, raw, "here")


def test_an_unknown_key_in_a_nested_section_names_the_nearest_there() -> None:
    raw = {"v": 1, "seed": 1, "limits": [{"metric": "ece", "at_mots": 0.1}]}
    with pytest.raises(
        ConfigError, match=r"release\.limits\.0\.at_mots: unknown key; did you mean 'at_most'\?"
    ):
        migrate(RELEASE, raw, "here")


def test_a_broken_rule_between_keys_names_the_key_to_change() -> None:
    shares = {"training": 8, "validation": 1, "calibration": 1, "test": 1}
    raw = {"v": 1, "seed": 1, "shares": shares, "near_duplicates": "together", "max_hash_distance": 4}
    with pytest.raises(ConfigError, match=r"split\.shares: the four shares add up to 11"):
        migrate(SPLIT, {**raw, "max_rejected_share": 0.1}, "here")


def test_an_unknown_profile_names_the_nearest(resolved: Resolve) -> None:
    with pytest.raises(ConfigError, match=r"profile 'larg': .* did you mean 'large'\?"):
        resolved(profile="larg")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "duplicate"),
        ("a: [1\n", "line 2"),
        ("- 1\n", "must be a mapping"),
        ("a: !!python/object:os.system {}\n", "no valid YAML"),
    ],
)
def test_a_file_that_is_no_plain_mapping_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "ingest.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_yaml(path)


def test_a_stage_names_the_file_whose_key_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "ingest.yaml"
    path.write_text("v: 2\nseed: 1\nimage_size: 64\nextra: 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"(?s)ingest\.yaml:.*ingest\.extra: unknown key"):
        load_block(INGEST, path)


def test_a_stage_without_its_parameters_says_which_input_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALF_PFS", str(tmp_path))
    with pytest.raises(StageError, match="input 'params' is missing"):
        load_block(INGEST)
