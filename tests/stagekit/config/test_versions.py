"""Steps from version to version, and how what goes wrong on the way is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from stagekit.config.block import Block, migrate
from stagekit.config.errors import CannotMigrateError, ConfigError
from stagekit.config.section import Section
from stagekit.parameters import all_blocks


class V1(Section):
    v: Literal[1]
    size: int
    mode: str = "fast"


class Picture(Section):
    side: Annotated[int, Field(le=100)]


class V2(Section):
    v: Literal[2]
    picture: Picture
    speed: str


class V3(Section):
    v: Literal[3]
    picture: Picture
    rate: float

    def rules(self) -> Iterator[tuple[str, str]]:
        if self.rate > self.picture.side:
            yield "rate", "is above the side; set {key} lower"
        if self.picture.side % 2:
            yield "picture.side", "must be even"


def _from_v1(old: V1) -> dict[str, Any]:
    return {"picture": {"side": old.size}, "speed": old.mode}


def _from_v2(old: V2) -> dict[str, Any]:
    rates = {"fast": 9.0, "slow": 1.0}
    if old.speed not in rates:
        raise CannotMigrateError("speed", "only fast and slow have a rate; set {key}=slow")
    return {"picture": old.picture.model_dump(), "rate": rates[old.speed]}


BLOCK = Block(
    "show",
    V3,
    (V1, V2),
    (_from_v1, _from_v2),
    ({"picture.side": "size", "speed": "mode"}, {"rate": "speed"}),
)


def test_an_old_block_is_stepped_up_version_by_version() -> None:
    assert migrate(BLOCK, {"v": 1, "size": 64}, "here").model_dump() == {
        "v": 3,
        "picture": {"side": 64},
        "rate": 9.0,
    }


def test_each_version_is_taken_in_its_own_keys_only() -> None:
    assert migrate(BLOCK, {"v": 2, "picture": {"side": 2}, "speed": "slow"}, "here").rate == 1.0
    with pytest.raises(ConfigError, match=r"show\.rate: unknown key"):
        migrate(BLOCK, {"v": 2, "picture": {"side": 2}, "speed": "slow", "rate": 1.0}, "here")


def test_what_a_later_step_cannot_take_is_told_in_the_users_key_and_version() -> None:
    with pytest.raises(
        ConfigError, match=r"show\.mode \(v 1\) cannot be migrated to v 3: .*set show\.mode=slow"
    ):
        migrate(BLOCK, {"v": 1, "size": 64, "mode": "odd"}, "here")
    with pytest.raises(ConfigError, match=r"show\.speed \(v 2\) cannot .*set show\.speed=slow"):
        migrate(BLOCK, {"v": 2, "picture": {"side": 2}, "speed": "odd"}, "here")


def test_a_value_that_only_the_newer_version_refuses_is_told_in_the_users_key() -> None:
    with pytest.raises(
        ConfigError, match=r"(?s)migrated from v 1 to v 2:.*show\.size: .*got 101; set show\.size="
    ):
        migrate(BLOCK, {"v": 1, "size": 101}, "here")


def test_every_broken_rule_of_the_newer_version_is_told_in_the_users_keys() -> None:
    with pytest.raises(ConfigError) as caught:
        migrate(BLOCK, {"v": 1, "size": 3}, "here")
    assert str(caught.value).splitlines()[1:] == [
        "  show.mode: is above the side; set show.mode lower",
        "  show.size: must be even",
    ]


def test_no_number_is_nan_or_infinite() -> None:
    raw = {"v": 3, "picture": {"side": 2}}
    for value in (float("nan"), float("inf")):
        with pytest.raises(ConfigError, match=r"show\.rate: input should be a finite number"):
            migrate(BLOCK, {**raw, "rate": value}, "here")


@pytest.mark.parametrize("block", all_blocks(), ids=lambda block: block.name)
def test_every_version_of_every_block_is_a_frozen_model_that_names_its_number(block: Block[Any]) -> None:
    for number, model in enumerate(block.models, start=1):
        assert model.model_fields["v"].annotation == Literal[number]
        assert model.model_fields["v"].is_required()
        assert model.model_config["frozen"]
        assert model.model_config["extra"] == "forbid"
