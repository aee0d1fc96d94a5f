"""What every parameter model is: frozen, strict, without unknown keys, with rules across keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, SecretBytes, SecretStr

from stagekit.config.errors import BrokenRulesError


class Section(BaseModel):  # type: ignore[misc]  # pydantic is no part of the environment that mypy runs in
    """A mapping of parameters. Subclasses declare fields, and may override `rules`.

    A value of the wrong type is an error, never a conversion: `"3"` is no integer, and no number is NaN or
    infinite. Lists become tuples. Parameters are written down, so a secret cannot be one: a field of such a
    type is refused when the class is made; `stagekit.config.secret.Secret` says where a secret is.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True, allow_inf_nan=False
    )
    untold: ClassVar[bool] = False
    """Whether messages leave out what was given, since it may be a secret by mistake."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_options: Any) -> None:
        """Refuse fields whose values must not be written down."""
        for name, field in cls.model_fields.items():
            if {SecretStr, SecretBytes} & set(_kinds(field.annotation)):
                raise TypeError(
                    f"{cls.__name__}.{name}: a secret is no parameter; declare a Secret, its place"
                )

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield (key, what is wrong and what to set) for every rule between keys that is broken."""
        yield from ()

    def model_post_init(self, context: Any) -> None:  # noqa: ARG002 - the name is pydantic's
        """Check the rules once the fields are valid."""
        broken = tuple(self.rules())
        if broken:
            raise BrokenRulesError(*broken)


def _kinds(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _kinds(inner)
