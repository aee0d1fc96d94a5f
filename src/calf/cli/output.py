"""How records are shown: as tables for people, or raw, as JSON or YAML documents, for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from calf.cli.table import print_table
from calf.model.errors import InvalidArgument
from calf.wire.messages import Message


@dataclass(frozen=True, slots=True)
class Output:
    """What the user asked for."""

    raw: bool = False
    format: str = "json"
    full_timestamps: bool = False

    def records(
        self,
        headers: Sequence[str],
        messages: Iterable[Message],
        row: Callable[[Message], Sequence[str]],
        *,
        streamed: bool = False,
    ) -> None:
        """Print messages as a table, a row each, or raw; `streamed` when they come over time."""
        if self.raw:
            self.documents(messages)
        else:
            print_table(headers, map(row, messages), streamed=streamed)

    def documents(self, messages: Iterable[Message]) -> None:
        """Print messages raw: one document each, not an array."""
        for message in messages:
            click.echo(render(message, self.format), nl=False)


def render(message: Message, form: str) -> str:
    """A message as a JSON document, or as a YAML one with its separator."""
    from calf.wire.documents import to_document

    document = to_document(message)
    if form == "yaml":
        import yaml

        return f"---\n{yaml.safe_dump(document, sort_keys=False, allow_unicode=True)}"
    import json

    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def output_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--raw`, `-o` and `--full-timestamps`, handed over as `output: Output`.

    `--no-pager` is taken too: nothing of ours goes through a pager.
    """

    @click.option("--raw", is_flag=True, help="Print the API's own records instead of a table.")
    @click.option(
        "-o",
        "--output",
        "form",
        type=click.Choice(["json", "yaml"]),
        help="Format of --raw: json (default) or yaml.",
    )
    @click.option(
        "--full-timestamps", is_flag=True, help="Show times as RFC 3339 instead of `3 minutes ago`."
    )
    @click.option(
        "--no-pager", is_flag=True, expose_value=False, help="Taken for scripts: there is no pager."
    )
    @wraps(function)
    def with_output(*args: Any, raw: bool, form: str | None, full_timestamps: bool, **kwargs: Any) -> Any:
        if form and not raw:
            raise InvalidArgument("cannot set --output (-o) without --raw", "add --raw")
        return function(*args, output=Output(raw, form or "json", full_timestamps), **kwargs)

    return with_output
