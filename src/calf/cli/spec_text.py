"""Where the text of specs comes from: a file, standard input, the web, or a jsonnet template that the server
renders."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calf.model.errors import InvalidArgument, InvalidSpec

if TYPE_CHECKING:
    from calf.cli.session import Session

MALFORMED = "malformed pipeline spec"
_WEB = ("http://", "https://")
_LONGEST = 1 << 20
_TIMEOUT = 30.0
_OUR_TEMPLATE = re.compile(r"\btemplate:(?=\d)")


@dataclass(frozen=True, slots=True)
class SpecSource:
    """What the user named: a file (or an address; `-` is standard input), or a template and its arguments."""

    file: str = "-"
    jsonnet: str = ""
    arguments: tuple[tuple[str, str], ...] = ()

    def read(self, session: Session) -> tuple[str, str]:
        """The text of the specs, and the name that stands for it in complaints."""
        if not self.jsonnet:
            return self.read_here()
        from calf.wire.messages import pps

        request = pps.RenderTemplateRequest(template=_fetch(self.jsonnet), args=dict(self.arguments))
        try:
            return self.jsonnet, str(session.client.pps.RenderTemplate(request).json)
        except InvalidArgument as error:  # the server knows the text, but not where it stands
            error.message = _OUR_TEMPLATE.sub(f"{self.jsonnet}:", error.message)
            raise

    def read_here(self) -> tuple[str, str]:
        """As `read`, for a source that is no template: no server is asked."""
        return ("<stdin>", sys.stdin.read()) if self.file == "-" else (self.file, _fetch(self.file))


def spec_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `-f`, `--jsonnet` and `--arg`, handed over as `source: SpecSource`."""
    from functools import wraps

    @click.option(
        "-f",
        "--file",
        "file",
        metavar="FILE",
        help="YAML or JSON: a path or an address; default: standard input.",
    )
    @click.option("--jsonnet", metavar="FILE", help="A jsonnet template, rendered to one or more specs.")
    @click.option(
        "--arg", "pairs", multiple=True, metavar="KEY=VALUE", help="An argument of the template; repeatable."
    )
    @wraps(function)
    def with_source(
        *args: Any, file: str | None, jsonnet: str | None, pairs: tuple[str, ...], **kwargs: Any
    ) -> Any:
        return function(*args, source=_source(file, jsonnet, pairs), **kwargs)

    return with_source


def _source(file: str | None, jsonnet: str | None, pairs: Sequence[str]) -> SpecSource:
    if file and jsonnet:
        raise click.UsageError("cannot set both --file and --jsonnet; exactly one must be set")
    if pairs and not jsonnet:
        raise click.UsageError("--arg is for a template; name it with --jsonnet")
    return SpecSource(file or "-", jsonnet or "", tuple(map(_argument, pairs)))


def _argument(pair: str) -> tuple[str, str]:
    key, equals, value = pair.partition("=")
    if not equals or not key:
        raise click.UsageError(f'invalid template argument "{pair}": must have form "key=value"')
    return key, value


def _fetch(name: str) -> str:
    if Path(name).is_dir():
        raise InvalidArgument(
            f"{name} is a directory", "name a file with a spec, or several with one -f each"
        )
    data = _download(name) if name.startswith(_WEB) else Path(name).read_bytes()
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InvalidSpec(f"{MALFORMED}: {name} is not text", "specs are YAML or JSON in UTF-8") from error


def _download(address: str) -> bytes:
    from urllib.error import URLError
    from urllib.request import urlopen

    try:
        with urlopen(address, timeout=_TIMEOUT) as response:  # noqa: S310 - only http and https come here
            data: bytes = response.read(_LONGEST + 1)
    except URLError as error:
        raise InvalidSpec(f"{address}: {error.reason}", "check the address") from error
    return data
