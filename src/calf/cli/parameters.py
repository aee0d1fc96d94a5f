"""Kinds of values that options take beyond click's own."""

from __future__ import annotations

import click

from calf.kit import durations


class Seconds(click.ParamType[float]):
    """A duration such as `30s` or `1h30m`, handed over in seconds."""

    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds; fails with a usage error."""
        try:
            return durations.parse(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


SECONDS = Seconds()
