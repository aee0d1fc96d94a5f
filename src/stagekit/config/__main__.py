"""`python -m stagekit.config`: resolve parameters to the files of the params repo, export their schemas."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from stagekit.config.blocks import all_blocks
from stagekit.config.compose import Choice
from stagekit.config.resolve import resolve, write_params
from stagekit.config.schema import write_schemas
from stagekit.stage import run_stage


def parser() -> argparse.ArgumentParser:
    """Build the command line."""
    top = argparse.ArgumentParser(prog="python -m stagekit.config", description="Parameters of the pipeline.")
    commands = top.add_subparsers(dest="command", required=True)
    resolving = commands.add_parser("resolve", help="write the files of the params repo")
    resolving.add_argument(
        "--templates", type=Path, default=Path("pipelines/params"), help="folder of templates"
    )
    resolving.add_argument(
        "--profile", default="quick", help="quick (default), full, or any folder of templates"
    )
    resolving.add_argument(
        "-f", "--overlay", type=Path, action="append", default=[], help="YAML laid over them"
    )
    resolving.add_argument("-o", "--override", action="append", default=[], metavar="BLOCK.KEY=VALUE")
    resolving.add_argument("--out", type=Path, required=True, help="folder to write to")
    exporting = commands.add_parser("schema", help="write the JSON Schema of every block")
    exporting.add_argument("--out", type=Path, default=Path("pipelines/params/schema"))
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run a command and give its exit code."""
    given = parser().parse_args(arguments)

    def command() -> None:
        if given.command == "schema":
            write_schemas(all_blocks(), given.out)
            return
        choice = Choice(given.templates, given.profile, tuple(given.overlay), tuple(given.override))
        write_params(resolve(choice, all_blocks()), given.out)

    return run_stage(command)


if __name__ == "__main__":
    sys.exit(main())
