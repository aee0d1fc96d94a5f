"""A secret is no parameter: a block says where one is, and no message, file or `repr` shows what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
import yaml
from pydantic import SecretStr

from stagekit.config.block import Block, migrate
from stagekit.config.compose import Choice
from stagekit.config.errors import ConfigError
from stagekit.config.resolve import resolve, write_params
from stagekit.config.secret import Secret
from stagekit.config.section import Section

CANARY = "canary-8c1f-in-parameters"


class Registry(Section):
    address: str
    token: Secret


class Publish(Section):
    v: Literal[1]
    registry: Registry


PUBLISH = Block("publish", Publish)
PLACED = {"v": 1, "registry": {"address": "here", "token": {"env": "HUB_TOKEN"}}}


def choice(folder: Path, *overrides: str) -> Choice:
    for group, body in (("base", PLACED), ("quick", {})):
        (folder / group).mkdir(parents=True)
        (folder / group / "publish.yaml").write_text(yaml.safe_dump(body), encoding="utf-8")
    return Choice(folder, overrides=overrides)


@pytest.mark.parametrize(
    "override",
    [
        f"publish.registry.token={CANARY}",
        f"publish.registry.token.env={CANARY}",
        f"publish.registry.token.file={CANARY}",
        f"publish.registry.token.value={CANARY}",
        f"publish.registry={CANARY}",
        f"publish.registry=[{CANARY}]",
        f"publish.registry.token.env=[{CANARY}",
    ],
)
def test_a_secret_in_the_place_of_its_name_is_refused_and_not_repeated(tmp_path: Path, override: str) -> None:
    with pytest.raises(ConfigError, match=r"publish\.registry") as caught:
        resolve(choice(tmp_path, override), (PUBLISH,))
    assert CANARY not in str(caught.value)


def test_a_plain_secret_is_told_where_secrets_belong(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"set publish\.registry\.token\.env=<NAME>"):
        resolve(choice(tmp_path, f"publish.registry.token={CANARY}"), (PUBLISH,))


def test_the_stage_reads_it_from_its_environment_and_no_file_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_TOKEN", CANARY)
    write_params(resolve(choice(tmp_path / "templates"), (PUBLISH,)), tmp_path / "out")
    token = migrate(PUBLISH, PLACED, "here").registry.token
    assert token.read().get_secret_value() == CANARY
    assert CANARY not in f"{token} {token!r} {token.read()} {token.read()!r} {token.read().__dict__.keys()}"
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"HUB_TOKEN" in written
    assert CANARY.encode() not in written


def test_a_secret_may_lie_in_a_mounted_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{CANARY}\n", encoding="utf-8")
    assert Secret(file=str(tmp_path / "token")).read() == SecretStr(CANARY)


def test_a_secret_that_is_not_there_names_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_TOKEN", raising=False)
    with pytest.raises(ConfigError, match="variable HUB_TOKEN holds no secret"):
        Secret(env="HUB_TOKEN").read()
    with pytest.raises(ConfigError, match="holds no secret"):
        Secret(file=str(tmp_path / "none")).read()


def test_a_secret_has_one_place() -> None:
    raw = {"v": 1, "registry": {"address": "here", "token": {}}}
    with pytest.raises(ConfigError, match=r"set exactly one of publish\.registry\.token\.env="):
        migrate(PUBLISH, raw, "here")


def test_a_block_cannot_be_declared_with_the_secret_itself() -> None:
    with pytest.raises(TypeError, match=r"Wrong\.password: a secret is no parameter"):

        class Wrong(Section):
            password: SecretStr | None = None
