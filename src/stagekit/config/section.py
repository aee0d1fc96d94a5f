"""What every parameter model is: frozen, strict, without unknown keys, with rules across keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from stagekit.config.errors import BrokenRuleError


class Section(BaseModel):  # type: ignore[misc]  # pydantic is no part of the environment that mypy runs in
    """A mapping of parameters. Subclasses declare fields, and may override `rules`.

    A value of the wrong type is an error, never a conversion: `"3"` is no integer. Lists become tuples.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield (key, what is wrong and what to set) for every rule between keys that is broken."""
        yield from ()

    def model_post_init(self, context: Any) -> None:  # noqa: ARG002 - the name is pydantic's
        """Check the rules once the fields are valid."""
        for key, advice in self.rules():
            raise BrokenRuleError(key, advice)
