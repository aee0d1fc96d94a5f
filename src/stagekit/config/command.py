"""A command line for a pipeline's parameters: resolve them to files, export their schemas."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stagekit.config.block import Block
from stagekit.config.compose import Choice
from stagekit.config.errors import ConfigError
from stagekit.config.resolve import check_file, resolve, write_params
from stagekit.config.schema import write_schemas
from stagekit.stage import run_stage


def parser(templates: Path, name: str) -> argparse.ArgumentParser:
    """Build the command line of the program `name`, whose templates are in a folder by default."""
    top = argparse.ArgumentParser(prog=name, description="Parameters of the pipeline.")
    commands = top.add_subparsers(dest="command", required=True)
    resolving = commands.add_parser("resolve", help="write the files of the params repo")
    resolving.add_argument("--templates", type=Path, default=templates, help="folder of templates")
    resolving.add_argument(
        "--profile", default="quick", help="the folder of templates that is laid over base (default: quick)"
    )
    resolving.add_argument(
        "-f", "--overlay", type=Path, action="append", default=[], help="YAML laid over them"
    )
    resolving.add_argument("-o", "--override", action="append", default=[], metavar="BLOCK.KEY=VALUE")
    resolving.add_argument("--out", type=Path, required=True, help="folder to write to")
    checking = commands.add_parser(
        "check", help="say whether files can be put into the params repo as they are"
    )
    checking.add_argument("files", type=Path, nargs="+", metavar="FILE", help="<block>.yaml")
    exporting = commands.add_parser("schema", help="write the JSON Schema of every block")
    exporting.add_argument("--out", type=Path, default=templates / "schema")
    return top


def run(blocks: Sequence[Block[Any]], templates: Path, name: str, arguments: list[str] | None = None) -> int:
    """Run a command for a pipeline's blocks and give its exit code."""
    given = parser(templates, name).parse_args(arguments)

    def command() -> None:
        if given.command == "schema":
            write_schemas(blocks, given.out)
            return
        if given.command == "check":
            _check(given.files, blocks)
            return
        choice = Choice(given.templates, given.profile, tuple(given.overlay), tuple(given.override))
        write_params(resolve(choice, blocks), given.out)

    return run_stage(command)


def _check(files: Sequence[Path], blocks: Sequence[Block[Any]]) -> None:
    """Check each file, and only then raise what was found in all of them."""
    wrong = []
    for path in files:
        try:
            print(check_file(path, blocks))  # noqa: T201 - the answer of a command
        except ConfigError as error:
            wrong.append(str(error))
    if wrong:
        raise ConfigError("\n".join(wrong))
