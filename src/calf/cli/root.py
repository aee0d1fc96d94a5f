"""The root of all commands, and the one place that turns errors into messages and exit codes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import click

from calf.cli.candidates import ASKED_BY_SHELL, complete
from calf.cli.global_flags import add_global_flags
from calf.cli.groups import Root
from calf.cli.session import Session
from calf.kit import exit_codes
from calf.model.errors import CalfError


@click.command(
    cls=Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=exit_codes.LEGEND,
)
@click.option("--version", is_flag=True, help="Print the version of this pachctl.")
@click.pass_context
def root(ctx: click.Context, version: bool) -> None:
    """Versioned data and data-driven pipelines.

    \b
    pachctl create repo images
    pachctl put file -r images@master:/ -f ./photos
    pachctl create pipeline -f edges.yaml
    pachctl wait job edges@COMMIT
    pachctl get file -r edges@master:/ -o ./edges

    The server is $PACHD_ADDRESS, else that of the active context (`pachctl connect`), else localhost:30650.
    """
    session = ctx.ensure_object(Session)
    ctx.call_on_close(session.close)
    if ctx.color is None:
        ctx.color = wants_colour(session.environ)
    if version:
        click.echo(f"pachctl calf {own_version()}")
    elif ctx.invoked_subcommand is None:
        raise click.exceptions.NoArgsIsHelpError(ctx)


add_global_flags(root, hidden=False)


def wants_colour(environ: Mapping[str, str]) -> bool | None:
    """Whether to colour: True or False as the environment says, None to go by the terminal."""
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return True if environ.get("FORCE_COLOR") else None


def own_version() -> str:
    """The version of calf that this pachctl belongs to."""
    from importlib import metadata

    return metadata.version("calf")


def run(args: Sequence[str]) -> int:
    """Run a command, in this process, and return its exit code."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what it says of connections we say in our own words
    arguments = list(args)
    if os.environ.get(ASKED_BY_SHELL):
        for item in complete(root, arguments[:-1], "".join(arguments[-1:])):
            click.echo(item.value)
        return exit_codes.OK
    return _run([*arguments[1:], "--help"] if arguments[:1] == ["help"] else arguments)


def _run(arguments: list[str]) -> int:
    complain = partial(_complain, False if "--no-color" in arguments else wants_colour(os.environ))
    try:
        result = root.main(arguments, prog_name="pachctl", standalone_mode=False)
        return result if isinstance(result, int) else exit_codes.OK
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        click.echo("error: interrupted", err=True)
        return exit_codes.INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return exit_codes.USAGE
    except click.ClickException as error:
        return complain(error.format_message(), _usage(error), exit_codes.USAGE)
    except CalfError as error:
        return complain(error.message, error.hint, exit_codes.BY_CATEGORY[error.category])
    except KeyboardInterrupt:
        return exit_codes.INTERRUPTED
    except UnicodeEncodeError as error:
        return complain(f"{error.object[:200]} is not text in UTF-8", "rename it", exit_codes.USAGE)
    except OSError as error:
        return complain(_os_error(error), _path_hint(error), exit_codes.of_os_error(error))
    except Exception as error:  # noqa: BLE001 - the top of the command line: one line instead of a traceback
        return _unexpected(complain, error, arguments)


def _complain(colour: bool | None, message: str, hint: str, code: int) -> int:
    click.echo(f"{click.style('error:', fg='red', bold=True)} {_tame(message)}", err=True, color=colour)
    if hint:
        click.echo(f"{click.style('hint:', fg='cyan')} {_tame(hint)}", err=True, color=colour)
    return code


def _tame(text: str) -> str:
    """The text without what would steer a terminal: names in it may be anybody's."""
    if text.isprintable():
        return text
    from calf.views.words import printable

    return "".join(part if part in "\n\t" else printable(part) for part in re.split("([\n\t])", text))


def _usage(error: click.ClickException) -> str:
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"`{error.ctx.command_path} --help` explains it"
    return ""


def _os_error(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def _path_hint(error: OSError) -> str:
    if not isinstance(error, FileNotFoundError | PermissionError) or not error.filename:
        from calf.kit.atomic import disk_failure

        failure = disk_failure(error)
        return failure.hint if failure else ""
    start = "" if str(error.filename).startswith("/") else f", which starts at {_here()}"
    return f"check the path{start}"


def _here() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return "a folder that was removed"


def _unexpected(complain: Callable[[str, str, int], int], error: Exception, arguments: Sequence[str]) -> int:
    if "-v" in arguments or "--verbose" in arguments:
        import traceback

        traceback.print_exception(error)
    return complain(
        f"unexpected {type(error).__name__}: {error}", "run it with -v for the traceback", exit_codes.FAILURE
    )
