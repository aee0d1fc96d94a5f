"""Secrets: parameters say where one is, the stage reads it there, and nothing shows it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr, model_validator

from stagekit.config.errors import BrokenRulesError, ConfigError
from stagekit.config.section import Section

_ADVICE = (
    "a secret's value does not belong in parameters, which are kept for ever; put it into a secret of the "
    "engine and set {key}.env=<NAME> or {key}.file=</path>, as the pipeline's spec gives it"
)


class Secret(Section):
    """Where a stage finds a secret: in a variable or in a file, which the pipeline's spec puts there.

    What is written in the place of a name is told in no message: it may be the secret itself.
    """

    untold: ClassVar[bool] = True
    env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    file: Annotated[str, Field(pattern=r"^/")] | None = None

    @model_validator(mode="before")  # type: ignore[untyped-decorator]  # no types of pydantic here
    @classmethod
    def _is_no_value(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            raise BrokenRulesError(("", _ADVICE))
        return given

    def rules(self) -> Iterator[tuple[str, str]]:
        """A secret is in one place."""
        if (self.env is None) == (self.file is None):
            yield "", "set exactly one of {key}.env=<NAME> and {key}.file=</path>"

    def read(self) -> SecretStr:
        """The secret. Raises `ConfigError` that names the place when there is nothing."""
        if self.env is not None:
            value = os.environ.get(self.env, "")
            place = f"variable {self.env}"
        else:
            path = Path(self.file or "")
            place = f"file {path}"
            try:
                value = path.read_text(encoding="utf-8").rstrip("\n")
            except (OSError, UnicodeDecodeError):
                value = ""
        if not value:
            raise ConfigError(
                f"{place} holds no secret; give it with transform.secrets in the pipeline's spec"
            )
        return SecretStr(value)
