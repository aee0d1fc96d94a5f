"""Options that Pachyderm had once: they say what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click


def retired_options(texts: Mapping[str, str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds options that only say these texts, hidden from the help."""

    def with_options(function: Callable[..., Any]) -> Callable[..., Any]:
        for name, text in texts.items():
            function = click.option(name, hidden=True, expose_value=False, callback=_refuse(text))(function)
        return function

    return with_options


def _refuse(text: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def refuse(_ctx: click.Context, _option: click.Parameter, value: Any) -> None:
        if value is not None:
            raise click.UsageError(text)

    return refuse
