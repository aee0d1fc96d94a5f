"""Commands that hand their arguments to one method and print its answer: what only a cluster has."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from calf.cli.go_flags import Words
from calf.cli.session import Session
from calf.model.errors import InvalidArgument, Unimplemented
from calf.wire.messages import Message


@dataclass(frozen=True, slots=True)
class Passed:
    """One such command."""

    name: str
    help: str
    method: str
    """`enterprise_v2.API/GetState`."""
    arguments: tuple[str, ...] = ()
    """Fields of the request, given by position."""
    document: str = ""
    """The field of the request that is read from a YAML or JSON file."""


class HintingGroup(Words):
    """A group that says what to do instead when the server has nothing of the kind."""

    def __init__(self, instead: str, **options: Any) -> None:
        super().__init__(**options)
        self._instead = instead

    def invoke(self, ctx: click.Context) -> Any:
        """As click does it."""
        with hinting(self._instead):
            return super().invoke(ctx)


def passing_group(name: str, text: str, passed: Iterable[Passed], instead: str) -> click.Group:
    """A group of such commands; `instead` is the hint where the server has nothing of the kind."""
    commands = [_command(each) for each in passed]
    return HintingGroup(instead, name=name, commands=commands, help=f"{text}\n\nNote: {instead}.")


@contextmanager
def hinting(instead: str) -> Iterator[None]:
    """Say what to do instead when the server does not offer what is asked inside."""
    try:
        yield
    except Unimplemented as error:
        raise Unimplemented(error.message, instead) from error


def _command(passed: Passed) -> click.Command:
    @click.pass_obj
    def run(session: Session, /, config: str = "", **values: str) -> None:
        _pass_on(session, passed, values, config)

    parameters: list[click.Parameter] = [click.Argument([name]) for name in passed.arguments]
    if passed.document:
        parameters.append(
            click.Option(
                ["-f", "--config"],
                required=True,
                metavar="FILE",
                help="A YAML or JSON file; - is standard input.",
            )
        )
    return click.Command(passed.name, callback=run, params=parameters, help=passed.help)


def _pass_on(session: Session, passed: Passed, values: dict[str, str], config: str) -> None:
    from calf.wire.documents import from_document, to_document
    from calf.wire.methods import find_method

    path = f"/{passed.method}"
    document: dict[str, Any] = dict(values)
    if config:
        document[passed.document] = read_object(config)
    answer = session.client.call(path, from_document(document, find_method(path).request()))
    shown = {**_plain_states(answer), **to_document(answer)}
    if shown:
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))


def _plain_states(answer: Message) -> dict[str, str]:
    """The names of states that are the first of their kind, which a document leaves out."""
    fields = [field for field in answer.DESCRIPTOR.fields if field.enum_type is not None]
    return {field.name: field.enum_type.values[0].name for field in fields if not getattr(answer, field.name)}


def read_object(source: str) -> dict[str, Any]:
    """The object that a YAML or JSON file holds; `-` is standard input. Raises InvalidArgument."""
    import yaml

    text = sys.stdin.read() if source == "-" else Path(source).read_text()
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidArgument(f"{source}: {error}") from error
    if not isinstance(value, dict):
        raise InvalidArgument(f"{source} holds no object")
    return value
